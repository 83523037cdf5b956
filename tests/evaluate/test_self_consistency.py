"""The commonest answer wins with its share, whatever the order, and equals the equation."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openbook.evaluate.scores import BadScores
from openbook.evaluate.self_consistency import MOST_SAMPLES, Vote, majority, majority_by_the_equation

answers = st.lists(st.sampled_from(["a cat", "A cat.", "dog", "", "the", "owl"]), min_size=1, max_size=30)


def test_a_vote_worked_by_hand() -> None:
    assert majority(["Paris.", "Rome", "paris", "the Paris"]) == Vote("Paris.", 0.75)
    # An answer that says nothing (articles alone) wins nothing and still counts in the share.
    assert majority(["the", "Rome", ""]) == Vote("Rome", 1 / 3)
    assert majority(["", "the"]) == Vote(None, 0.0)
    # Of equal ones, the first.
    assert majority(["no", "yes", "yes", "no"]) == Vote("no", 0.5)


def test_weights_move_the_vote() -> None:
    assert majority(["yes", "no", "no"], weights=[0.8, 0.1, 0.1]) == Vote("yes", pytest.approx(0.8))
    assert majority(["x1", "x2", "y1"], str, weights=[2, 1, 1]) == Vote("x1", 0.5)


@given(answers)
def test_it_is_the_equation(samples: list[str]) -> None:
    assert majority(samples) == majority_by_the_equation(samples)


@given(answers, st.randoms(use_true_random=False))
def test_the_share_does_not_depend_on_the_order(samples: list[str], random) -> None:
    shuffled = list(samples)
    random.shuffle(shuffled)
    assert majority(shuffled).share == majority(samples).share


def test_a_reading_of_ones_own_decides_what_counts_as_the_same() -> None:
    solved = ["3 + 4 = 7", "so it is 7", "I get 8"]
    assert majority(solved, lambda text: text.split()[-1]) == Vote("3 + 4 = 7", 2 / 3)


@pytest.mark.parametrize("samples", [[], "one text", ["a"] * (MOST_SAMPLES + 1)])
def test_no_samples_or_too_many_are_refused(samples) -> None:
    with pytest.raises(BadScores, match="samples"):
        majority(samples)


@pytest.mark.parametrize("weights", [[1.0], [0.0, 0.0], [1.0, -1.0], [1.0, float("nan")]])
def test_weights_that_weigh_nothing_are_refused(weights: list[float]) -> None:
    with pytest.raises(BadScores, match="weights"):
        majority(["a", "b"], weights=weights)
