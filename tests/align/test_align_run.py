"""A run goes on exactly where it was stopped, keeps what is good, and holds one copy of the weights where it can."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch
from small_base import base

from openbook.align.loop import Method, descend
from openbook.align.policy import Policy
from openbook.align.problems import AlignProblem
from openbook.align.recipe import AlignRecipe, Limits
from openbook.align.rollout import Drawing, drawn
from openbook.align.run import AlignResult, Setting, run
from openbook.model import checkpoint as model_folder
from openbook.train.finetune_recipe import Base
from openbook.train.lora_targets import LoraConfig
from openbook.train.recipe import Optimiser, Out, Train
from openbook.train.watch import Watch

LORA = LoraConfig(rank=4, alpha=8.0)


def shorter(recipe: AlignRecipe, setting: Setting, *, nan_at: int = -1, kl: float = 0.0) -> Method:
    """Makes whatever it draws less likely: enough to move every weight, and to depend on every draw."""
    policy = setting.policy
    policy.keep_reference()

    def take(step: int) -> dict[str, float]:
        groups = drawn(policy.model, [policy.ids("1+1=")], Drawing(3, 6, policy.end), [recipe.train.seed, step])
        loss = policy.scored(groups).log_p.mean() * (float("nan") if step == nan_at else 1.0)
        total, norm = descend(setting.state, [loss], recipe.optimiser.clip)
        return {"loss": total, "norm": norm, "kl": kl}

    return Method(take, lambda: {"held_loss": float(policy.scored([one()]).log_p.mean())})


def one() -> Any:
    import numpy as np

    from openbook.align.groups import Group

    return Group(np.array([1, 2]), (np.array([3, 4, 5]),))


def recipe(tmp_path: Path, name: str, lora: LoraConfig | None = None, steps: int = 6) -> AlignRecipe:
    folder = base(tmp_path / "base")
    return AlignRecipe(
        base=Base(str(folder)),
        out=Out(str(tmp_path / name), log_every=1, evaluate_every=3, checkpoint_every=2),
        lora=lora,
        optimiser=Optimiser(rate=1e-2, weight_decay=0.0),
        train=Train(steps=steps, seed=3, device="cpu"),
    )


def ran(wanted: AlignRecipe, begin: Any = shorter, stop_after: int = 0) -> AlignResult:
    def progress(step: int) -> None:
        if step == stop_after:
            raise KeyboardInterrupt  # a kill between two steps, seen from inside

    return run(wanted, Watch(lambda _: None, progress, lambda _: None), lambda _: None, begin)


@pytest.mark.parametrize("lora", [None, LORA])
def test_a_run_that_was_killed_ends_as_one_that_was_not(tmp_path: Path, lora: LoraConfig | None) -> None:
    whole = ran(recipe(tmp_path, "whole", lora))
    with pytest.raises(KeyboardInterrupt):
        ran(recipe(tmp_path, "killed", lora), stop_after=5)
    again = ran(recipe(tmp_path, "killed", lora))
    assert whole.finished
    assert again.finished
    timeless = [[{k: v for k, v in row.items() if k != "seconds"} for row in each.rows] for each in (whole, again)]
    assert timeless[0] == timeless[1]
    name = "adapter_model.safetensors" if lora else "model.safetensors"
    assert whole.weights
    assert again.weights
    assert (whole.weights / name).read_bytes() == (again.weights / name).read_bytes()
    assert (whole.folder / "loss.svg").is_file()


def test_what_is_written_is_what_was_learnt(tmp_path: Path) -> None:
    wanted = recipe(tmp_path, "run")
    result = ran(wanted)
    assert result.weights is not None
    before, _ = model_folder.load(wanted.base.folder)
    after, _ = model_folder.load(result.weights)
    assert any(not torch.equal(a, b) for a, b in zip(before.parameters(), after.parameters(), strict=True))
    assert (result.weights / "tokenizer.json").is_file()


@pytest.mark.parametrize("lora", [None, LORA])
def test_the_reference_stays_what_the_policy_was(tmp_path: Path, lora: LoraConfig | None) -> None:
    seen: list[tuple[torch.Tensor, torch.Tensor, Policy]] = []

    def begin(wanted: AlignRecipe, setting: Setting) -> Method:
        first = setting.policy.scored([one()]).log_p.detach()
        seen.append((first, first, setting.policy))
        return shorter(wanted, setting)

    ran(recipe(tmp_path, "run", lora), begin)
    before, _, policy = seen[0]
    torch.testing.assert_close(policy.reference_log_p([one()]), before)
    assert (policy.scored([one()]).log_p - before).abs().max() > 0.01
    assert (policy._copy is None) == (lora is not None)  # an adapter's base is the reference: no second copy


def test_a_loss_that_is_no_number_stops_before_it_reaches_the_weights(tmp_path: Path) -> None:
    wanted = recipe(tmp_path, "run")
    with pytest.raises(AlignProblem, match="loss is nan at step 4") as said:
        ran(wanted, lambda r, s: shorter(r, s, nan_at=3))
    assert "\n" not in str(said.value)
    kept = sorted(path.name for path in (tmp_path / "run" / "checkpoints").iterdir())
    assert kept == ["step-000000002"]
    assert ran(wanted).finished  # goes on from what was kept


@pytest.mark.parametrize("kl", [7.0, float("nan")])  # a KL that is no number is no small one
def test_a_policy_that_ran_away_before_anything_was_kept_leaves_nothing(tmp_path: Path, kl: float) -> None:
    wanted = replace(recipe(tmp_path, "run"), limits=Limits(kl=5.0))
    with pytest.raises(AlignProblem, match=r"limits\.kl = 5: stopped; no step was kept before .* nothing is written"):
        ran(wanted, lambda r, s: shorter(r, s, kl=kl))
    assert not (tmp_path / "run" / "model").exists()


@pytest.mark.parametrize("lora", [None, LORA])
def test_a_policy_that_ran_away_leaves_the_weights_of_the_last_checkpoint(
    tmp_path: Path, lora: LoraConfig | None
) -> None:
    """The run cannot go on, so what it kept is a model that can be used, equal to one that ended there."""
    short = recipe(tmp_path, "short", lora, steps=4)
    ended = ran(short)
    wanted = replace(recipe(tmp_path, "away", lora), limits=Limits(kl=5.0))

    def away(r: AlignRecipe, s: Setting) -> Method:
        method = shorter(r, s)
        return replace(method, take=lambda step: {**method.take(step), "kl": 7.0 if step == 4 else 0.0})

    name = "adapter" if lora else "model"
    with pytest.raises(AlignProblem, match=rf"at step 5, .*: stopped; what step 4 kept is in .*{name}; raise beta"):
        ran(wanted, away)
    file = "adapter_model.safetensors" if lora else "model.safetensors"
    assert ended.weights is not None
    assert (tmp_path / "away" / name / file).read_bytes() == (ended.weights / file).read_bytes()


def test_a_base_that_is_not_there_or_ends_otherwise_is_said(tmp_path: Path) -> None:
    wanted = recipe(tmp_path, "run")
    with pytest.raises(AlignProblem, match="no piece '<stop>'"):
        ran(replace(wanted, end="<stop>"))
    with pytest.raises(AlignProblem, match="no model in"):
        ran(replace(wanted, base=Base(str(tmp_path / "none"))))
    assert not (tmp_path / "run").exists()
