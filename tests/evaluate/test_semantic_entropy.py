"""Entropy over meanings: worked by hand, equal to the equations, and blind to wording."""

from math import exp, log

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from openbook.evaluate.equivalence import same_words
from openbook.evaluate.scores import BadScores
from openbook.evaluate.semantic_entropy import (
    discrete_semantic_entropy,
    length_normalised,
    meanings,
    predictive_entropy,
    semantic_entropy,
    semantic_entropy_by_the_equation,
)

drawn = st.lists(st.tuples(st.integers(0, 4), st.floats(-20, 0)), min_size=1, max_size=20)


def test_clusters_worked_by_hand() -> None:
    assert meanings(["Paris", "Rome", "the paris.", "Rome!", "Oslo"], same_words) == [0, 1, 0, 1, 2]
    # Each is compared with the first of every cluster and with no other.
    asked: list[tuple[str, str]] = []
    meanings(["a", "a2", "a3"], lambda left, right: bool(asked.append((left, right))) or True)
    assert asked == [("a", "a2"), ("a", "a3")]


def test_entropies_worked_by_hand() -> None:
    assert discrete_semantic_entropy([0, 0, 1, 1]) == pytest.approx(log(2))
    assert discrete_semantic_entropy([7, 7, 7]) == 0
    # p(0) = (.4 + .2) / .8 = 3/4 and p(1) = 1/4.
    expected = -(0.75 * log(0.75) + 0.25 * log(0.25))
    assert semantic_entropy([0, 1, 0], [log(0.4), log(0.2), log(0.2)]) == pytest.approx(expected)
    assert predictive_entropy([-1.0, -2.0, -6.0]) == pytest.approx(3.0)
    assert length_normalised([-1.0, -3.0]) == -2.0


@given(drawn)
def test_it_is_the_equation(rows: list[tuple[int, float]]) -> None:
    clusters, logs = [c for c, _ in rows], [v for _, v in rows]
    assert semantic_entropy(clusters, logs) == pytest.approx(semantic_entropy_by_the_equation(clusters, logs))


@given(drawn)
def test_it_is_what_the_authors_code_computes(rows: list[tuple[int, float]]) -> None:
    """Their two steps: log-sum-exp of normalised likelihoods in a cluster, then -Σ exp(l) l."""
    clusters, logs = np.array([c for c, _ in rows]), np.array([v for _, v in rows])
    shared = [
        np.log(np.sum(np.exp(logs[clusters == one] - np.log(np.sum(np.exp(logs)))))) for one in sorted(set(clusters))
    ]
    theirs = -np.sum(np.exp(shared) * shared)
    assert semantic_entropy(list(clusters), logs) == pytest.approx(theirs, abs=1e-9)


@given(drawn, st.floats(-500, 500))
def test_bounds_and_a_common_factor(rows: list[tuple[int, float]], shift: float) -> None:
    clusters, logs = [c for c, _ in rows], [v for _, v in rows]
    found = semantic_entropy(clusters, logs)
    assert 0 <= found <= log(len(set(clusters))) + 1e-9
    assert semantic_entropy(clusters, [v + shift for v in logs]) == pytest.approx(found, abs=1e-6)
    assert semantic_entropy(clusters, [-3.0] * len(logs)) == pytest.approx(discrete_semantic_entropy(clusters))


def test_long_samples_do_not_underflow() -> None:
    assert semantic_entropy([0, 1], [-4000.0, -4000.0]) == pytest.approx(log(2))
    assert exp(-4000) == 0


def test_wording_moves_the_naive_entropy_alone() -> None:
    """Four wordings of one meaning: the naive entropy is log 4, the semantic one is 0."""
    logs = [log(1 / 4)] * 4
    assert predictive_entropy(logs) == pytest.approx(log(4))
    assert semantic_entropy([0] * 4, logs) == 0


def test_what_does_not_fit_is_refused() -> None:
    for bad in (
        lambda: semantic_entropy([0, 1], [-1.0]),
        lambda: semantic_entropy([], []),
        lambda: discrete_semantic_entropy([]),
        lambda: predictive_entropy([float("-inf")]),
        lambda: meanings([], same_words),
        lambda: meanings("text", same_words),
    ):
        with pytest.raises(BadScores):
            bad()
