"""A threshold never meets the questions it was set on, nor others of their group."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openbook.evaluate.cross_fit import cross_fitted, halves
from openbook.evaluate.scores import BadScores

drawn = st.lists(st.tuples(st.booleans(), st.integers(0, 6)), min_size=2, max_size=40)


@given(drawn, st.integers(0, 5))
def test_groups_stay_whole(pairs: list[tuple[bool, int]], seed: int) -> None:
    groups = [group for _, group in pairs]
    second = halves([kind for kind, _ in pairs], groups, seed)
    sides = {group: {side for side, other in zip(second, groups, strict=True) if other == group} for group in groups}
    assert all(len(each) == 1 for each in sides.values())
    assert second == halves([kind for kind, _ in pairs], groups, seed)


@given(st.lists(st.booleans(), min_size=2, max_size=60), st.integers(0, 5))
def test_both_halves_get_both_kinds_alike(kinds: list[bool], seed: int) -> None:
    second = halves(kinds, None, seed)
    for kind in (True, False):
        of_kind = [side for side, own in zip(second, kinds, strict=True) if own is kind]
        assert abs(2 * sum(of_kind) - len(of_kind)) <= 1


def test_the_seed_draws_another_split() -> None:
    assert len({tuple(halves([True] * 20, None, seed)) for seed in range(5)}) > 1


@given(st.lists(st.floats(0, 1), min_size=4, max_size=20), st.integers(0, 3))
def test_every_question_is_answered_by_the_other_half(sure: list[float], seed: int) -> None:
    second = halves([True] * len(sure), None, seed)
    met: list[set[int]] = []

    def choose(numbers) -> float:
        met.append(set(numbers))
        return sum(sure[n] for n in numbers) / len(numbers)

    found = cross_fitted(choose, sure, second)
    assert found is not None
    assert met[0] | met[1] == set(range(len(sure)))
    assert not met[0] & met[1]
    for n, answered in enumerate(found.answered):
        own = 0 if n in met[0] else 1
        assert answered == (sure[n] >= found.thresholds[1 - own])


def test_too_few_set_nothing() -> None:
    found = cross_fitted(lambda numbers: None if 0 in numbers else 0.5, [0.1, 0.9], [False, True])
    assert found is None


def test_the_groups_must_be_as_many() -> None:
    with pytest.raises(BadScores, match="one group for each"):
        halves([True, False], ["a"])
