"""Where a Markdown text asks for generated content: the blocks between two HTML comments, outside of code."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from openbook.report.problems import ReportProblem

# A backslash or backtick in front: an escaped or a quoted mark, which is text.
_MARK = re.compile(r"(?<![\\`])<!--[ \t]*(?:(evidence|figure):[ \t]*([^\r\n]*?)|end)[ \t]*-->")
_FENCE = re.compile(r"^ {0,3}(`{3,}(?=[^`\r\n]*\r?$)|~{3,})[^\r\n]*", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Block:
    """What stands between two marks: the text from ``start`` to ``end``, on line ``line``, and what it asks for."""

    kind: str
    asked: str
    start: int
    end: int
    line: int


def blocks(text: str) -> list[Block]:
    """The generated blocks of a Markdown text, in order. Raises ReportProblem for one that is not closed."""
    fences = list(_fenced(text))
    found: list[Block] = []
    opened: re.Match[str] | None = None
    for mark in _MARK.finditer(text):
        if any(start <= mark.start() < end for start, end in fences):
            continue
        if opened is not None and mark[1]:
            break
        if opened is not None:
            line = text.count("\n", 0, opened.start()) + 1
            found.append(Block(opened[1], opened[2], opened.end(), mark.start(), line))
        opened = mark if mark[1] else None
    if opened is not None:
        line = text.count("\n", 0, opened.start()) + 1
        raise ReportProblem(f"line {line}: {opened[0]} is not closed: write <!-- end --> after it")
    return found


def _fenced(text: str) -> Iterator[tuple[int, int]]:
    """Start and end of every fenced code block; one that is never closed runs to the end."""
    opened: re.Match[str] | None = None
    for fence in _FENCE.finditer(text):
        if opened is None:
            opened = fence
        elif fence[1].startswith(opened[1]) and not fence[0].strip().strip(fence[1][0]):
            yield opened.start(), fence.end()
            opened = None
    if opened is not None:
        yield opened.start(), len(text)
