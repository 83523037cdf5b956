"""Answer spans from start and end scores, held to a plain search over all pairs."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from openbook.encode.spans import LONGEST_ANSWER, RowScores, best_pairs, spans_of

scores = st.lists(st.floats(-20, 20, width=32), min_size=1, max_size=60)


def plainly(starts: np.ndarray, ends: np.ndarray) -> float:
    pairs = [(i, j) for i in range(len(starts)) for j in range(i, min(len(starts), i + LONGEST_ANSWER))]
    return max(float(starts[i] + ends[j]) for i, j in pairs)


@given(scores, st.randoms(use_true_random=False))
def test_the_best_pair_is_the_best_of_all_and_the_others_do_not_overlap(starts: list[float], random) -> None:
    p = np.array(starts, np.float32)
    q = np.array([random.uniform(-20, 20) for _ in starts], np.float32)
    found = best_pairs(p, q, 5)
    assert found[0][2] == pytest.approx(plainly(p, q), abs=1e-5)
    taken = [set(range(first, last + 1)) for first, last, _ in found]
    assert sum(map(len, taken)) == len(set().union(*taken))
    assert [score for *_, score in found] == sorted((score for *_, score in found), reverse=True)
    assert all(0 <= last - first < LONGEST_ANSWER for first, last, _ in found)


def row(starts: list[float], ends: list[float], offsets: list[tuple[int, int]]) -> RowScores:
    return RowScores(np.array(starts, np.float32), np.array(ends, np.float32), 0.0, 0.0, offsets)


def test_scores_are_log_probabilities_over_all_rows_of_a_passage() -> None:
    one = row([1.0, 2.0], [0.5, 0.0], [(0, 3), (4, 6)])
    two = row([3.0], [1.0], [(4, 6)])
    found = spans_of([one, two], 8)
    total = np.log(np.exp([1, 2, 3]).sum()) + np.log(np.exp([0.5, 0, 1]).sum())
    assert (found[0].span.start, found[0].span.end) == (4, 6)
    assert found[0].score == pytest.approx(4 - total, abs=1e-5)
    assert [(a.span.start, a.span.end) for a in found] == [(4, 6), (0, 3)]  # the same place of both rows counts once


def test_an_empty_passage_has_no_answer() -> None:
    assert spans_of([row([], [], [])], 3) == []
