"""How much a text tries to take over whoever reads it for a task, and where: the score that guards decide by.

The model is a pair encoder that is asked nothing: its "the passage answers" means "an attack stands here", and the span
is the attack. Long texts are read in windows that overlap, so that nothing is skipped.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from openbook.encode.pair import open_pair
from openbook.encode.threshold import THRESHOLD, read_threshold
from openbook.protocols import PairScorer
from openbook.values import PairScore, Span

SHIPPED_INJECTION = Path(__file__).parent.parent / "weights" / "injection"
REMEDY = "reinstall openbook, or set it again with python -m benchmarks.injection --write"

WINDOW, OVERLAP = 1_300, 200
"""Characters read at once, and how many two windows share. No character makes more than three tokens, so a window is
never longer than what the pair encoder reads of a passage.
"""


@dataclass(frozen=True, slots=True)
class Injection:
    """score: a logit, the higher the likelier an attack; flagged: at or above the threshold. span: the words that look
    most like one, in the text; None in an empty text.
    """

    score: float
    flagged: bool
    span: Span | None


@dataclass(frozen=True, slots=True)
class InjectionDetector:
    """Made by ``open_injection``. threshold: the logit that at most a stated share of harmless texts reaches."""

    scorer: PairScorer
    threshold: float

    def __call__(self, texts: Sequence[str]) -> list[Injection]:
        """One for each text, each read whole whatever its length; a score depends on its own text alone."""
        if isinstance(texts, str):
            raise TypeError("give a list of texts, not one text: each of its characters would be judged by itself")
        read = [(number, start, part) for number, text in enumerate(texts) for start, part in windows(text)]
        scores = self.scorer("", [part for *_, part in read])  # at once, so that every core has windows to read
        found: list[list[tuple[int, PairScore]]] = [[] for _ in texts]
        for (number, start, _), score in zip(read, scores, strict=True):
            found[number].append((start, score))
        return [self._worst(of_text) for of_text in found]

    def _worst(self, read: Sequence[tuple[int, PairScore]]) -> Injection:
        start, worst = min(read, key=lambda each: each[1].no_answer)
        score = -worst.no_answer
        return Injection(score, score >= self.threshold, _place(start, worst))


def windows(text: str) -> Iterator[tuple[int, str]]:
    """Where each window starts, and its characters; any ``OVERLAP`` characters in a row are in one of them."""
    start = 0
    while True:
        yield start, text[start : start + WINDOW]
        if start + WINDOW >= len(text):
            return
        start += WINDOW - OVERLAP


def open_injection(folder: Path | None = None, threads: int | None = None) -> InjectionDetector:
    """The shipped detector, or the one in ``folder``. Raises OpenbookError where model or threshold cannot be used."""
    place = folder or SHIPPED_INJECTION
    scorer = open_pair(place, threads)
    return InjectionDetector(scorer, read_threshold(place / THRESHOLD, scorer.digest, REMEDY))


def _place(start: int, score: PairScore) -> Span | None:
    if not score.spans:
        return None
    best = score.spans[0].span
    return Span(start + best.start, start + best.end)
