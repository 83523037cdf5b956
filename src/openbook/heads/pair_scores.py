"""How well a pair scorer reads, abstains and ranks, on questions with known answers.

Reading: token F1 and exact match of the best span, SQuAD's way. Abstaining: AUROC of answerable against unanswerable.
Ranking: the share of questions whose own passage scores above a passage that our search found for them.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import isnan

import numpy as np

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
    of = [r for r in reads if r.example.relevant and r.example.answerable is not None]
    return _area([r.answerability for r in of], of)


def decided_auroc(reads: Sequence[Read]) -> float:
    """Of backed statements above others, or of attacks above harmless texts: nothing is searched for there, and the
    no-answer logit alone decides. nan with one kind alone.
    """
    of = [r for r in reads if r.example.relevant is None and r.example.answerable is not None]
    return _area([-r.score.no_answer for r in of], of)


def _area(scores: Sequence[float], reads: Sequence[Read]) -> float:
    labels = np.array([float(bool(read.example.answerable)) for read in reads])
    area = auroc(np.array(scores), labels) if reads else None
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
    """The measures that these examples have labels for, with how many they are over."""
    f1 = [read.f1 for read in reads if read.f1 is not None]
    above = ranked_above(reads)
    answering, decided = answerable_auroc(reads), decided_auroc(reads)
    found = {
        "token F1 of marked words": f"{sum(f1) / max(1, len(f1)):.3f} (n = {len(f1)})" if f1 else "",
        "AUROC, answering or only looking so": "" if isnan(answering) else f"{answering:.3f}",
        "AUROC, yes or no": "" if isnan(decided) else f"{decided:.3f}",
        "own passage above one that search found": (
            f"{sum(above) / len(above):.3f} (n = {len(above)})" if above else ""
        ),
    }
    return {name: said for name, said in found.items() if said}
