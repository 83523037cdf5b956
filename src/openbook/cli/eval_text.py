"""``openbook eval text``: overlap measures of texts against references."""

from enum import StrEnum
from typing import Annotated

import typer

from openbook.cli.options import AsJson


class Tokens(StrEnum):
    """How BLEU cuts texts."""

    wmt = "13a"
    international = "intl"
    characters = "char"
    blanks = "none"


class Smoothing(StrEnum):
    """What stands for an order of n-grams that nothing matches."""

    exp = "exp"
    floor = "floor"
    add_k = "add-k"
    none = "none"


def text(
    hypotheses: Annotated[str, typer.Argument(metavar="HYP", help="The texts to judge, one a line; `-`: piped in.")],
    references: Annotated[list[str], typer.Argument(metavar="REF...", help="Their references, line by line.")],
    measure: Annotated[
        list[str] | None,
        typer.Option("--measure", "-m", metavar="NAME", help="bleu, chrf, chrf++, rouge1 … rougeLsum; by default all."),
    ] = None,
    tokens: Annotated[Tokens, typer.Option(help="BLEU: how texts are cut.")] = Tokens.wmt,
    smoothing: Annotated[Smoothing, typer.Option(help="BLEU: what stands for no match.")] = Smoothing.exp,
    lowercase: Annotated[bool, typer.Option("--lowercase", help="BLEU and chrF: capitals do not count.")] = False,
    stem: Annotated[bool, typer.Option("--stem", help="ROUGE: words by Porter's stems.")] = False,
    worst: Annotated[int, typer.Option(metavar="N", min=0, max=100, help="Show the N texts that score least.")] = 3,
    as_json: AsJson = False,
) -> None:
    """BLEU, chrF and ROUGE of texts against one or more references, with 95 % intervals and signatures.

    Equal to sacreBLEU and rouge_score. Files are UTF-8, one text a line.
    """
    from dataclasses import asdict

    from openbook.cli.eval_input import judged
    from openbook.cli.show_eval import show_measured
    from openbook.cli.typed import print_json

    texts, found = judged(
        hypotheses, references, measure, tokens.value, smoothing.value, lowercase=lowercase, stem=stem
    )
    if as_json:
        print_json({"texts": len(texts), "measures": [asdict(one) for one in found]})
    else:
        show_measured(texts, found, worst)
