"""What a person types while ``openbook rate`` asks; what it asks goes to standard error."""

import sys

from openbook.cli.progress import errors, say
from openbook.cli.rating_questions import UNDO

LONGEST = 10_000
"""Characters of a line that is read."""


def read_choice() -> str:
    """One of 1, 2, t, s, u and q; the end of what is read is q."""
    while (said := read_line("Which is better? 1, 2, t(ie), s(kip), u(ndo), q(uit): ")) is not None:
        short = {"tie": "t", "skip": "s", "undo": UNDO, "quit": "q"}.get(said.strip().lower(), said.strip().lower())
        if short in ("1", "2", "t", "s", UNDO, "q"):
            return short
        say("type 1, 2, t, s, u or q")
    return "q"


def read_line(asked: str) -> str | None:
    """None at the end of what is read, and where nothing can be."""
    errors.print(asked, end="", markup=False, highlight=False)
    try:
        said = "" if sys.stdin is None else sys.stdin.readline(LONGEST)  # pyright: ignore[reportUnnecessaryComparison]  # closed, as by `<&-`
    except (OSError, UnicodeDecodeError):
        return None
    return said or None
