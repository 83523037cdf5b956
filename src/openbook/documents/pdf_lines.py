"""Paragraphs and headings of a PDF, which only knows lines: read off where each stands and how large it is."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import median

LARGER = 1.15
"""A line this much higher than the body is a heading; less may be another font of the same size."""

_WIDER = 1.4
"""A step to the next line this much larger than usual on the page begins a paragraph."""

_STOPS = tuple(".!?…:;。！？؟।”\"')")
MAX_TITLE = 200
_LEVELS = 6


@dataclass(frozen=True, slots=True)
class Line:
    """A printed line. bottom, height: in points, bottom measured upwards; height 0 where they are not known."""

    text: str
    bottom: float = 0.0
    height: float = 0.0


def body_height(pages: Sequence[Sequence[Line]]) -> float:
    """The height that most characters have, in tenths of a point; 0 where none is known."""
    weights: Counter[float] = Counter()
    for line in (line for page in pages for line in page if line.height):
        weights[round(line.height, 1)] += len(line.text)
    return weights.most_common(1)[0][0] if weights else 0.0


def breaks(page: Sequence[Line]) -> list[bool]:
    """For each line whether a paragraph begins with it; the first one's is for the page before to say."""
    steps = [
        above.bottom - line.bottom
        for above, line in pairwise(page)
        if above.height and 0.5 * line.height < above.bottom - line.bottom < 3 * line.height
    ]
    usual = median(steps) if len(steps) >= 3 else 0.0
    return [False, *(_begins(above, line, usual) for above, line in pairwise(page))][: len(page)]


def _begins(above: Line, line: Line, usual: float) -> bool:
    if not (above.height and line.height):
        return False
    if max(above.height, line.height) > LARGER * min(above.height, line.height):
        return True
    step = above.bottom - line.bottom
    is_column = step < -0.5 * line.height
    return (is_column or step > _WIDER * (usual or 1.25 * line.height)) and not continues(above.text, line.text)


def continues(above: str, below: str) -> bool:
    """Whether a sentence seems to run on over a column or page: it has not ended, and goes on in lower case."""
    return not above.rstrip().endswith(_STOPS) and below.lstrip()[:1].islower()


def levels_by_size(pages: Sequence[Sequence[Line]]) -> list[list[int]]:
    """For each line its heading level by height, 1 for the largest, or 0."""
    body = body_height(pages)

    def is_heading(line: Line) -> bool:
        larger = body > 0 and line.height > LARGER * body
        return larger and len(line.text) <= MAX_TITLE and any(c.isalpha() for c in line.text)

    heights = sorted({round(line.height) for page in pages for line in page if is_heading(line)}, reverse=True)
    level = {height: min(rank, _LEVELS) for rank, height in enumerate(heights, start=1)}
    return [[level[round(line.height)] if is_heading(line) else 0 for line in page] for page in pages]


def line_of_title(page: Sequence[Line], title: str, after: int) -> int | None:
    """Which line at or after ``after`` carries an outline's title, blanks aside; it may have a number before it."""
    wanted = _squeezed(title)
    for index in range(after, len(page)):
        found = _squeezed(page[index].text)
        if wanted and wanted in found and len(found) <= len(wanted) + 12:
            return index
    return None


def _squeezed(text: str) -> str:
    return "".join(text.split()).casefold()
