"""What a scan found: on a terminal, as data, and as the sections of a page."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from textwrap import fill
from typing import Any

from rich.text import Text

from openbook.cli.scanning import PIPED, Placed, Scanned
from openbook.cli.screen import console, one_line, plural, short, visible
from openbook.report.page import Section
from openbook.report.tables import Column, Table

SHOWN, SHOWN_SKIPPED = 50, 5
"""Findings, and files left out, that a terminal shows."""

_IN = "    "

LONGEST_WORDS = 1_000
"""Characters of the words of a finding in JSON."""


def show_scan(found: Scanned) -> None:
    screen = console()
    for placed in found.placed[:SHOWN]:
        score = "" if placed.finding.score is None else f"  score {placed.finding.score:.1f}"
        screen.print(
            Text.assemble((_where(placed, found), "underline"), f"  {placed.finding.rule}", (score, "dim")),
            soft_wrap=True,
        )
        screen.print(
            Text(fill(one_line(placed.finding.message), screen.width, initial_indent=_IN, subsequent_indent=_IN))
        )
    if len(found.placed) > SHOWN:
        screen.print(Text(f"and {len(found.placed) - SHOWN:,} more: --json tells all", style="dim"))
    if found.placed:
        screen.print()
    screen.print(Text(_summary(found), style="bold yellow" if found.placed else "bold green"))
    for left in found.skipped[:SHOWN_SKIPPED]:
        screen.print(Text(f"  left out {_name(str(left.path), found)}: {visible(left.reason)}", style="dim"))
    if len(found.skipped) > SHOWN_SKIPPED:
        screen.print(
            Text(f"  and {len(found.skipped) - SHOWN_SKIPPED:,} more left out: --json names them", style="dim")
        )


def as_data(found: Scanned) -> Mapping[str, Any]:
    """start, end: characters of the file's text, whose line ends count as one."""
    return {
        "files": found.files,
        "findings": [
            {
                "file": placed.file,
                "line": placed.line,
                "column": placed.column,
                "start": placed.finding.span.start,
                "end": placed.finding.span.end,
                "rule": placed.finding.rule,
                "message": placed.finding.message,
                "score": placed.finding.score,
                "words": placed.words[:LONGEST_WORDS],
            }
            for placed in found.placed
        ],
        "left_out": [{"file": str(left.path), "reason": left.reason} for left in found.skipped],
    }


def sections(found: Scanned) -> Sequence[Section]:
    columns = (Column("where"), Column("rule"), Column("what"))
    rows = tuple((_where(placed, found), placed.finding.rule, placed.finding.message) for placed in found.placed)
    left = tuple((_name(str(skipped.path), found), skipped.reason) for skipped in found.skipped)
    told = [Section("", [_summary(found)])]
    if rows:
        told.append(Section("Findings", [Table("", columns, rows)]))
    if left:
        told.append(Section("Left out", [Table("", (Column("file"), Column("why")), left)]))
    return told


def _summary(found: Scanned) -> str:
    number = plural(len(found.placed), "finding") if found.placed else "nothing found"
    files = len({placed.file for placed in found.placed})
    among = f" in {plural(files, 'file')}" if files and found.root != PIPED else ""
    read = found.root if found.root == PIPED else plural(found.files, "file")
    return f"{number}{among}, {read} read" + (f", {len(found.skipped):,} left out" if found.skipped else "")


def _where(placed: Placed, found: Scanned) -> str:
    return f"{_name(placed.file, found)}:{placed.line}:{placed.column}"


def _name(file: str, found: Scanned) -> str:
    return file if file == PIPED else one_line(short(Path(file), [Path(found.root).absolute()]))
