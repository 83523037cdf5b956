"""AUROC equals a count over all pairs; calibration equals a loop over bins, whatever the order and the ties."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openbook.evaluate.calibration import auroc, calibration_bins, calibration_error
from openbook.evaluate.scores import BadScores

tied = st.lists(st.tuples(st.integers(0, 8).map(lambda x: x / 8), st.booleans()), min_size=1, max_size=40)
distinct = st.lists(st.integers(0, 1000), min_size=1, max_size=40, unique=True).flatmap(
    lambda levels: st.tuples(st.just([x / 1000 for x in levels]), st.lists(st.booleans(), min_size=40, max_size=40))
)


@given(tied)
def test_auroc_is_the_share_of_pairs_in_order(drawn: list) -> None:
    right = [confidence for confidence, correct in drawn if correct]
    wrong = [confidence for confidence, correct in drawn if not correct]
    ours = auroc([confidence for confidence, _ in drawn], [correct for _, correct in drawn])
    if not right or not wrong:
        assert ours is None
    else:
        won = sum(1.0 if high > low else 0.5 if high == low else 0.0 for high in right for low in wrong)
        assert ours == pytest.approx(won / (len(right) * len(wrong)), abs=1e-12)


@given(distinct, st.integers(1, 20))
def test_without_ties_the_error_is_a_loop_over_equal_bins(drawn: tuple, bins: int) -> None:
    confidence, correct = drawn[0], drawn[1][: len(drawn[0])]
    ordered = sorted(zip(confidence, correct, strict=True))
    n, pieces = len(ordered), min(bins, len(ordered))
    sizes = [n // pieces + (piece < n % pieces) for piece in range(pieces)]
    total, start = 0.0, 0
    for size in sizes:
        part = ordered[start : start + size]
        total += abs(sum(confidence - correct for confidence, correct in part))
        start += size
    assert calibration_error(confidence, correct, bins=bins) == pytest.approx(total / n, abs=1e-12)


@given(tied, st.randoms(use_true_random=False), st.integers(1, 10))
def test_the_order_never_matters_and_nothing_is_lost(drawn: list, random, bins: int) -> None:
    shuffled = list(drawn)
    random.shuffle(shuffled)
    one, other = (calibration_error(*zip(*each, strict=True), bins=bins) for each in (drawn, shuffled))
    assert one == pytest.approx(other, abs=1e-12)
    assert 0 <= one <= 1
    parts = calibration_bins(*zip(*drawn, strict=True), bins=bins)
    assert sum(part.n for part in parts) == len(drawn)
    assert max(part.n for part in parts) - min(part.n for part in parts) <= 1
    assert sum(part.n * part.correct for part in parts) == pytest.approx(sum(right for _, right in drawn))


def test_golden_calibration() -> None:
    # Bins {.1, .2} and {.8, .9}: |.15 - 0| and |.85 - 1|, each of weight 1/2.
    assert calibration_error([0.9, 0.1, 0.8, 0.2], [1, 0, 1, 0], bins=2) == pytest.approx(0.15)
    assert calibration_error([1, 1, 0], [1, 1, 0]) == 0
    assert calibration_error([1.0], [0]) == 1


@pytest.mark.parametrize(
    ("confidence", "correct"), [([], []), ([0.5], [1, 0]), ([1.5], [1]), ([float("nan")], [1]), ([0.5], [3])]
)
def test_bad_examples_are_refused(confidence: list, correct: list) -> None:
    with pytest.raises(BadScores):
        calibration_error(confidence, correct)


def test_bad_settings_are_refused() -> None:
    with pytest.raises(BadScores, match="bins"):
        calibration_bins([0.5], [1], bins=0)
    with pytest.raises(BadScores, match="0 or 1"):
        auroc([0.5, 0.6], [0.5, 1])
    assert auroc([5.0, -2.0], [True, False]) == 1.0  # a score need not be a probability to rank
