"""Does a threshold with a guarantee keep it? Set on half of the questions, looked at on the others, twenty times."""

from collections.abc import Sequence

import numpy as np

from benchmarks.logistic import Floats
from benchmarks.publish import columns
from openbook.evaluate.conformal import at_expected_false_answers
from openbook.report.record import Figure
from openbook.report.tables import Table

BOUNDS = (0.02, 0.05, 0.1, 0.2)
SPLITS = 20

PROMISE_TABLE = Table(
    "Thresholds that promise how many questions are answered wrongly",
    columns("questions", "promised", "wrong", "most", "least", "answered", "right of answered"),
    (),
    "The threshold of conformal risk control, set on a random half of all questions, the unanswerable among them, and "
    f"looked at on the other half: means of {SPLITS} such splits. Wrong: of all questions, those answered wrongly, "
    "with the most and the least of one split. What is promised holds for the mean.",
)


def promise_table(name: str, sure: Floats, right: Floats, figures: list[Figure]) -> list[tuple[str, ...]]:
    """A line a bound; adds its figures. right: 1 where an answer would be right, however sure it is."""
    rows: list[tuple[str, ...]] = []
    for bound in BOUNDS:
        kept = np.array([one_split(sure, right, bound, seed) for seed in range(SPLITS)])
        wrong, answered, hits = kept.T
        shares = f"{wrong.mean():.1%}", f"{wrong.max():.1%}", f"{wrong.min():.1%}"
        figures.append(Figure(f"{name} wrong, promised {bound:g}", wrong.mean(), "", wrong.min(), wrong.max(), SPLITS))
        of_answered = f"{hits.sum() / answered.sum():.0%}" if answered.any() else "–"
        rows.append((name, f"{bound:.0%}", *shares, f"{answered.mean():.0%}", of_answered))
    return rows


def one_split(sure: Floats, right: Floats, bound: float, seed: int) -> Sequence[float]:
    """Of the half that the threshold was not set on: wrongly answered, answered, and rightly answered."""
    order = np.random.default_rng(seed).permutation(len(sure))
    half, other = order[: len(order) // 2], order[len(order) // 2 :]
    answered = sure[other] >= at_expected_false_answers(sure[half], right[half], bound).threshold
    good = right[other] > 0
    return float(np.mean(answered & ~good)), float(np.mean(answered)), float(np.mean(answered & good))
