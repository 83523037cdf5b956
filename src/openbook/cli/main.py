"""The ``openbook`` command: its groups, and the one place where an error becomes a line and an exit code.

Exit codes: 0 answered or done, 1 a check that failed, 2 bad usage or input, 3 abstained, 130 interrupted.
"""

import os
import re
import sys
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from openbook import __version__
from openbook.cli import (
    agent,
    align,
    ask,
    calibrate,
    compress,
    export,
    generate,
    guard,
    imagine,
    index,
    lab,
    lora,
    mcp,
    rate,
    reason,
    replay,
    search,
    see,
    status,
    tokens,
    train,
)
from openbook.cli import eval as measuring
from openbook.cli.pipes import outlive_readers
from openbook.errors import OpenbookError
from openbook.json_lines import shortened

_OUT_OF_MEMORY = re.compile("out of memory|not enough memory|can't allocate memory|alloc_cpu", re.IGNORECASE)
"""How torch says that there is none left, in errors of no kind of their own."""


class _Root(TyperGroup):
    """Says that a command was interrupted, which the library would not; one that keeps something says so itself."""

    def invoke(self, ctx: Any) -> Any:
        try:
            return super().invoke(ctx)
        except KeyboardInterrupt:
            typer.echo("openbook: interrupted", err=True)
            raise typer.Exit(130) from None


app = typer.Typer(
    name="openbook",
    cls=_Root,
    no_args_is_help=True,
    rich_markup_mode="markdown",
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
    help="""Ask a folder of documents: get exact quotes, or an honest "not in these documents".

No key, no network, no GPU.""",
    epilog="""Examples:

`openbook ask "How does LoRA save memory?" handbook/`

`openbook search "cosine schedule" notes/ paper.pdf`

`openbook index handbook/ --watch`

`openbook ask "Who signed the lease?" contracts/ --json > answer.json; openbook replay answer.json`""",
)


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"openbook {__version__}")
        raise typer.Exit


@app.callback()
def _root(  # pyright: ignore[reportUnusedFunction]  # typer calls it
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version.")
    ] = False,
) -> None:
    del version


app.command(name="ask", help=ask.ask.__doc__)(ask.ask)
app.command(name="agent", help=agent.agent.__doc__)(agent.agent)
app.command(name="search", help=search.search.__doc__)(search.search)
app.command(name="generate", help=generate.generate.__doc__)(generate.generate)
app.command(name="imagine", help=imagine.imagine.__doc__)(imagine.imagine)
app.command(name="rate", help=rate.rate.__doc__)(rate.rate)
app.command(name="reason", help=reason.reason.__doc__)(reason.reason)
app.command(name="calibrate", help=calibrate.calibrate.__doc__)(calibrate.calibrate)
app.command(name="status", help=status.status.__doc__)(status.status)
app.command(name="replay", help=replay.replay.__doc__)(replay.replay)
app.command(name="compress", help=compress.compress.__doc__)(compress.compress)
app.command(name="export", help=export.export.__doc__)(export.export)
app.command(name="train", help=train.train.__doc__)(train.train)
app.add_typer(index.app, name="index")
app.add_typer(tokens.app, name="tokens")
app.add_typer(see.app, name="see")
app.add_typer(lora.app, name="lora")
app.add_typer(align.app, name="align")
app.add_typer(lab.app, name="lab")
app.add_typer(mcp.app, name="mcp")
app.add_typer(guard.app, name="guard")
app.add_typer(measuring.app, name="eval")


def run() -> None:
    """The console script: no traceback reaches a person, whatever happens."""
    if sys.stdout is None:  # pyright: ignore[reportUnnecessaryComparison]  # closed, as by `>&-`
        _stop("openbook: standard output is closed, so nothing could be shown: open it, or use >/dev/null", 2)
    outlive_readers()
    try:
        app()
    except OpenbookError as error:
        _stop(f"openbook: {error}", 2)
    except (
        OSError
    ) as error:  # of the terminal or the file that output goes to; all others are explained where they arise
        from openbook.index.location import here

        if isinstance(error, FileNotFoundError) and here() is None:
            _stop("openbook: the current folder is gone: go to one that is there, or name everything from the root", 2)
        _stop(f"openbook: the output could not be written: {error.strerror or error}", 2)
    except Exception as error:
        if os.environ.get("OPENBOOK_DEBUG"):
            raise
        if isinstance(error, MemoryError) or _OUT_OF_MEMORY.search(str(error)):
            _stop("openbook: the memory does not suffice for this: make the model, the batch or the text smaller", 2)
        what = shortened(repr(error), 300)
        _stop(f"openbook: this is a bug, please report it: {what} (OPENBOOK_DEBUG=1 shows where)", 1)


def _stop(line: str, code: int) -> None:
    typer.echo(line, err=True)
    sys.exit(code)
