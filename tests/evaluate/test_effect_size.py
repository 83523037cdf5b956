"""Effect sizes: by their definitions, on worked figures, and unmoved by what must not move them."""

from itertools import product
from math import pi, sqrt

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import special, stats

from openbook.evaluate.effect_size import (
    cliffs_delta,
    cohens_h,
    hedges,
    independent_d,
    paired_d,
    paired_d_interval,
    paired_superiority,
    superiority,
)
from openbook.evaluate.scores import BadScores

grid = st.integers(0, 10).map(lambda tenths: tenths / 10)
some = st.lists(grid, min_size=1, max_size=25)
pairs = st.lists(st.tuples(grid, grid), min_size=2, max_size=25)


def test_d_worked_by_hand() -> None:
    # Differences 1 2 3: mean 2, s = 1.
    assert paired_d([2, 4, 6], [1, 2, 3]) == pytest.approx(2)
    # Means 2 and 4, variances 1 and 4 over two degrees of freedom each: s² = 2.5.
    assert independent_d([1, 2, 3], [2, 4, 6]) == pytest.approx(-2 / sqrt(2.5))


@pytest.mark.filterwarnings("ignore:Precision loss")  # scipy's, of scores that are all alike
@given(pairs)
def test_d_is_the_t_statistic_without_n(drawn: list) -> None:
    """t = d√n for pairs, t = d / √(1/n + 1/m) for independent scores."""
    first, second = map(list, zip(*drawn, strict=True))
    n = len(first)
    paired, apart = paired_d(first, second), independent_d(first, second)
    if paired is not None:
        assert paired * sqrt(n) == pytest.approx(stats.ttest_rel(first, second).statistic, rel=1e-6, abs=1e-9)
    if apart is not None:
        assert apart / sqrt(2 / n) == pytest.approx(stats.ttest_ind(first, second).statistic, rel=1e-6, abs=1e-9)


@given(st.floats(-3, 3), st.integers(2, 400))
def test_hedges_correction_is_the_gamma_function_and_nearly_its_short_form(d: float, m: int) -> None:
    exact = special.gamma(m / 2) / (sqrt(m / 2) * special.gamma((m - 1) / 2)) if m < 300 else 1 - 3 / (4 * m - 1)
    assert hedges(d, m) == pytest.approx(d * exact, rel=1e-5, abs=1e-12)
    assert abs(hedges(d, m)) <= abs(d)
    assert hedges(1, m) == pytest.approx(1 - 3 / (4 * m - 1), abs=0.01 if m > 2 else 0.02)


@given(some, some)
def test_superiority_is_its_definition_and_mann_whitneys(first: list, second: list) -> None:
    counted = sum((a > b) + (a == b) / 2 for a, b in product(first, second)) / (len(first) * len(second))
    assert superiority(first, second) == pytest.approx(counted)
    u = stats.mannwhitneyu(first, second).statistic
    assert superiority(first, second) == pytest.approx(u / (len(first) * len(second)))
    assert cliffs_delta(first, second) == pytest.approx(-cliffs_delta(second, first))
    assert -1 <= cliffs_delta(first, second) <= 1


@given(pairs)
def test_paired_superiority_counts_pairs(drawn: list) -> None:
    first, second = map(list, zip(*drawn, strict=True))
    assert paired_superiority(first, second) == pytest.approx(np.mean([(a > b) + (a == b) / 2 for a, b in drawn]))
    assert paired_superiority(first, second) + paired_superiority(second, first) == pytest.approx(1)


def test_h_of_shares() -> None:
    assert cohens_h(1, 0) == pytest.approx(pi)
    assert cohens_h(0.5, 0.25) == pytest.approx(pi / 6)  # asin √½ = π/4, asin √¼ = π/6, each twice
    assert cohens_h(0.3, 0.3) == 0
    assert cohens_h(0.2, 0.9) == -cohens_h(0.9, 0.2)


@given(pairs, st.floats(0.1, 50), st.floats(-20, 20))
def test_d_knows_no_unit(drawn: list, scale: float, shift: float) -> None:
    first, second = (np.array(column) for column in zip(*drawn, strict=True))
    d, moved = paired_d(first, second), paired_d(scale * first + shift, scale * second + shift)
    assert (d is None) == (moved is None)
    if d is not None:
        assert moved == pytest.approx(d, rel=1e-5, abs=1e-7)


def test_the_interval_covers_about_as_often_as_said_and_widens_for_groups() -> None:
    rng = np.random.default_rng(0)
    covered = 0
    for seed in range(200):
        first = rng.normal(0.5, 1, size=60)
        found = paired_d_interval(first, np.zeros(60), level=0.9, resamples=200, seed=seed)
        assert found is not None
        covered += found.low <= 0.5 <= found.high
    assert 0.83 <= covered / 200 <= 0.96
    copied = np.repeat(rng.normal(0.5, 1, size=20), 10)
    grouped = paired_d_interval(copied, np.zeros(200), groups=[n // 10 for n in range(200)])
    apart = paired_d_interval(copied, np.zeros(200))
    assert grouped is not None
    assert apart is not None
    assert grouped.high - grouped.low > 2 * (apart.high - apart.low)


def test_what_has_no_effect_size() -> None:
    assert paired_d([1], [0]) is None
    assert paired_d([0.3, 0.2], [0.1, 0.0]) is None  # every difference is 0.2: no spread, but for rounding
    assert independent_d([1], [2]) is None
    assert independent_d([1, 1], [2, 2]) is None
    assert paired_d_interval([1, 2], [0, 0]) is None
    for bad in (
        lambda: paired_d([1, 2], [1]),
        lambda: cohens_h(1.2, 0),
        lambda: hedges(1, 1),
        lambda: superiority([], [1]),
    ):
        with pytest.raises(BadScores):
            bad()
