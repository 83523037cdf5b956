"""Paired tests: the fast ones against all swaps and all draws, p = 1 for equals, the same p either way round."""

from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from openbook.evaluate import significance
from openbook.evaluate.scores import BadScores
from openbook.evaluate.significance import exact_randomisation, holm, paired_bootstrap, paired_randomisation

TESTS = (paired_bootstrap, paired_randomisation)
pairs = st.lists(st.tuples(st.floats(-100, 100), st.floats(-100, 100)), min_size=2, max_size=25)
# Scores on a grid of tenths tie often, as recall and F1 do.
coarse = st.lists(st.tuples(*[st.integers(0, 10).map(lambda tenths: tenths / 10)] * 2), min_size=2, max_size=12)


def by_enumeration(first: list, second: list) -> float:
    """The exact randomisation p by its definition, in whole tenths, free of rounding."""
    tenths = [round(10 * (left - right)) for left, right in zip(first, second, strict=True)]
    reaching = sum(
        abs(sum(sign * d for sign, d in zip(signs, tenths, strict=True))) >= abs(sum(tenths))
        for signs in product((1, -1), repeat=len(tenths))
    )
    return reaching / 2 ** len(tenths)


@given(coarse)
def test_the_exact_test_is_its_definition(drawn: list) -> None:
    first, second = map(list, zip(*drawn, strict=True))
    assert exact_randomisation(first, second).p_value == by_enumeration(first, second)


@given(coarse, st.integers(0, 3))
def test_the_random_swaps_agree_with_all_swaps(drawn: list, seed: int) -> None:
    first, second = map(list, zip(*drawn, strict=True))
    exact = exact_randomisation(first, second)
    fast = paired_randomisation(first, second, resamples=4000, seed=seed)
    noise = 6 * (exact.p_value * (1 - exact.p_value) / 4000) ** 0.5
    assert abs(fast.p_value - exact.p_value) <= noise + 1 / 4001
    assert fast.difference == exact.difference
    assert fast.n == exact.n == len(first)


def test_the_bootstrap_agrees_with_all_draws() -> None:
    first, second = [0.9, 0.8, 0.7, 0.4, 1.0], [0.5, 0.9, 0.3, 0.1, 0.8]
    tenths = [4, -1, 4, 3, 2]
    shifted = [5 * d - sum(tenths) for d in tenths]  # fiftieths, mean 0
    draws = [abs(sum(draw)) >= 5 * sum(tenths) for draw in product(shifted, repeat=5)]
    exact = sum(draws) / len(draws)
    fast = paired_bootstrap(first, second, resamples=40_000)
    assert fast is not None
    assert 0 < exact < 0.2
    assert abs(fast.p_value - exact) <= 6 * (exact * (1 - exact) / 40_000) ** 0.5


@pytest.mark.parametrize("test", TESTS)
@given(drawn=pairs)
def test_equal_systems_have_p_one(test, drawn: list) -> None:
    scores = [left for left, _ in drawn]
    result = test(scores, list(scores), resamples=50)
    assert result.p_value == 1
    assert result.difference == 0
    assert exact_randomisation(scores, scores).p_value == 1


@pytest.mark.parametrize("test", TESTS)
@given(drawn=pairs, seed=st.integers(0, 5))
def test_exchanging_the_systems_changes_the_sign_alone(test, drawn: list, seed: int) -> None:
    first, second = map(list, zip(*drawn, strict=True))
    forward, backward = test(first, second, resamples=99, seed=seed), test(second, first, resamples=99, seed=seed)
    assert forward.difference == -backward.difference
    assert forward.p_value == backward.p_value
    assert 1 / 100 <= forward.p_value <= 1


@pytest.mark.parametrize("test", TESTS)
def test_a_large_and_steady_difference_is_significant_and_noise_is_not(test) -> None:
    rng = np.random.default_rng(1)
    base = rng.normal(size=200)
    better = base + 0.5 + rng.normal(scale=0.1, size=200)
    assert test(better, base).p_value == 1 / 10_001
    assert test(base + rng.normal(scale=0.5, size=200), base).p_value > 0.05


@pytest.mark.parametrize("test", TESTS)
def test_alike_systems_are_called_different_about_as_often_as_the_level(test) -> None:
    rng = np.random.default_rng(7)
    found = [test(rng.normal(size=40), rng.normal(size=40), resamples=199).p_value <= 0.1 for _ in range(400)]
    assert 0.05 <= sum(found) / 400 <= 0.16


def test_the_seed_decides(monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(2)
    first, second = rng.normal(size=30), rng.normal(size=30)
    for test in TESTS:
        assert test(first, second, seed=4) == test(first, second, seed=4)
    # Many small pieces, with a last one that is short, still count every resample once.
    monkeypatch.setattr(significance, "_CELLS", 30 * 7)
    assert paired_randomisation(first, first, resamples=100).p_value == 1
    pieces = paired_randomisation(first, second, resamples=5000).p_value
    monkeypatch.undo()
    assert abs(pieces - paired_randomisation(first, second, resamples=5000).p_value) < 0.05


def test_one_pair_shows_nothing() -> None:
    assert paired_bootstrap([1.0], [0.0]) is None
    assert paired_randomisation([1.0], [0.0]).p_value == 1
    assert exact_randomisation([1.0], [0.0]).p_value == 1


def test_pairs_that_are_equal_do_not_count_towards_the_limit_of_the_exact_test() -> None:
    assert exact_randomisation([1.0] * 5 + [0.0] * 100, [0.0] * 105).p_value == 2 / 2**5
    with pytest.raises(BadScores, match="paired_randomisation"):
        exact_randomisation([1.0] * 21, [0.0] * 21)


@pytest.mark.parametrize("test", [*TESTS, exact_randomisation])
def test_bad_pairs_are_refused(test) -> None:
    for first, second in (([], []), ([1, 2], [1]), ([float("nan"), 0], [0, 0]), ([1, 2], [1, float("inf")])):
        with pytest.raises(BadScores):
            test(first, second)
    for fast in TESTS:
        with pytest.raises(BadScores, match="resamples"):
            fast([1, 2], [2, 1], resamples=0)


def test_holm_worked_by_hand() -> None:
    # Sorted .005 .01 .03 .04, times 4 3 2 1: .02 .03 .06 .04, and the last may not fall below .06.
    assert holm([0.01, 0.04, 0.03, 0.005]) == pytest.approx([0.03, 0.06, 0.06, 0.02])
    assert holm([0.6, 0.7]) == [1.0, 1.0]
    assert holm([0.04]) == [0.04]
    assert holm([]) == []


@given(st.lists(st.floats(0, 1), min_size=1, max_size=12), st.sampled_from([0.01, 0.05, 0.2]))
def test_holm_rejects_what_the_stepwise_procedure_rejects(p_values: list, level: float) -> None:
    adjusted = holm(p_values)
    rejected = set()
    for step, where in enumerate(sorted(range(len(p_values)), key=lambda i: p_values[i])):
        if (len(p_values) - step) * p_values[where] > level:
            break
        rejected.add(where)
    assert {i for i, value in enumerate(adjusted) if value <= level} == rejected
    assert all(old <= new <= 1 for old, new in zip(p_values, adjusted, strict=True))


@pytest.mark.parametrize("p_values", [[1.2], [-0.1, 0.5], [float("nan")]])
def test_what_is_no_probability_is_refused(p_values: list) -> None:
    with pytest.raises(BadScores):
        holm(p_values)


def test_a_group_is_swapped_as_a_whole() -> None:
    rng = np.random.default_rng(2)
    by_group = rng.normal(0.4, 1, size=12)
    first = [d for d in by_group for _ in range(20)]
    groups = [g for g in range(12) for _ in range(20)]
    grouped = paired_randomisation(first, [0.0] * 240, groups=groups, resamples=20_000)
    exact = exact_randomisation(list(by_group), [0.0] * 12)
    assert grouped.p_value == pytest.approx(exact.p_value, abs=0.015)
    assert paired_randomisation(first, [0.0] * 240).p_value < exact.p_value / 3  # as if 240 had been independent
