"""All pairs of systems: who is better, who cannot be told apart, and how many more examples would tell."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from openbook.evaluate.compare_all import compare_all
from openbook.evaluate.scores import BadScores
from openbook.evaluate.significance import holm, paired_randomisation


def three(n: int = 60) -> dict[str, np.ndarray]:
    rng = np.random.default_rng(0)
    base = rng.normal(size=n)
    return {"A": base + 0.8 + rng.normal(scale=0.3, size=n), "B": base, "C": base + rng.normal(0.02, 0.5, size=n)}


def test_every_pair_with_its_verdict() -> None:
    scores = three()
    found = {(one.first, one.second): one for one in compare_all(scores)}
    assert list(found) == [("A", "B"), ("A", "C"), ("B", "C")]
    assert found["A", "B"].verdict == "A is better"
    assert found["A", "B"].more == 0
    told = found["B", "C"]
    assert told.verdict.startswith("cannot be told apart; about ")
    assert told.more is not None
    assert told.more > 0
    raw = [paired_randomisation(scores[a], scores[b]).p_value for a, b in found]
    assert [one.p_value for one in found.values()] == holm(raw)


def test_right_and_wrong_are_shares() -> None:
    first, second = [1] * 30 + [0] * 10, [1] * 22 + [0] * 18
    (one,) = compare_all({"A": first, "B": second})
    assert (one.effect_name, one.verdict) == ("Cohen's h", "A is better")
    (same,) = compare_all({"A": first, "B": first})
    assert (same.p_value, same.more) == (1, None)
    assert "no difference is seen" in same.verdict


@settings(max_examples=30)
@given(st.lists(st.tuples(st.integers(0, 4), st.integers(0, 4)), min_size=1, max_size=20))
def test_who_is_named_first_does_not_matter(drawn: list) -> None:
    first, second = map(list, zip(*drawn, strict=True))
    (one,) = compare_all({"A": first, "B": second}, resamples=200)
    (other,) = compare_all({"B": second, "A": first}, resamples=200)
    assert (one.verdict, one.p_value, one.more) == (other.verdict, other.p_value, other.more)
    assert one.difference == -other.difference
    assert ("better" in one.verdict) == (one.p_value <= 0.05)


def test_groups_count_once() -> None:
    rng = np.random.default_rng(4)
    by_group = rng.normal(0.4, 1, size=8)
    scores = {"A": np.repeat(by_group, 25), "B": np.zeros(200)}
    groups = [n // 25 for n in range(200)]
    assert compare_all(scores)[0].verdict == "A is better"
    assert "cannot be told apart" in compare_all(scores, groups)[0].verdict


def test_bad_input_is_refused() -> None:
    for scores in ({"A": [1.0]}, {str(n): [1.0] for n in range(41)}, {"A": [1.0], "B": [1.0, 2.0]}):
        with pytest.raises(BadScores):
            compare_all(scores)
