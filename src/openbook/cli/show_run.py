"""A run's facts as a table of two columns, and its outcome as JSON."""

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from openbook.report import terminal
from openbook.report.tables import Column, Table


def print_rows(head: str, rows: Sequence[tuple[str, str]], after: str = "\n") -> None:
    """At once, so that it stands there while the run goes on. after: what is left blank below."""
    sys.stdout.write(terminal.text(Table("", (Column(head), Column("")), tuple(rows))) + "\n" + after)
    sys.stdout.flush()


def plain(value: Any) -> Any:
    """The value with its paths as texts, as JSON has it."""
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}  # pyright: ignore[reportUnknownVariableType]
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]  # pyright: ignore[reportUnknownVariableType]
    return str(value) if isinstance(value, Path) else value
