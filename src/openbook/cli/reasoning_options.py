"""What ``openbook reason`` and ``openbook eval reasoning`` ask alike, said once."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated, TypeAlias

import typer


class StrategyName(StrEnum):
    """As ``openbook.generate.reasoning.by_name`` names them."""

    direct = "direct"
    cot = "cot"
    few_shot = "few-shot"
    few_shot_answers = "few-shot-answers"
    self_consistency = "self-consistency"
    best_of_n = "best-of-n"


class ReadingName(StrEnum):
    """How an answer is read from a text."""

    number = "number"
    words = "words"
    choice = "choice"
    yes_no = "yes-no"


Model: TypeAlias = Annotated[
    str,
    typer.Argument(metavar="MODEL", help="onnx:FOLDER, torch:FOLDER, or http(s)://HOST:PORT/v1#MODEL of a server."),
]
Texts: TypeAlias = Annotated[
    int, typer.Option("--n", min=1, max=256, help="Texts that self-consistency and best-of-n draw.")
]
Examples: TypeAlias = Annotated[
    Path | None,
    typer.Option(
        metavar="FILE.jsonl",
        help='Worked examples, {"question": …, "steps": …, "answer": …} a line: few-shot needs them, and votes then '
        "follow them.",
        show_default=False,
    ),
]
HowRead: TypeAlias = Annotated[ReadingName, typer.Option("--reading", help="What an answer is.")]
Longest: TypeAlias = Annotated[int, typer.Option("--max-tokens", min=1, metavar="N", help="The most of one text.")]
Temperature: TypeAlias = Annotated[
    float, typer.Option(help="Of self-consistency and best-of-n; the others take the likeliest token.")
]
Seed: TypeAlias = Annotated[int, typer.Option(min=0, help="The same seed draws the same texts.")]
