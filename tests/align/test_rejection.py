"""Rejection-sampling fine-tuning: the best of each prompt's replies is learnt, a prompt without one is passed over."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from small_base import base
from tiny_task import LETTER_A

from openbook.align.online_recipe import Problems
from openbook.align.problems import AlignProblem
from openbook.align.rejection import Rejection, RejectionRecipe, best, run
from openbook.align.run import AlignResult
from openbook.align.task import Task
from openbook.train.finetune_recipe import Base
from openbook.train.recipe import Optimiser, Out, Train
from openbook.train.watch import Watch


def recipe(tmp_path: Path, name: str, steps: int = 4, **table: Any) -> RejectionRecipe:
    return RejectionRecipe(
        base=Base(str(base(tmp_path / "base"))),
        out=Out(str(tmp_path / name), log_every=1, evaluate_every=steps, checkpoint_every=2),
        optimiser=Optimiser(rate=1e-2, weight_decay=0.0),
        train=Train(steps=steps, batch=6, seed=3, device="cpu", threads=1),
        task=Problems(name="letter-a", held=10),
        rejection=Rejection(**{"replies": 8, "most": 5, **table}),
    )


def ran(wanted: RejectionRecipe, task: Task = LETTER_A, stop_after: int = 0) -> AlignResult:
    def progress(step: int) -> None:
        if step == stop_after:
            raise KeyboardInterrupt

    return run(wanted, Watch(lambda _: None, progress, lambda _: None), lambda _: None, task)


def test_the_reward_goes_up(tmp_path: Path) -> None:
    rows = ran(recipe(tmp_path, "run", steps=20)).rows
    rewards = [row["reward"] for row in rows if "reward" in row]
    assert np.mean(rewards[:3]) < 0.15
    assert np.mean(rewards[-3:]) > 0.5
    assert all(row["best_reward"] >= row["reward"] for row in rows if "reward" in row)


def test_a_run_that_was_killed_ends_as_one_that_was_not(tmp_path: Path) -> None:
    whole = ran(recipe(tmp_path, "whole", epochs=2, minibatch=4))
    with pytest.raises(KeyboardInterrupt):
        ran(recipe(tmp_path, "killed", epochs=2, minibatch=4), stop_after=3)
    again = ran(recipe(tmp_path, "killed", epochs=2, minibatch=4))
    times = ("seconds", "drawing")
    timeless = [[{k: v for k, v in row.items() if k not in times} for row in each.rows] for each in (whole, again)]
    assert timeless[0] == timeless[1]


def test_replies_that_are_all_worth_the_same_change_nothing(tmp_path: Path) -> None:
    result = ran(recipe(tmp_path, "run"), replace(LETTER_A, reward=lambda _, __: 1.0))
    steps = [row for row in result.rows if "equal" in row]
    assert {row["equal"] for row in steps} == {1.0}
    assert {row["norm"] for row in steps} == {0.0}
    assert result.weights is not None
    kept, began = (folder / "model.safetensors" for folder in (result.weights, tmp_path / "base"))
    assert kept.read_bytes() == began.read_bytes()


@given(arrays(np.float64, (5, 4), elements=st.sampled_from([0.0, 0.5, 1.0])))
def test_the_best_has_the_highest_reward_of_its_own_prompt(rewards: np.ndarray) -> None:
    for row, chosen in zip(rewards, best(rewards), strict=True):
        assert (chosen == -1) == (len(set(row)) == 1)
        assert chosen == -1 or row[chosen] == max(row)


@pytest.mark.parametrize("table", [{"replies": 1}, {"beta": 0.1}, {"clip_low": 0.3}])
def test_what_does_nothing_is_refused(tmp_path: Path, table: dict[str, float]) -> None:
    with pytest.raises(AlignProblem, match=f"rejection.{next(iter(table))}"):
        recipe(tmp_path, "run", **table)
