"""Simulated annotators choose with the noise and bias that they are given, and again alike under one key."""

import math
from typing import Any

import numpy as np
import pytest

from openbook.align.annotator import Annotator, annotated
from openbook.align.groups import Group
from openbook.align.problems import AlignProblem
from openbook.align.task import Problem, Rollout


def rollouts(count: int, sizes: tuple[int, ...] = (2, 5)) -> list[Rollout]:
    """Replies named by their place; the reward below is that place."""
    replies = tuple(np.zeros(size, dtype=np.int64) for size in sizes)
    names = tuple(str(place) for place in range(len(sizes)))
    one = Group(np.zeros(1, dtype=np.int64), replies)
    return [Rollout(Problem(f"p{n}", "", "", 1), one, names, (True,) * len(sizes)) for n in range(count)]


def place(found: Any) -> Any:
    return np.array([[float(text) for text in one.texts] for one in found])


@pytest.mark.parametrize(
    ("annotator", "chance"),
    [
        (Annotator("sure", temperature=0), 1.0),
        (Annotator("logistic"), 1 / (1 + math.exp(-1))),
        (Annotator("cold", temperature=0.5), 1 / (1 + math.exp(-2))),
        (Annotator("careless", temperature=0, flips=0.2), 0.8),
        (Annotator("biased", per_token=-1.0), 1 / (1 + math.exp(2))),
        (Annotator("far", temperature=1e-300, flips=0.1), 0.9),
    ],
)
def test_the_better_reply_is_chosen_as_often_as_the_equation_says(annotator: Annotator, chance: float) -> None:
    assert annotator.chance((1.0, 0.0), (5, 2)) == pytest.approx(chance)
    n = 4000
    found = annotated(rollouts(n), place, [annotator], [3])
    share = sum(pair.chosen == "1" for pair in found) / n
    assert abs(share - chance) <= 4 * (chance * (1 - chance) / n) ** 0.5
    assert {pair.annotator for pair in found} == {annotator.name}


def test_a_key_gives_the_same_choices_and_annotators_their_own() -> None:
    two = [Annotator("a"), Annotator("b")]
    first, again, other = (annotated(rollouts(40), place, two, key) for key in ([1], [1], [2]))
    assert first == again != other
    by = [[pair.chosen for pair in first if pair.annotator == name] for name in "ab"]
    assert by[0] != by[1]


def test_replies_are_compared_two_by_two_or_all_and_equal_texts_never() -> None:
    found = annotated(rollouts(1, (1, 1, 1, 1, 1)), place, [Annotator("sure", temperature=0)], [0])
    assert [(pair.chosen, pair.rejected) for pair in found] == [("1", "0"), ("3", "2")]
    sure = Annotator("sure", temperature=0)
    every = annotated(rollouts(1, (1, 1, 1)), place, [sure], [0], every=True)
    assert [(pair.chosen, pair.rejected) for pair in every] == [("1", "0"), ("2", "0"), ("2", "1")]
    same = Rollout(Problem("p", "", "", 1), rollouts(1)[0].group, ("4", "4"), (True, True))
    assert annotated([same], place, [Annotator("sure")], [0]) == []


@pytest.mark.parametrize("settings", [{"temperature": -1}, {"flips": 0.6}, {"per_token": math.inf}])
def test_noise_that_means_nothing_is_refused(settings: dict[str, float]) -> None:
    with pytest.raises(AlignProblem, match="annotator 'x'"):
        Annotator("x", **settings)


def test_a_reward_that_is_no_number_is_refused() -> None:
    with pytest.raises(AlignProblem, match="not finite"):
        annotated(rollouts(1), lambda found: place(found) * math.nan, [Annotator("x")], [0])
