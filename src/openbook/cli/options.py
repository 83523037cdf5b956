"""The options that several commands share, each said once."""

from pathlib import Path
from typing import Annotated, TypeAlias

import typer

from openbook.cli.index_words import offered

Sources: TypeAlias = Annotated[
    list[str] | None,
    typer.Argument(
        metavar="[SOURCE]...",
        help="Folders, files or http(s) pages.  [default: this folder]",
        show_default=False,
        autocompletion=offered,
    ),
]
IndexPath: TypeAlias = Annotated[
    Path | None,
    typer.Option(
        "--index", metavar="PATH", help="The index file; by default one for these sources in your cache folder."
    ),
]
StoreSpec: TypeAlias = Annotated[
    str | None,
    typer.Option("--store", metavar="KIND:WHERE", help="sqlite:PATH, milvus:FILE.db or milvus:http://HOST:PORT."),
]
AsJson: TypeAlias = Annotated[bool, typer.Option("--json", help="Print everything as JSON, for machines.")]
Page: TypeAlias = Annotated[
    Path | None,
    typer.Option("--out", metavar="FILE.html", help="Also write everything as one page.", show_default=False),
]
Save: TypeAlias = Annotated[
    Path | None,
    typer.Option(
        "--save",
        metavar="FILE.jsonl",
        help="Keep what comes back as it comes: the same command goes on from there.",
        show_default=False,
    ),
]
Model: TypeAlias = Annotated[
    str | None,
    typer.Option(
        metavar="MODEL",
        help="Let a model draft the answer, of which only what a passage backs is kept: writer, onnx:FOLDER, "
        "torch:FOLDER, or http(s)://HOST:PORT/v1#MODEL.",
        show_default=False,
    ),
]
Update: TypeAlias = Annotated[bool, typer.Option("--update", help="Take up changed files before answering.")]
Passages: TypeAlias = Annotated[int, typer.Option("-k", min=1, max=100, help="Passages to look at.")]


def share(value: float | None) -> float | None:
    """A number from 0 to 1 or none; NaN, which compares as neither less nor more, is refused as such."""
    if value is not None and not 0.0 <= value <= 1.0:
        raise typer.BadParameter(f"{value} is not a number from 0 to 1")
    return value
