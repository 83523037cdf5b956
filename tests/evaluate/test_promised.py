"""A conformal threshold from one half keeps its bound on the other, on average, and splits repeat."""

import numpy as np
import pytest

from openbook.evaluate.promised import Kept, mean_of, on_unseen
from openbook.evaluate.scores import BadScores


def questions(n: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    confidence = rng.random(n)
    return confidence, (rng.random(n) < confidence).astype(float)


@pytest.mark.parametrize("bound", [0.01, 0.05, 0.1])
def test_the_bound_is_kept_on_average(bound: float) -> None:
    means = [mean_of(on_unseen(*questions(800, seed), bound, seed=seed)).wrong for seed in range(40)]
    assert np.mean(means) <= bound + 3 * np.std(means) / len(means) ** 0.5
    assert np.mean(means) > bound / 4  # a threshold that answers nothing would keep it as well


def test_halves_are_disjoint_and_whole() -> None:
    # All right at one confidence: everything is answered, nothing is wrong.
    assert on_unseen([0.5] * 40, [1.0] * 40, 0.1) == [Kept(0.0, 1.0)] * 20
    # All wrong: nothing may be answered.
    assert on_unseen([0.5] * 40, [0.0] * 40, 0.1) == [Kept(0.0, 0.0)] * 20


def test_a_seed_gives_the_same_splits() -> None:
    drawn = questions(100, 0)
    assert on_unseen(*drawn, 0.1, seed=3) == on_unseen(*drawn, 0.1, seed=3)
    assert on_unseen(*drawn, 0.1, seed=3) != on_unseen(*drawn, 0.1, seed=4)


def test_too_few_questions_or_splits_are_refused() -> None:
    for confidence, splits in (([0.5], 20), ([0.5, 0.6], 0)):
        with pytest.raises(BadScores, match="at least two questions"):
            on_unseen(confidence, [1.0] * len(confidence), 0.1, splits=splits)
