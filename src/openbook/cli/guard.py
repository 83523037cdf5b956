"""``openbook guard``: what in a text is not what a reader takes it for."""

from enum import StrEnum
from typing import Annotated

import typer

from openbook.cli.options import AsJson, Page

app = typer.Typer(
    no_args_is_help=True,
    rich_markup_mode="markdown",
    help="Look for instructions to a model, hidden text and addresses that carry data out.",
    epilog="""Examples:

`openbook guard scan downloads/`

`curl -s https://example.org | openbook guard scan - --json`""",
)


class Kind(StrEnum):
    """How a text is shown to its readers."""

    text = "text"
    html = "html"
    markdown = "markdown"


@app.callback()
def _group() -> None:  # pyright: ignore[reportUnusedFunction]  # keeps `scan` a command of its own
    pass


@app.command()
def scan(
    path: Annotated[str, typer.Argument(metavar="PATH", help="A folder or file; `-` reads standard input.")],
    kind: Annotated[
        Kind | None,
        typer.Option(help="How the text is shown, where the name does not say it.", show_default="by name and content"),
    ] = None,
    read: Annotated[
        bool,
        typer.Option(
            "--read/--no-read", help="Let the injection detector read; without, rules alone, and all hidden words."
        ),
    ] = True,
    out: Page = None,
    as_json: AsJson = False,
) -> None:
    """Find instructions to a model, hidden characters and text, encoded payloads, and addresses that carry data out.

    Exit code: 0 nothing found, 1 something found, 2 bad usage or input.
    """
    from openbook.cli.page_out import check_page, write_page
    from openbook.cli.progress import counted
    from openbook.cli.scanning import scanned
    from openbook.cli.show_scan import as_data, sections, show_scan
    from openbook.cli.typed import print_json

    check_page(out)
    detector = None
    if read:
        from openbook.encode.injection import open_injection

        detector = open_injection()
    with counted("scanning", quiet=as_json) as show:
        found = scanned(path, None if kind is None else kind.value, detector, show)
    if out is not None:
        write_page(out, f"Scan of {path}", sections(found))
    if as_json:
        print_json(as_data(found))
    else:
        show_scan(found)
    raise typer.Exit(1 if found.placed else 0)
