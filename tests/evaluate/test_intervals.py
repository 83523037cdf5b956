"""Intervals: equal to a loop and to published values, covering as often as they say, and honest about one example."""

from fractions import Fraction
from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from openbook.evaluate import intervals
from openbook.evaluate.intervals import bootstrap_mean, wilson, wilson_in_groups
from openbook.evaluate.scores import BadScores

numbers = st.lists(st.floats(-1e6, 1e6), min_size=2, max_size=40)


def test_the_bootstrap_agrees_with_the_whole_distribution() -> None:
    scores = [0.0, 1.0, 2.0, 5.0]
    means = np.array([sum(draw) / 4 for draw in product(scores, repeat=4)])  # all 256 equally likely draws
    interval = bootstrap_mean(scores, level=0.8, resamples=40_000)
    assert interval is not None
    assert interval.value == 2.0
    assert interval.n == 4
    assert abs(interval.low - np.quantile(means, 0.1)) <= 0.25  # one step of the discrete distribution
    assert abs(interval.high - np.quantile(means, 0.9)) <= 0.25


@given(numbers, st.integers(0, 5))
def test_the_interval_lies_within_the_data_and_follows_shift_and_scale(scores: list, seed: int) -> None:
    interval = bootstrap_mean(scores, resamples=200, seed=seed)
    moved = bootstrap_mean([3 * score + 7 for score in scores], resamples=200, seed=seed)
    assert interval is not None
    assert moved is not None
    slack = 1e-6
    assert min(scores) - slack <= interval.low <= interval.high <= max(scores) + slack
    assert moved.low == pytest.approx(3 * interval.low + 7, abs=1e-5)
    assert moved.high == pytest.approx(3 * interval.high + 7, abs=1e-5)


def test_the_seed_decides_and_the_size_of_the_pieces_does_not(monkeypatch: pytest.MonkeyPatch) -> None:
    scores = list(np.random.default_rng(3).normal(size=57))
    whole = bootstrap_mean(scores, resamples=999, seed=11)
    assert whole == bootstrap_mean(scores, resamples=999, seed=11)
    assert whole != bootstrap_mean(scores, resamples=999, seed=12)
    monkeypatch.setattr(intervals, "_CELLS", 57 * 10)
    assert whole == bootstrap_mean(scores, resamples=999, seed=11)


def test_the_bootstrap_covers_the_true_mean_about_as_often_as_it_says() -> None:
    rng = np.random.default_rng(0)
    drawn = [bootstrap_mean(rng.normal(5, 2, size=60), level=0.9, resamples=300, seed=s) for s in range(400)]
    covered = sum(interval is not None and interval.low <= 5 <= interval.high for interval in drawn)
    assert 0.85 <= covered / 400 <= 0.94


def test_one_example_has_no_bootstrap_interval() -> None:
    assert bootstrap_mean([0.7]) is None


@pytest.mark.parametrize(
    ("successes", "n", "low", "high"),
    [
        # Newcombe 1998, Statistics in Medicine 17, table I, method 3, at 95%.
        (81, 263, 0.2553, 0.3662),
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0.0, 0.1611),
        (1, 29, 0.0061, 0.1718),
    ],
)
def test_wilson_equals_published_values(successes: int, n: int, low: float, high: float) -> None:
    interval = wilson(successes, n)
    assert interval.low == pytest.approx(low, abs=5e-5)
    assert interval.high == pytest.approx(high, abs=5e-5)


@given(st.integers(1, 10_000).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))), st.floats(0.5, 0.999))
def test_wilson_holds_the_share_and_mirrors(drawn: tuple[int, int], level: float) -> None:
    successes, n = drawn
    interval, mirror = wilson(successes, n, level=level), wilson(n - successes, n, level=level)
    assert 0 <= interval.low <= float(Fraction(successes, n)) <= interval.high <= 1
    assert mirror.low == pytest.approx(1 - interval.high, abs=1e-12)


@pytest.mark.parametrize("scores", [[], [float("nan"), 1], [1, float("inf")], [[1, 2], [3, 4]], ["x"], [1e300, 1]])
def test_scores_that_are_no_scores_are_refused(scores: list) -> None:
    with pytest.raises(BadScores):
        bootstrap_mean(scores)


def test_bad_settings_are_refused() -> None:
    for level in (0, 1, 95, -0.5, float("nan")):
        with pytest.raises(BadScores, match="level"):
            bootstrap_mean([1, 2], level=level)
        with pytest.raises(BadScores, match="level"):
            wilson(1, 2, level=level)
    for resamples in (0, 10**9):
        with pytest.raises(BadScores, match="resamples"):
            bootstrap_mean([1, 2], resamples=resamples)
    for successes, n in ((0, 0), (3, 2), (-1, 2)):
        with pytest.raises(BadScores, match="successes"):
            wilson(successes, n)


def alike_within_groups(rng: np.random.Generator, groups: int = 40, each: int = 10) -> tuple[np.ndarray, list[int]]:
    """Scores around 5 of which most of the spread lies between groups."""
    centres = rng.normal(5, 2, size=groups)
    return (centres[:, None] + rng.normal(0, 0.5, size=(groups, each))).ravel(), [
        g for g in range(groups) for _ in range(each)
    ]


def test_groups_of_one_change_nothing() -> None:
    scores = list(np.random.default_rng(3).normal(size=57))
    assert bootstrap_mean(scores, groups=range(57)) == bootstrap_mean(scores)


def test_whole_groups_are_drawn_so_copies_add_nothing() -> None:
    scores = list(np.random.default_rng(3).normal(size=30))
    once = bootstrap_mean(scores, seed=5)
    copied = bootstrap_mean(
        [s for s in scores for _ in range(7)], groups=[g for g in range(30) for _ in range(7)], seed=5
    )
    assert once is not None
    assert copied is not None
    assert (copied.low, copied.high) == pytest.approx((once.low, once.high))
    assert copied.n == 210


def test_grouped_scores_are_covered_as_often_as_said_and_only_so_with_their_groups() -> None:
    rng = np.random.default_rng(0)
    covered = dict.fromkeys(("grouped", "apart"), 0)
    for _ in range(200):
        scores, groups = alike_within_groups(rng)
        for name, found in (
            ("grouped", bootstrap_mean(scores, groups=groups, level=0.9, resamples=300)),
            ("apart", bootstrap_mean(scores, level=0.9, resamples=300)),
        ):
            covered[name] += found is not None and found.low <= 5 <= found.high
    assert 0.83 <= covered["grouped"] / 200 <= 0.95
    assert covered["apart"] / 200 < 0.6


def test_one_group_has_no_bootstrap_interval() -> None:
    assert bootstrap_mean([0.7, 0.1], groups=["a", "a"]) is None


@given(st.lists(st.booleans(), min_size=2, max_size=60))
def test_a_share_of_copies_is_worth_no_more_than_the_originals(outcomes: list[bool]) -> None:
    copied = wilson_in_groups(
        [o for o in outcomes for _ in range(5)], [g for g in range(len(outcomes)) for _ in range(5)]
    )
    once = wilson_in_groups(outcomes, range(len(outcomes)))
    plain = wilson(sum(outcomes), len(outcomes))
    assert (copied.low, copied.high) == pytest.approx((once.low, once.high), abs=1e-9)
    assert once.low <= plain.low + 1e-12
    assert once.high >= plain.high - 1e-12
    assert once.high - once.low <= (plain.high - plain.low) * len(outcomes) / (len(outcomes) - 1) + 1e-9


def test_a_grouped_share_is_covered_as_often_as_said() -> None:
    rng = np.random.default_rng(1)
    covered = 0
    for _ in range(300):
        chances = rng.beta(2, 2, size=50)
        outcomes = (rng.random((50, 12)) < chances[:, None]).ravel()
        found = wilson_in_groups(list(outcomes), [g for g in range(50) for _ in range(12)], level=0.9)
        covered += found.low <= 0.5 <= found.high
    assert 0.85 <= covered / 300 <= 0.95


def test_groups_must_be_as_many_as_examples() -> None:
    with pytest.raises(BadScores, match="one group for each"):
        bootstrap_mean([1, 2, 3], groups=["a", "b"])
