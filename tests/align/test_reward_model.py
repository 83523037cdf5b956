"""A reward model scores as a plain pass does, comes back from its folder, and refuses what it does not fit."""

import json
from pathlib import Path
from typing import Any, cast

import numpy as np
import pytest
import torch
from small_base import base

from openbook import tokens
from openbook.align.bradley_terry import bradley_terry, by_the_equation
from openbook.align.groups import Group
from openbook.align.problems import AlignProblem
from openbook.align.reward_ensemble import together
from openbook.align.reward_head import RewardModel, new_head, rewards
from openbook.align.reward_head import by_the_equation as plain_rewards
from openbook.align.reward_model import as_reward, load, save
from openbook.align.reward_report import report
from openbook.align.task import Problem, Rollout
from openbook.model import Decoder
from openbook.model import checkpoint as model_folder
from openbook.train import lora
from openbook.train.characters import tokenizer_json
from openbook.train.lora_targets import LoraConfig

GOLDEN = json.loads((Path(__file__).parent / "golden_reward.json").read_text())


def scorer(folder: Path, *, adapted: bool = False, mean: float = 0.25) -> RewardModel:
    model, _ = model_folder.load(base(folder))
    assert isinstance(model, Decoder)
    torch.manual_seed(1)
    if adapted:
        lora.add(model, LoraConfig(rank=4, alpha=8.0))
        for matrix in lora.parameters(model).values():
            torch.nn.init.normal_(matrix, std=0.2)
    return RewardModel(model, new_head(model), tokens.load(folder / "tokenizer.json"), "<|endoftext|>", mean)


def groups() -> list[Group]:
    rng = np.random.default_rng(0)
    sizes = [(5, (3, 6)), (1, (1, 1)), (9, (2, 4))]
    return [Group(rng.integers(40, size=p), tuple(rng.integers(40, size=n) for n in each)) for p, each in sizes]


def rollouts() -> list[Rollout]:
    return [Rollout(Problem("", "", "", 1), group, ("a", "b"), (True, True)) for group in groups()]


def test_rewards_are_those_of_plain_passes_less_the_mean(tmp_path: Path) -> None:
    found = scorer(tmp_path)
    wanted = torch.cat([plain_rewards(found.model, found.head, group) for group in groups()])
    np.testing.assert_allclose(rewards(found, groups()), wanted.detach().numpy() - 0.25, atol=1e-5)


@pytest.mark.parametrize("adapted", [False, True])
def test_a_folder_gives_the_same_rewards_again(tmp_path: Path, adapted: bool) -> None:
    first = scorer(tmp_path / "base", adapted=adapted)
    save(tmp_path / "reward", first, str(tmp_path / "base"))
    again = load(tmp_path / "reward")
    np.testing.assert_allclose(rewards(again, groups()), rewards(first, groups()), atol=1e-6)
    worth = as_reward(again, first.tokenizer)(rollouts())
    assert worth.shape == (3, 2)
    np.testing.assert_array_equal(worth.ravel(), rewards(again, groups()))


def broken(folder: Path, how: str) -> None:
    if how == "no head":
        (folder / "head.safetensors").unlink()
    elif how == "cut head":
        (folder / "head.safetensors").write_bytes((folder / "head.safetensors").read_bytes()[:-3])
    elif how == "about":
        (folder / "reward.json").write_text('{"format": 1, "mean": NaN, "end": "<|endoftext|>", "tokenizer": ""}')
    elif how == "not json":
        (folder / "reward.json").write_text("[")
    elif how == "tokenizer":
        (folder / "tokenizer.json").write_text(tokenizer_json("abc", ["<|endoftext|>"]))
    else:
        (folder / "reward.json").unlink()


@pytest.mark.parametrize(
    ("how", "said"),
    [
        ("no head", "head.safetensors is missing"),
        ("cut head", "no whole safetensors"),
        ("about", "its mean is no number"),
        ("not json", "is not what a reward model writes"),
        ("tokenizer", "is not the one that"),
        ("no about", "holds no reward model"),
    ],
)
def test_a_folder_that_was_tampered_with_is_refused_in_one_line(tmp_path: Path, how: str, said: str) -> None:
    save(tmp_path / "reward", scorer(tmp_path / "base"))
    broken(tmp_path / "reward", how)
    with pytest.raises(AlignProblem, match=said) as refused:
        load(tmp_path / "reward")
    assert "\n" not in str(refused.value)


def test_an_adapter_whose_base_is_gone_is_said(tmp_path: Path) -> None:
    save(tmp_path / "reward", scorer(tmp_path / "base", adapted=True), str(tmp_path / "base"))
    (tmp_path / "base" / "config.json").unlink()
    with pytest.raises(AlignProblem, match="there is no model: put its base there"):
        load(tmp_path / "reward")


def test_another_tokenizer_than_the_policys_is_refused(tmp_path: Path) -> None:
    (tmp_path / "other.json").write_text(tokenizer_json("abc", ["<|endoftext|>"]))
    with pytest.raises(AlignProblem, match="is not the policy's"):
        as_reward(scorer(tmp_path / "base"), tokens.load(tmp_path / "other.json"))


def test_a_reward_that_is_no_number_is_said(tmp_path: Path) -> None:
    found = scorer(tmp_path)
    torch.nn.init.constant_(found.head.weight, float("nan"))
    with pytest.raises(AlignProblem, match="no number"):
        rewards(found, groups())


def test_an_ensemble_is_the_mean_the_worst_or_the_cautious() -> None:
    members = [lambda _, worth=worth: np.array([worth]) for worth in ([1.0, 0.0], [3.0, 0.0])]
    assert together(members, "mean")([]).tolist() == [[2.0, 0.0]]
    assert together(members, "min")([]).tolist() == [[1.0, 0.0]]
    assert together(members, "cautious", k=2.0)([]).tolist() == [[0.0, 0.0]]
    with pytest.raises(AlignProblem, match="two reward models or more"):
        together(members[:1], "mean")


@pytest.mark.parametrize("case", GOLDEN["cases"], ids=lambda case: f"centre {case['centre']}, margin {case['margin']}")
@pytest.mark.parametrize("loss", [bradley_terry, by_the_equation])
def test_loss_and_gradient_are_trls(case: dict[str, Any], loss: Any) -> None:
    rows = [torch.tensor(case[name], dtype=torch.float64, requires_grad=True) for name in ("chosen", "rejected")]
    found = loss(*rows, case["margin"], case["centre"]).mean()
    found.backward()
    torch.testing.assert_close(found.item(), case["loss"], rtol=1e-9, atol=1e-12)
    for row, name in zip(rows, ("chosen_grad", "rejected_grad"), strict=True):
        wanted = torch.tensor(case[name], dtype=torch.float64)
        torch.testing.assert_close(cast("torch.Tensor", row.grad), wanted, rtol=1e-9, atol=1e-12)


def test_the_loss_does_not_overflow() -> None:
    far = torch.tensor([1e4, -1e4], requires_grad=True)
    loss = bradley_terry(far, -far).sum()
    loss.backward()
    assert loss.item() == pytest.approx(2e4)
    assert torch.isfinite(cast("torch.Tensor", far.grad)).all()


def test_a_report_knows_accuracy_sureness_and_length() -> None:
    chosen, rejected = np.array([2.0, 1.0, 0.0, 3.0]), np.array([1.0, 0.0, 5.0, 3.0])
    lengths = np.array([1.0, 9.0, 2.0, 3.0]), np.array([4.0, 8.0, 7.0, 3.0])
    found = report(chosen, rejected, lengths, ["p", "q", "r", "s"])
    assert (found.accuracy.value, found.accuracy.n) == (0.5, 4)  # a tie is not right
    assert found.margin == pytest.approx(-0.75)
    assert found.shorter is not None
    assert (found.shorter.value, found.shorter.n) == (0.5, 2)
    assert found.longer is not None
    assert (found.longer.value, found.longer.n) == (1.0, 1)
    sure = 1 / (1 + np.exp(-np.array([0.0, 1.0, 1.0, 5.0])))
    assert [part.n for part in found.reliability] == [4]  # too few for a second part
    assert found.error == pytest.approx(abs(sure.mean() - 0.5))
    assert found.length is not None
    assert -1 <= found.length <= 1


def test_a_model_that_is_as_sure_as_it_is_right_has_no_error() -> None:
    n = 400
    margin = np.repeat([0.0, 1.0, 2.0, 3.0], n // 4)
    share = 1 / (1 + np.exp(-margin))
    right = np.concatenate([np.arange(n // 4) < round(s * n // 4) for s in share[:: n // 4]])
    signed = np.where(right, margin, -margin)
    found = report(signed, np.zeros(n), (np.ones(n), np.ones(n)), list(range(n)))
    sure = [part.confidence for part in found.reliability]
    assert sure == sorted(sure)
    assert len(found.reliability) == 10
    # a margin of 0 is a tie, and wrong: half a point of sureness for a quarter of the pairs
    assert found.error == pytest.approx(0.125, abs=0.01)
    assert found.length is None
    assert found.shorter is None
