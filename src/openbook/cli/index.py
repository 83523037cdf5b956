"""``openbook index``: make an index, keep it up to date, copy it to another store."""

from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from openbook.cli.index_words import SHORT, refuse_two_meanings
from openbook.cli.options import AsJson, IndexPath, Sources, StoreSpec


class _FoldersFirst(TyperGroup):
    """``openbook index DIR`` means ``openbook index update DIR``: whatever is no command is taken for a source."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        if args and args[0] in self.commands:
            if not ctx.resilient_parsing:  # as the shell asks what could follow
                refuse_two_meanings(args)
        elif not args or args[0] not in ("-h", "--help"):
            ctx.meta[SHORT] = True
            args = ["update", *args]
        return super().parse_args(ctx, args)


app = typer.Typer(
    cls=_FoldersFirst,
    rich_markup_mode="markdown",
    help="""Make an index, keep it up to date, or copy it to another store.

`openbook index DIR` is short for `openbook index update DIR`.""",
    epilog="""Examples:

`openbook index notes/`

`openbook index notes/ --watch`

`openbook index copy sqlite:notes.sqlite milvus:notes.db`""",
)


@app.command()
def update(
    sources: Sources = None,
    index: IndexPath = None,
    store: StoreSpec = None,
    watch: Annotated[bool, typer.Option("--watch", help="Stay, and take up every change as it happens.")] = False,
    rebuild: Annotated[bool, typer.Option("--rebuild", help="Throw the index away and make it anew.")] = False,
    verbose: Annotated[
        bool, typer.Option("--verbose", "-v", help="Name every file skipped, not just the first ten.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Bring the index of these sources up to date: only what is new or changed is read."""
    from openbook.cli.indexing import run

    run(sources, index, store, watch=watch, rebuild=rebuild, verbose=verbose, as_json=as_json)


@app.command()
def copy(
    source: Annotated[str, typer.Argument(metavar="FROM", help="sqlite:PATH or milvus:URI.")],
    target: Annotated[str, typer.Argument(metavar="TO", help="sqlite:PATH or milvus:URI.")],
    replace: Annotated[bool, typer.Option("--replace", help="Also where TO holds another index.")] = False,
    as_json: AsJson = False,
) -> None:
    """Copy an index to another store, and show on a sample of queries that both answer alike."""
    from openbook.cli.copying import run_copy

    run_copy(source, target, replace=replace, as_json=as_json)
