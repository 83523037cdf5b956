"""How many examples would tell: against simulation, a table of Cohen's, and rules that any such number must keep."""

from math import erf, sqrt

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from openbook.evaluate.power import more_in_words, needed, needed_for_shares, needed_from_error, power
from openbook.evaluate.scores import BadScores


def test_power_is_the_normal_distributions() -> None:
    assert power(0.0, 50) == pytest.approx(0.05)  # nothing there: found as often as the level
    shift = 0.2 * sqrt(200)
    by_erf = [0.5 * (1 + erf(x / sqrt(2))) for x in (shift - 1.959964, -shift - 1.959964)]
    assert power(0.2, 200) == pytest.approx(sum(by_erf), abs=1e-6)


def test_half_a_spread_needs_what_cohen_says() -> None:
    """Cohen 1988: d = .5 of pairs, two-sided .05, power .80 takes 33 or 34 with t; the normal curve saves about 2."""
    assert needed_from_error(0.5, 1 / sqrt(10), 10) == 32
    assert needed_from_error(-0.2, 1 / sqrt(10), 10) == 197
    assert power(0.2, 197) == pytest.approx(0.8, abs=0.003)


@pytest.mark.parametrize(("effect", "level", "wanted"), [(0.3, 0.05, 0.8), (0.5, 0.01, 0.9), (0.2, 0.1, 0.7)])
def test_with_as_many_as_needed_the_difference_is_found_as_often_as_said(
    effect: float, level: float, wanted: float
) -> None:
    n = needed_from_error(effect, 1 / sqrt(50), 50, level=level, power=wanted)
    rng = np.random.default_rng(0)
    found = stats.ttest_1samp(rng.normal(effect, 1, size=(4_000, n)), 0, axis=1).pvalue <= level
    assert found.mean() == pytest.approx(wanted, abs=0.045)  # t asks for a little more than the normal curve


@pytest.mark.parametrize(("only_first", "only_second", "n"), [(30, 18, 100), (9, 2, 60)])
def test_with_as_many_pairs_as_needed_mcnemars_test_finds_it(only_first: int, only_second: int, n: int) -> None:
    more = needed_for_shares(only_first, only_second, n)
    assert more is not None
    total = n + more
    rng = np.random.default_rng(1)
    shares = [only_first / n, only_second / n, 1 - (only_first + only_second) / n]
    b, c, _ = rng.multinomial(total, shares, size=4_000).T
    statistic = (b - c) ** 2 / np.maximum(b + c, 1)  # McNemar 1947, without continuity correction
    assert (stats.chi2.sf(statistic, 1) <= 0.05).mean() == pytest.approx(0.8, abs=0.04)


def test_connors_formula_worked_by_hand() -> None:
    # psi = .3, delta = .1: (1.95996 √.3 + .84162 √.29)² / .01 = 233.1 pairs.
    assert needed_for_shares(20, 10, 100) == 134


@given(st.lists(st.integers(-5, 5), min_size=2, max_size=40), st.floats(0.01, 100))
def test_the_number_knows_neither_sign_nor_unit_and_says_never_for_nothing(drawn: list, scale: float) -> None:
    more = needed(drawn)
    assert more == needed([-d for d in drawn])
    scaled = needed([scale * d for d in drawn])
    assert (more is None) == (sum(drawn) == 0) == (scaled is None)
    if more is not None and scaled is not None:
        assert abs(more - scaled) <= 1  # rounding up
        assert more >= 0


@given(st.lists(st.integers(-5, 5), min_size=3, max_size=30))
def test_a_sharper_test_or_more_power_never_needs_less(drawn: list) -> None:
    if sum(drawn) == 0:
        return
    base = needed(drawn)
    for stricter in (needed(drawn, level=0.01), needed(drawn, power=0.95)):
        assert base is not None
        assert stricter is not None
        assert stricter >= base


def test_copies_in_groups_are_worth_their_originals() -> None:
    drawn = list(np.random.default_rng(3).normal(0.1, 1, size=30))
    once = needed(drawn)
    copied = needed(np.repeat(drawn, 5), groups=[n // 5 for n in range(150)])
    assert once is not None
    assert copied == pytest.approx(5 * once, abs=5)


def test_enough_is_zero_and_a_handful_is_never_enough() -> None:
    drawn = np.random.default_rng(0).normal(1, 1, size=100)
    assert needed(drawn) == 0
    assert needed([1.0, 1.0, 1.0]) == 3  # 3 swaps say 2^-2 at best; 6 say 2^-5
    assert needed([1.0]) is None
    assert needed_for_shares(4, 4, 20) is None
    assert needed_for_shares(30, 2, 100) == 0


def test_the_sentence() -> None:
    assert more_in_words(342) == "about 340 more examples are needed to tell"
    assert more_in_words(12_345) == "about 12,000 more examples are needed to tell"
    assert more_in_words(1, "document") == "about 1 more document is needed to tell"
    assert "no difference" in more_in_words(None)


def test_bad_input_is_refused() -> None:
    for bad in (
        lambda: power(0.2, 0),
        lambda: power(0.2, 10, level=5),
        lambda: needed([]),
        lambda: needed([1, 2], power=1),
        lambda: needed_for_shares(5, 6, 10),
        lambda: needed_from_error(0, 1, 10),
    ):
        with pytest.raises(BadScores):
            bad()
