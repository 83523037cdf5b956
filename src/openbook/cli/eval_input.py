"""What ``openbook eval text`` is asked, and the files that it compares, line by line."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from heapq import nsmallest

from openbook.cli.progress import counted
from openbook.cli.text_lines import TextFile, opened
from openbook.cli.text_measures import chosen, measures_of
from openbook.errors import OpenbookError
from openbook.evaluate.measured import AT_ONCE, Difference, Measured, Pair, Part, differences, measured
from openbook.evaluate.overlap import OverlapSettings

AT_ONCE_READ = 50
"""Texts between two steps of the progress bar where a model reads them."""

_SHOWN = 2_000
"""Characters of a text that are kept to be shown."""


@dataclass(frozen=True, slots=True)
class Asked:
    """against: another system's texts, to compare with; worst: how many of the texts that score least to keep."""

    hypotheses: str
    references: Sequence[str]
    against: str | None
    names: Sequence[str] | None
    overlap: OverlapSettings
    idf: bool
    rescale: bool
    worst: int


@dataclass(frozen=True, slots=True)
class Low:
    """A text that scores little by the first measure. line: from 1."""

    score: float
    line: int
    text: str
    references: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Judged:
    """against, differences: empty where nothing was compared."""

    texts: int
    found: list[Measured]
    lowest: list[Low]
    against: list[Measured]
    differences: list[Difference]


def judged(asked: Asked, *, quiet: bool) -> Judged:
    """Raises OpenbookError in one line for files that do not go together, before anything is measured."""
    names = chosen(asked.names)
    given = [asked.hypotheses, *asked.references, *([asked.against] if asked.against else [])]
    if given.count("-") > 1:
        raise OpenbookError("standard input can stand for one file only: name the others")
    with opened(given) as (ours, *others):
        if not ours.lines:
            raise OpenbookError(f"{ours.name} has no line: give at least one text to judge")
        for other in others:
            if other.lines != ours.lines:
                raise OpenbookError(
                    f"lines: {other.lines:,} in {other.name}, {ours.lines:,} in {ours.name}; line n goes with line n: "
                    "give as many"
                )
        references, second = others[: len(asked.references)], others[len(asked.references) :]
        with counted("measuring", quiet=quiet) as show:
            return _measured(asked, names, ours, references, second, show)


def _measured(
    asked: Asked,
    names: Sequence[str],
    ours: TextFile,
    references: Sequence[TextFile],
    second: Sequence[TextFile],
    show: Callable[[int, int], object],
) -> Judged:
    """second: the other system's texts, or nothing."""
    measures, count, reads = measures_of(names, asked.overlap, ours, references, idf=asked.idf, rescale=asked.rescale)
    at_once = AT_ONCE_READ if reads else AT_ONCE
    total = ours.lines * (1 + len(second))
    lowest: list[Low] = []

    def watch(part: Part) -> None:
        show(part.first + len(part.texts), total)
        lowest[:] = nsmallest(asked.worst, [*lowest, *_lows(part, names[0])], key=lambda low: (low.score, low.line))

    def watch_second(part: Part) -> None:
        show(ours.lines + part.first + len(part.texts), total)

    found = measured(_pairs(ours, references), measures, count, watch, at_once=at_once)
    if not second:
        return Judged(ours.lines, found, lowest, [], [])
    against = measured(_pairs(second[0], references), measures, count, watch_second, at_once=at_once)
    return Judged(ours.lines, found, lowest, against, differences(measures, found, against))


def _pairs(texts: TextFile, references: Sequence[TextFile]) -> Iterator[Pair]:
    return zip(texts.texts(), zip(*(file.texts() for file in references), strict=True), strict=True)


def _lows(part: Part, name: str) -> Iterator[Low]:
    for number, (score, text, own) in enumerate(zip(part.each[name], part.texts, part.references, strict=True)):
        shown = tuple(one[:_SHOWN] for one in own)
        yield Low(float(score), part.first + number + 1, text[:_SHOWN], shown)
