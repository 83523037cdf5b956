"""Is a promised bound kept on questions that were not looked at? Thresholds set on one half, judged on the other."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from openbook.evaluate.conformal import at_expected_false_answers
from openbook.evaluate.scores import BadScores, Scores, as_pair, as_shares


@dataclass(frozen=True, slots=True)
class Kept:
    """One split. wrong: answers given and wrong, of all questions of the unseen half; coverage: answered, of those."""

    wrong: float
    coverage: float


def on_unseen(confidence: Scores, correct: Scores, bound: float, *, splits: int = 20, seed: int = 0) -> list[Kept]:
    """Random halves: the conformal threshold for ``bound`` from one, wrong answers and coverage on the other.

    The theorem bounds the mean of ``wrong`` over splits, so that single ones may lie above it. Raises BadScores where
    there are fewer than two questions, or no split.
    """
    scores, right = as_pair(confidence, as_shares(correct, "correct"), ("confidence", "correct"))
    if scores.size < 2 or not 1 <= splits <= 10_000:
        raise BadScores("pass at least two questions and 1 to 10,000 splits: one half sets what the other judges")
    rng = np.random.default_rng(seed)
    found: list[Kept] = []
    for _ in range(splits):
        order = rng.permutation(scores.size)
        seen, unseen = np.array_split(order, 2)
        threshold = at_expected_false_answers(scores[seen], right[seen], bound).threshold
        answered = scores[unseen] >= threshold
        found.append(Kept(float((answered * (1 - right[unseen])).mean()), float(answered.mean())))
    return found


def mean_of(kept: Sequence[Kept]) -> Kept:
    """The mean over splits, which is what a bound is a promise of."""
    return Kept(float(np.mean([one.wrong for one in kept])), float(np.mean([one.coverage for one in kept])))
