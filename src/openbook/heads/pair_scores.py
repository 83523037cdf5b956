"""How well a pair scorer reads, abstains and ranks, on questions with known answers.

Reading: token F1 and exact match of the best span, SQuAD's way. Abstaining: AUROC of answerable against unanswerable.
Ranking: the share of questions whose own passage scores above a passage that our search found for them.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from openbook.evaluate.calibration import auroc
from openbook.evaluate.reading import exact_match, token_f1
from openbook.heads.examples import Example
from openbook.protocols import PairScorer
from openbook.values import PairScore


@dataclass(frozen=True, slots=True)
class Read:
    """What was read in one pair. f1, exact: None where no answer is marked."""

    example: Example
    answer: str
    score: PairScore
    f1: float | None
    exact: float | None

    @property
    def answerability(self) -> float:
        """What speaks for an answer: the span's log probability and the no-answer logit, the other way round."""
        return (self.score.spans[0].score if self.score.spans else -30.0) - self.score.no_answer


def read_all(scorer: PairScorer, examples: Sequence[Example]) -> list[Read]:
    """Every example by the scorer, each by itself."""
    found: list[Read] = []
    for example in examples:
        score = scorer(example.question, [example.passage], [example.heading])[0]
        answer = score.spans[0].span.of(example.passage) if score.spans else ""
        golds = [span.of(example.passage) for span in example.spans]
        f1, exact = (token_f1(answer, golds), exact_match(answer, golds)) if golds else (None, None)
        found.append(Read(example, answer, score, f1, exact))
    return found


def answerable_auroc(reads: Sequence[Read]) -> float:
    """Over relevant passages alone: of those that answer, above those that only look so. nan with one kind alone."""
    import numpy as np

    of = [r for r in reads if r.example.relevant and r.example.answerable is not None]
    area = auroc(np.array([r.answerability for r in of]), np.array([float(bool(r.example.answerable)) for r in of]))
    return float("nan") if area is None else area


def ranked_above(reads: Sequence[Read]) -> list[bool]:
    """For each mined negative, whether its question's own passage scored higher."""
    own = {read.example.id: read.score.relevance for read in reads if read.example.relevant}
    return [
        own[name] > read.score.relevance
        for read in reads
        if read.example.relevant is False and (name := read.example.id.partition("#")[0]) in own
    ]


def in_words(reads: Sequence[Read]) -> Mapping[str, str]:
    """The three measures with how many they are over."""
    f1 = [read.f1 for read in reads if read.f1 is not None]
    above = ranked_above(reads)
    return {
        "token F1 of marked answers": f"{sum(f1) / max(1, len(f1)):.3f} (n = {len(f1)})",
        "AUROC, answering or only looking so": f"{answerable_auroc(reads):.3f}",
        "own passage above one that search found": f"{sum(above) / max(1, len(above)):.3f} (n = {len(above)})",
    }
