"""Is a statement backed by a passage, and by which words of it? What a drafted sentence must pass to be kept.

The model is a pair encoder that is given the statement in the place of a question: its "the passage answers" means "the
passage backs it", and the span is the evidence.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from openbook.encode.pair import open_pair
from openbook.encode.threshold import THRESHOLD, read_threshold
from openbook.protocols import PairScorer
from openbook.values import Support

SHIPPED_SUPPORT = Path(__file__).parent.parent / "weights" / "support"
REMEDY = "reinstall openbook, or set it again with python -m benchmarks.support --write"


@dataclass(frozen=True, slots=True)
class SupportChecker:
    """``openbook.protocols.SupportScorer``; made by ``open_support``. threshold: the logit that a stated share of
    unbacked statements reaches. fits: whether a statement is read whole.
    """

    scorer: PairScorer
    threshold: float
    fits: Callable[[str], bool]

    @property
    def digest(self) -> str:
        return self.scorer.digest

    def __call__(self, statement: str, passages: Sequence[str]) -> list[Support]:
        """One for each passage. A statement too long to be read whole is as backed as its least backed part."""
        found = [self._of(part, passages) for part in parts(statement, self.fits)]
        return [min(of_passage, key=lambda each: each.score) for of_passage in zip(*found, strict=True)]

    def _of(self, statement: str, passages: Sequence[str]) -> list[Support]:
        scores = self.scorer(statement, passages)
        return [
            Support(-s.no_answer, -s.no_answer >= self.threshold, s.spans[0].span if s.spans else None) for s in scores
        ]


def parts(statement: str, fits: Callable[[str], bool]) -> list[str]:
    """The statement, halved at the blank nearest its middle until every part is read whole."""
    if len(statement) < 2 or fits(statement):
        return [statement]
    middle = len(statement) // 2
    blanks = [place for place, character in enumerate(statement) if character.isspace() and place]
    cut = min(blanks, key=lambda place: abs(place - middle), default=middle)
    return [*parts(statement[:cut], fits), *parts(statement[cut:], fits)]


def open_support(folder: Path | None = None, threads: int | None = None) -> SupportChecker:
    """The shipped model, or the one in ``folder``. Raises OpenbookError where model or threshold cannot be used."""
    place = folder or SHIPPED_SUPPORT
    scorer = open_pair(place, threads)
    return SupportChecker(scorer, read_threshold(place / THRESHOLD, scorer.digest, REMEDY), scorer.reads_whole)
