"""Fusion: exact small cases by hand, and what must hold for any lists."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openbook.index.fuse import convex_combination, reciprocal_rank_fusion
from openbook.values import Hit

LEXICAL = [Hit(1, 8.0), Hit(2, 4.0)]
DENSE = [Hit(2, 0.9), Hit(3, 0.7), Hit(4, 0.5)]

lists = st.lists(
    st.tuples(st.integers(0, 20), st.floats(0, 10).map(lambda score: round(score, 6))),
    max_size=10,
    unique_by=lambda pair: pair[0],
).map(lambda pairs: sorted((Hit(key, score) for key, score in pairs), key=lambda hit: -hit.score))


def test_reciprocal_ranks_by_hand() -> None:
    fused = reciprocal_rank_fusion([LEXICAL, DENSE], k=60)
    assert fused[0] == Hit(2, pytest.approx(1 / 62 + 1 / 61))
    assert fused[1:] == [Hit(1, pytest.approx(1 / 61)), Hit(3, pytest.approx(1 / 62)), Hit(4, pytest.approx(1 / 63))]


def test_convex_combination_by_hand() -> None:
    # lexical: 8/8 = 1, 4/8 = 0.5; dense between 0.5 and 0.9: 1, 0.5, 0; weight 0.6
    fused = {hit.chunk_id: hit.score for hit in convex_combination(LEXICAL, DENSE, 0.6)}
    assert fused == pytest.approx({1: 0.4, 2: 0.4 * 0.5 + 0.6, 3: 0.3, 4: 0.0})


@given(lists, lists)
def test_the_ends_are_one_list_alone(lexical: list[Hit], dense: list[Hit]) -> None:
    only_dense = [hit.chunk_id for hit in convex_combination([], dense, 1.0)]
    assert set(only_dense) == {hit.chunk_id for hit in dense}
    fused = convex_combination(lexical, dense, 0.5)
    assert {hit.chunk_id for hit in fused} == {hit.chunk_id for hit in [*lexical, *dense]}
    assert all(a.score >= b.score for a, b in pairwise(fused))
    assert all(0 <= hit.score <= 1 + 1e-9 for hit in fused)


@given(lists)
def test_order_of_one_list_is_kept(dense: list[Hit]) -> None:
    scores = {hit.chunk_id: hit.score for hit in dense}
    order = [scores[hit.chunk_id] for hit in convex_combination([], dense, 1.0)]
    assert order == sorted(order, reverse=True)


def test_a_weight_outside_the_unit_interval_is_refused() -> None:
    with pytest.raises(ValueError, match="weight"):
        convex_combination([], [], 1.5)
