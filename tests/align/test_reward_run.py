"""A reward model learns what its pairs prefer, goes on exactly where it was stopped, and says what it was not given."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from small_base import base
from typer.testing import CliRunner

from openbook.align.groups import Group
from openbook.align.preferences import Pair, write_pairs
from openbook.align.reward_head import rewards
from openbook.align.reward_model import as_reward, load
from openbook.align.reward_recipe import PairData, RewardRecipe
from openbook.align.reward_report import RewardReport
from openbook.align.reward_run import reported_on, run
from openbook.align.run import AlignPlan, AlignResult
from openbook.align.task import Problem, Rollout
from openbook.cli.main import app
from openbook.json_lines import BadData
from openbook.train.finetune_recipe import Base
from openbook.train.lora_targets import LoraConfig
from openbook.train.problems import TrainProblem
from openbook.train.recipe import Optimiser, Out, Train
from openbook.train.watch import Watch

LORA = LoraConfig(rank=4, alpha=8.0)


def sevens(count: int = 80) -> list[Pair]:
    """Preferred is the reply that ends with a 7, the shorter one as often as the longer."""
    rng = np.random.default_rng(0)

    def text() -> str:
        return "".join(rng.choice(list("abcdef"), size=rng.integers(1, 6)))

    return [Pair(f"{n}+{text()}?", text() + "7", text() + "1") for n in range(count)]


def recipe(tmp_path: Path, name: str = "run", **changes: Any) -> RewardRecipe:
    folder = base(tmp_path / "base")
    if not (tmp_path / "pairs.jsonl").exists():
        write_pairs(tmp_path / "pairs.jsonl", sevens())
    return replace(
        RewardRecipe(
            base=Base(str(folder)),
            data=PairData(str(tmp_path / "pairs.jsonl"), validation=0.25),
            out=Out(str(tmp_path / name), log_every=5, evaluate_every=10, checkpoint_every=4),
            optimiser=Optimiser(rate=1e-2, weight_decay=0.0),
            train=Train(steps=20, batch=16, device="cpu"),
        ),
        **changes,
    )


def ran(
    wanted: RewardRecipe, reports: list[RewardReport] | None = None, plans: list[AlignPlan] | None = None, stop: int = 0
) -> AlignResult:
    def progress(step: int) -> None:
        if step == stop:
            raise KeyboardInterrupt

    watch = Watch(lambda _: None, progress, lambda _: None)
    return run(
        wanted, watch, (plans if plans is not None else []).append, (reports if reports is not None else []).append
    )


@pytest.mark.parametrize("lora", [None, LORA])
def test_it_learns_what_is_preferred_and_scores_a_policys_replies(tmp_path: Path, lora: LoraConfig | None) -> None:
    reports: list[RewardReport] = []
    result = ran(recipe(tmp_path, lora=lora), reports)
    (found,) = reports
    assert found.accuracy.n == 20
    assert found.accuracy.low > 0.6
    assert result.weights is not None
    assert result.weights.name == ("adapter" if lora else "model")
    assert json.loads((result.weights / "report.json").read_text())["accuracy"]["value"] == found.accuracy.value
    scorer = load(result.weights)
    groups = [pair_of(scorer, pair) for pair in sevens()]
    worth = rewards(scorer, groups).reshape(-1, 2)
    assert abs(worth[:60].mean()) < 1e-4  # centred on what it learnt from
    assert reported_on(scorer, groups[60:]).accuracy == found.accuracy
    drawn = [Rollout(Problem(p.prompt, "", "", 1), g, (p.chosen, p.rejected), (True, True)) for p, g in zip(
        sevens(), groups, strict=True)]  # fmt: skip
    np.testing.assert_allclose(as_reward(scorer, scorer.tokenizer)(drawn), worth)


def test_a_merged_adapter_is_the_same_reward_model(tmp_path: Path) -> None:
    wanted = recipe(tmp_path, lora=LORA)
    result = ran(wanted)
    assert result.weights is not None
    merged = CliRunner().invoke(
        app, ["lora", "merge", str(wanted.base.folder), str(result.weights), str(tmp_path / "merged")]
    )
    assert merged.exit_code == 0, merged.output
    whole, adapted = load(tmp_path / "merged"), load(result.weights)
    groups = [pair_of(whole, pair) for pair in sevens()]
    np.testing.assert_allclose(rewards(whole, groups), rewards(adapted, groups), atol=1e-4)


def pair_of(scorer: Any, pair: Pair) -> Group:
    prompt, *replies = scorer.tokenizer.ids_batch([pair.prompt, pair.chosen, pair.rejected])
    end = scorer.tokenizer.id_of(scorer.end)
    return Group(np.array(prompt), tuple(np.array([*reply, end]) for reply in replies))


@pytest.mark.parametrize("lora", [None, LORA])
def test_a_run_that_was_killed_ends_as_one_that_was_not(tmp_path: Path, lora: LoraConfig | None) -> None:
    train = Train(steps=6, batch=8, device="cpu")
    whole = ran(recipe(tmp_path, "whole", lora=lora, train=train))
    with pytest.raises(KeyboardInterrupt):
        ran(recipe(tmp_path, "killed", lora=lora, train=train), stop=5)
    plans: list[AlignPlan] = []
    again = ran(recipe(tmp_path, "killed", lora=lora, train=train), plans=plans)
    assert plans[0].begins == 4
    assert whole.weights
    assert again.weights
    for name in sorted(file.name for file in whole.weights.iterdir()):
        assert (whole.weights / name).read_bytes() == (again.weights / name).read_bytes(), name


def test_passes_change_nothing_but_memory(tmp_path: Path) -> None:
    train = Train(steps=2, batch=8, device="cpu")
    one = ran(recipe(tmp_path, "one", train=train))
    several = ran(recipe(tmp_path, "several", train=replace(train, rows_at_once=3)))
    losses = [[row["loss"] for row in each.rows if "loss" in row] for each in (one, several)]
    assert losses[0] == pytest.approx(losses[1], rel=1e-5)


def test_what_was_left_out_is_said_and_what_cannot_be_learnt_from_is_refused(tmp_path: Path) -> None:
    pairs = [*sevens(12), Pair("p", "same", "same"), Pair("p", "a", " "), Pair("long", "a" * 200, "b")]
    write_pairs(tmp_path / "pairs.jsonl", pairs)
    plans: list[AlignPlan] = []
    ran(recipe(tmp_path, train=Train(steps=1, batch=4, device="cpu")), plans=plans)
    notes = dict(plans[0].notes)
    assert notes["pairs"] == "9 to learn from, seen 0.4 times; 3 kept apart"
    assert notes["left out, with identical replies"] == notes["left out, with an empty reply"] == "1 pair"
    assert notes["left out, longer than the context"] == "1 pair"
    write_pairs(tmp_path / "pairs.jsonl", [Pair("p", "same", "same")])
    with pytest.raises(BadData, match="1 pair with identical replies"):
        ran(recipe(tmp_path, "other"))
    write_pairs(tmp_path / "pairs.jsonl", [Pair("p", "a", "b"), Pair("p", "a", "c")])
    with pytest.raises(TrainProblem, match="for 1 prompt") as refused:
        ran(recipe(tmp_path, "third"))
    assert "\n" not in str(refused.value)


def test_the_command_says_what_it_is_worth(tmp_path: Path) -> None:
    base(tmp_path / "base")
    write_pairs(tmp_path / "pairs.jsonl", sevens())
    (tmp_path / "reward.toml").write_text(f"""
[base]
model = "{tmp_path}/base"
[data]
path = "{tmp_path}/pairs.jsonl"
[train]
steps = 2
device = "cpu"
[out]
folder = "{tmp_path}/run"
""")
    said = CliRunner().invoke(app, ["align", "reward", str(tmp_path / "reward.toml")])
    assert said.exit_code == 0, said.output
    assert "Right on pairs kept apart" in said.output
    assert "Expected calibration error" in said.output
    assert max(map(len, said.stdout.splitlines())) <= 80
    as_json = CliRunner().invoke(app, ["align", "reward", str(tmp_path / "reward.toml"), "--json"])
    assert json.loads(as_json.stdout)["finished"]


@pytest.mark.parametrize(
    ("data", "loss", "said"),
    [({"path": ""}, {}, "data.path"), ({"template": "x"}, {}, "data.template"), ({}, {"centre": -1}, "reward.centre")],
)
def test_a_recipe_that_makes_no_sense_is_refused(data: Any, loss: Any, said: str) -> None:
    from openbook.align.reward_recipe import Loss

    with pytest.raises(TrainProblem, match=said):
        RewardRecipe(base=Base("b"), out=Out("o"), data=PairData(**{"path": "p", **data}), reward=Loss(**loss))
