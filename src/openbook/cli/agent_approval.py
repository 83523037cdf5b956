"""A person's word before something is written or sent: no unless they type yes, and no where there is no person."""

import sys
from contextlib import suppress

from rich.text import Text

from openbook.agent.world import Approve, Asking
from openbook.cli.progress import errors
from openbook.cli.screen import one_line
from openbook.guard.labelled import as_text

MOST_SHOWN = 400
"""Characters of an argument."""


def approving(*, yes: bool) -> Approve | None:
    """None where nobody can be asked. yes: given beforehand; what only a person who looks can say, such as whether a
    call was made before, is asked all the same."""
    asked = _ask if somebody() else None
    if not yes:
        return asked
    return lambda asking: not (asking.again or asking.by_hand) or (asked is not None and asked(asking))


def hint(*, yes: bool) -> str:
    """What to do where something was not allowed since nobody could be asked; empty where somebody could."""
    if somebody():
        return ""
    return (
        "--yes does not cover this: run it on a terminal, which asks"
        if yes
        else "to allow it, say --yes, or run it on a terminal, which asks"
    )


def somebody() -> bool:
    """Whether a person sits at a terminal."""
    return sys.stdin is not None and sys.stdin.isatty() and errors.is_terminal  # pyright: ignore[reportUnnecessaryComparison]  # closed, as by `<&-`


def _ask(asking: Asking) -> bool:
    errors.print()
    errors.print(Text.assemble((one_line(asking.tool.name), "bold"), f"  {one_line(asking.reason.value)}"))
    for name, argument in asking.arguments.items():
        said = one_line(as_text(argument.value))
        cut = said if len(said) <= MOST_SHOWN else f"{said[:MOST_SHOWN]}… ({len(said):,} characters)"
        source = "" if argument.label.trusted else f"  (from {one_line(', '.join(sorted(argument.label.sources)))})"
        errors.print(Text.assemble((f"  {one_line(name)}: ", "dim"), cut, (source, "yellow")))
    if asking.again:
        errors.print(Text("  It may have been done before the run was stopped.", style="yellow"))
    try:
        _forget_what_was_typed()
        errors.print(Text("Allow? [y/N] "), end="")
        return sys.stdin.readline().strip().lower() in ("y", "yes")
    except (OSError, UnicodeDecodeError):
        return False


def _forget_what_was_typed() -> None:
    """What stands in the terminal's queue was typed before the question was seen."""
    try:
        import termios
    except ImportError:  # no POSIX terminal
        return
    with suppress(termios.error, OSError, ValueError):
        termios.tcflush(sys.stdin, termios.TCIFLUSH)
