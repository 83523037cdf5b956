"""GRPO and PPO runs learn, go on exactly where they were killed, and say in one line what cannot be learnt from."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from small_base import base
from tiny_task import LETTER_A, share_of_a

from openbook import recipes
from openbook.align.online_problems import of_file, of_task
from openbook.align.online_recipe import Grpo, GrpoRecipe, OnlineRecipe, Ppo, PpoRecipe, Problems, Worth
from openbook.align.online_run import run_grpo, run_ppo
from openbook.align.problems import AlignProblem
from openbook.align.run import AlignResult
from openbook.align.task import Problem, Task
from openbook.train.finetune_recipe import Base
from openbook.train.lora_targets import LoraConfig
from openbook.train.recipe import Optimiser, Out, Train
from openbook.train.watch import Watch

GRPO = Grpo(replies=6, most=5)
PPO = Ppo(replies=2, most=5, epochs=2, minibatch=3)


def recipe(tmp_path: Path, name: str, method: Grpo | Ppo = GRPO, *, steps: int = 6, **changes: Any) -> Any:
    told: dict[str, Any] = {
        "base": Base(str(base(tmp_path / "base"))),
        "out": Out(str(tmp_path / name), log_every=1, evaluate_every=steps, checkpoint_every=2),
        "optimiser": Optimiser(rate=1e-2, weight_decay=0.0),
        "train": Train(steps=steps, batch=6, seed=3, device="cpu", threads=1),
        "task": Problems(name="letter-a", held=20),
    }
    if isinstance(method, Grpo):
        return GrpoRecipe(**(told | changes), grpo=method)
    return PpoRecipe(**(told | changes), ppo=method)


def ran(wanted: OnlineRecipe, task: Task | None = LETTER_A, stop_after: int = 0) -> AlignResult:
    def progress(step: int) -> None:
        if step == stop_after:
            raise KeyboardInterrupt  # a kill between two steps, seen from inside

    watch = Watch(lambda _: None, progress, lambda _: None)
    if isinstance(wanted, GrpoRecipe):
        return run_grpo(wanted, watch, lambda _: None, task)
    assert isinstance(wanted, PpoRecipe)
    return run_ppo(wanted, watch, lambda _: None, task)


def measured(result: AlignResult, name: str) -> list[float]:
    return [row[name] for row in result.rows if name in row]


@pytest.mark.parametrize(
    ("method", "lora"),
    [
        (GRPO, None),
        (replace(GRPO, epochs=2, minibatch=4), LoraConfig(rank=4, alpha=8.0)),
        (PPO, None),
        (replace(PPO, minibatch=0, epochs=1), LoraConfig(rank=4, alpha=8.0)),
    ],
)
def test_a_run_that_was_killed_ends_as_one_that_was_not(
    tmp_path: Path, method: Grpo | Ppo, lora: LoraConfig | None
) -> None:
    whole = ran(recipe(tmp_path, "whole", method, steps=4, lora=lora))
    with pytest.raises(KeyboardInterrupt):
        ran(recipe(tmp_path, "killed", method, steps=4, lora=lora), stop_after=3)
    again = ran(recipe(tmp_path, "killed", method, steps=4, lora=lora))
    times = ("seconds", "drawing")
    timeless = [[{k: v for k, v in row.items() if k not in times} for row in each.rows] for each in (whole, again)]
    assert all(0 < row["drawing"] < 1 for row in whole.rows if "loss" in row)
    assert timeless[0] == timeless[1]
    kept, again_kept = ((each.folder / "replies.jsonl").read_bytes() for each in (whole, again))
    assert kept == again_kept
    assert whole.said == again.said
    assert {row["step"] for row in whole.said} == {4}
    shown = whole.said[0]
    assert shown["reward"] == share_of_a(Problem(shown["prompt"], "", "", 0), shown["reply"])
    name = "adapter_model.safetensors" if lora else "model.safetensors"
    assert whole.weights is not None
    assert again.weights is not None
    assert (whole.weights / name).read_bytes() == (again.weights / name).read_bytes()
    assert sorted(path.name for path in whole.weights.iterdir()) == sorted(
        path.name for path in again.weights.iterdir()
    )


@pytest.mark.parametrize("method", [replace(GRPO, beta=0.0), replace(PPO, replies=6, beta=0.001)])
def test_the_reward_goes_up_and_what_is_measured_is_there(tmp_path: Path, method: Grpo | Ppo) -> None:
    result = ran(recipe(tmp_path, "run", method, steps=20))
    rewards = measured(result, "reward")
    assert sum(rewards[:3]) / 3 < 0.15  # one of fifty characters
    assert sum(rewards[-3:]) / 3 > 0.5
    held = measured(result, "held_reward")
    assert held[-1] > held[0] + 0.3
    for name in ("loss", "kl", "entropy", "clip_share", "length", "ended", "norm"):
        assert len(measured(result, name)) == 20, name
    assert measured(result, "kl")[0] == pytest.approx(0, abs=1e-5)  # the policy is its reference
    assert measured(result, "kl")[-1] > 1
    assert measured(result, "entropy")[0] > measured(result, "entropy")[-1] > 0
    assert (result.folder / "reward.svg").is_file()


def test_the_penalty_holds_a_policy_near_its_reference(tmp_path: Path) -> None:
    free = ran(recipe(tmp_path, "free", replace(GRPO, beta=0.0), steps=6))
    held = ran(recipe(tmp_path, "held", replace(GRPO, beta=3.0), steps=6))
    assert abs(measured(held, "kl")[-1]) < measured(free, "kl")[-1] / 2


def test_the_first_update_knows_the_old_policy_without_a_pass_of_its_own(tmp_path: Path) -> None:
    """One minibatch of all prompts takes log πold from its own first pass; asked for in passes, the result is one."""
    together = ran(recipe(tmp_path, "together", replace(GRPO, epochs=2), steps=3))
    in_passes = ran(recipe(tmp_path, "passes", replace(GRPO, epochs=2, tokens=1), steps=3))
    for name in ("loss", "reward", "kl", "entropy", "clip_share"):
        assert measured(in_passes, name) == pytest.approx(measured(together, name), abs=1e-4), name


def valued(reward: Any) -> Task:
    return replace(LETTER_A, reward=reward)


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
@pytest.mark.parametrize("method", [GRPO, PPO])
def test_a_reward_that_is_no_number_stops_before_it_reaches_the_weights(
    tmp_path: Path, method: Grpo | Ppo, value: float
) -> None:
    calls: list[str] = []

    def reward(problem: Problem, reply: str) -> float:
        calls.append(reply)
        return value if len(calls) > 3 * 6 * method.replies else 0.5 + len(reply) / 100

    wanted = recipe(tmp_path, "run", method, task=Problems(name="letter-a", held=0))
    with pytest.raises(AlignProblem, match=f"a reward is {value} at step 4, of a reply to '.*:'") as said:
        ran(wanted, valued(reward))
    assert "\n" not in str(said.value)
    assert [path.name for path in (tmp_path / "run" / "checkpoints").iterdir()] == ["step-000000002"]


def test_a_run_in_which_nothing_is_left_to_learn_ends_and_keeps_its_weights(tmp_path: Path) -> None:
    wanted = recipe(tmp_path, "run", steps=30)
    wanted = replace(wanted, limits=replace(wanted.limits, idle=4))
    result = ran(wanted, valued(lambda _, __: 1.0))
    assert result.finished
    assert result.step == 4
    assert result.weights is not None
    assert "step 4 of 30" in result.note
    assert "\n" not in result.note
    assert set(measured(result, "equal")) == {1.0}
    assert "held_reward" in result.rows[-1]


def test_one_group_that_differs_is_enough_to_go_on(tmp_path: Path) -> None:
    wanted = recipe(tmp_path, "run", steps=6)
    result = ran(replace(wanted, limits=replace(wanted.limits, idle=2)))
    assert result.step == 6
    assert not result.note


def test_what_is_kept_apart_is_never_drawn_to_learn_from() -> None:
    source = of_task(LETTER_A, Problems(name="letter-a", sizes=(1, 2), held=30), 16, 0)
    apart = {one.prompt for one in source.held}
    assert len(source.training(0)) == 16
    assert not apart & {one.prompt for step in range(20) for one in source.training(step)}
    assert source.training(3) == source.training(3) != source.training(4)
    with pytest.raises(AlignProblem, match=r"lower task\.held"):
        of_task(LETTER_A, Problems(name="letter-a", sizes=(1, 1), held=300), 16, 0).training(0)


def test_prompts_of_a_file_are_each_learnt_from_once_an_epoch(tmp_path: Path) -> None:
    path = tmp_path / "prompts.jsonl"
    rows = [{"prompt": f"say {number}"} for number in range(12)]
    path.write_text("\n".join(json.dumps(row) for row in [*rows, *rows, {"prompt": "x" * 500}]), encoding="utf-8")
    source = of_file(Problems(path=str(path), held=4), 4, 0, lambda text: len(text) < 100)
    epoch = [one.prompt for step in range(2) for one in source.training(step)]
    assert len(set(epoch)) == 8
    assert len({one.prompt for one in source.held} | set(epoch)) == 12
    assert source.left_out == 1
    with pytest.raises(AlignProblem, match=r"too few for task\.held"):
        of_file(Problems(path=str(path), held=12), 4, 0, lambda text: len(text) < 100)
    path.write_text('{"prompt": 3}', encoding="utf-8")
    with pytest.raises(AlignProblem, match=r'prompts\.jsonl:1 has no text under "prompt"'):
        of_file(Problems(path=str(path)), 4, 0, lambda _: True)


def test_length_has_a_price_and_the_true_reward_is_shown_beside(tmp_path: Path) -> None:
    dear = recipe(tmp_path, "dear", replace(GRPO, beta=0.0), steps=15, reward=Worth(per_token=0.5))
    result = ran(dear)
    assert measured(result, "length")[-1] < measured(result, "length")[0] / 2
    paid = [t - 0.5 * n for t, n in zip(measured(result, "true_reward"), measured(result, "length"), strict=True)]
    assert measured(result, "reward") == pytest.approx(paid)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"task": Problems()}, "set one of task.name"),
        ({"task": Problems(name="x", path="y")}, "set one of task.name"),
        ({"task": Problems(path="y")}, r"set reward\.models"),
        ({"task": Problems(name="x", sizes=(3, 2))}, r"task\.sizes is \[3, 2\]"),
        ({"task": Problems(name="x", sizes=(1, 99))}, r"task\.sizes is \[1, 99\].* at most 32"),
        ({"method": replace(GRPO, replies=1)}, r"grpo\.replies is 1"),
        ({"method": replace(GRPO, temperature=0.0)}, r"grpo\.temperature"),
        ({"method": replace(PPO, minibatch=7)}, r"ppo\.minibatch"),
    ],
)
def test_a_recipe_that_cannot_be_is_refused_in_one_line(tmp_path: Path, changes: dict[str, Any], said: str) -> None:
    with pytest.raises(Exception, match=said) as refused:
        recipe(tmp_path, "run", **changes)
    assert "\n" not in str(refused.value)


def test_recipes_come_from_toml_tables() -> None:
    table = {
        "base": {"model": "b"}, "out": {"folder": "o"}, "task": {"name": "arithmetic", "sizes": [2, 3]},
        "reward": {"models": ["r1", "r2"], "together": "min"}, "grpo": {"replies": 4, "clip_high": 0.28},
    }  # fmt: skip
    found = recipes.build(table, GrpoRecipe, "here")
    assert found.grpo.clip_high == 0.28
    assert found.grpo.beta == 0.04
    assert found.reward.folders == [Path("r1"), Path("r2")]
