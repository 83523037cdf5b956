"""A threshold set on some questions keeps what it promises on others."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from openbook.evaluate.abstention import SILENT, at_false_answers
from openbook.evaluate.conformal import at_expected_false_answers, fewest
from openbook.evaluate.scores import BadScores

outcomes = st.lists(st.tuples(st.integers(0, 9), st.booleans()), min_size=1, max_size=60)


@given(outcomes, st.floats(0.01, 0.99))
def test_it_is_the_inequality_of_the_theorem(rows: list[tuple[int, bool]], bound: float) -> None:
    confidence, correct = [float(c) for c, _ in rows], [float(right) for _, right in rows]
    found = at_expected_false_answers(confidence, correct, bound)
    n = len(rows)

    def promised(threshold: float) -> float:
        return (sum(c >= threshold and not right for c, right in rows) + 1) / (n + 1)

    assert found == SILENT or promised(found.threshold) <= bound
    lower = [c for c, _ in rows if c < found.threshold]
    assert not lower or promised(max(lower)) > bound or found == SILENT


@given(outcomes)
def test_it_is_stricter_than_what_was_seen(rows: list[tuple[int, bool]]) -> None:
    confidence, correct = [float(c) for c, _ in rows], [float(right) for _, right in rows]
    seen = at_false_answers(confidence, correct, 0.3)
    assert at_expected_false_answers(confidence, correct, 0.3).coverage <= seen.coverage


def test_it_holds_on_average_over_draws_and_is_not_wasteful() -> None:
    """Confidence that knows little: 2,000 draws of 60 questions, each judged on 60 others."""
    rng = np.random.default_rng(0)
    seen: list[float] = []
    for _ in range(2_000):
        confidence = rng.random(120)
        correct = (rng.random(120) < 0.4 + 0.5 * confidence).astype(float)
        threshold = at_expected_false_answers(confidence[:60], correct[:60], 0.1).threshold
        seen.append(float(np.mean((confidence[60:] >= threshold) & (correct[60:] == 0))))
    assert 0.08 < np.mean(seen) <= 0.1 + 3 * np.std(seen) / math.sqrt(len(seen))


@pytest.mark.parametrize(("bound", "n"), [(0.5, 1), (0.1, 9), (0.05, 19), (0.01, 99), (0.3, 3)])
def test_too_few_questions_promise_nothing(bound: float, n: int) -> None:
    assert fewest(bound) == n
    assert at_expected_false_answers([0.9] * n, [1.0] * n, bound).coverage == 1
    if n > 1:
        assert at_expected_false_answers([0.9] * (n - 1), [1.0] * (n - 1), bound) == SILENT


@pytest.mark.parametrize("bound", [0.0, 1.0, -0.1, math.nan])
def test_a_bound_is_a_share(bound: float) -> None:
    with pytest.raises(BadScores, match="between 0 and 1"):
        at_expected_false_answers([0.5], [1.0], bound)
