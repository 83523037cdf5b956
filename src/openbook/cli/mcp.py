"""``openbook mcp``: a folder of documents offered to other assistants, and a look at what another server offers."""

from pathlib import Path
from typing import Annotated

import typer

from openbook.cli.options import AsJson, IndexPath, StoreSpec, share

app = typer.Typer(
    rich_markup_mode="markdown",
    invoke_without_command=True,
    help="""Offer a folder to other assistants over MCP: they can ask it, search it, and quote from it.

Without a command it serves on standard input and output, for a client that starts it; with --http on a port of this
machine alone.""",
    epilog="""Examples:

`openbook mcp --docs handbook/`

`openbook mcp --docs contracts/ --docs notes.md --http 8765`

`openbook mcp tools "uvx some-server"`""",
)


@app.callback()
def serve(
    context: typer.Context,
    docs: Annotated[
        list[str] | None,
        typer.Option("--docs", metavar="SOURCE", help="A folder, file or page to offer; may be given again."),
    ] = None,
    index: IndexPath = None,
    store: StoreSpec = None,
    threshold: Annotated[
        float | None,
        typer.Option(
            metavar="0..1",
            callback=share,
            help="Least confidence that is answered; 0 always gives the best found.",
            show_default="as calibrated",
        ),
    ] = None,
    http: Annotated[
        int | None,
        typer.Option("--http", metavar="PORT", min=0, max=65_535, help="Serve HTTP on 127.0.0.1; 0 takes a free port."),
    ] = None,
) -> None:
    if context.invoked_subcommand is not None:
        return
    from openbook.cli.serving_mcp import run_server

    run_server(docs, index, store, threshold, http)


@app.command()
def tools(
    server: Annotated[
        str, typer.Argument(metavar="[NAME=]SERVER", help="A command, an http(s) address, or a .toml file.")
    ],
    accept: Annotated[
        bool, typer.Option("--accept", help="You have read it: its words may be shown to a planner from now on.")
    ] = False,
    capabilities: Annotated[
        Path | None,
        typer.Option(
            "--write", metavar="FILE.toml", help="Write a file to say in what each tool may do.", show_default=False
        ),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Show what a server offers, as it says it, and what its tools may do here.

    A listing that is not what it was is marked; an agent refuses such a server until --accept.

    Exit code: 0 shown, 1 the listing changed and is not accepted, 2 the server cannot be used.
    """
    from openbook.cli.listing_mcp import run_listing

    run_listing(server, accept=accept, write=capabilities, as_json=as_json)
