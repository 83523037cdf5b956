"""Learning from pairs: what was preferred becomes likelier, however the pairs are packed and whenever the run stops."""

import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from small_base import base

from openbook.align import pairs_run
from openbook.align.dpo_recipe import Dpo, DpoRecipe, PairData
from openbook.align.groups import Group
from openbook.align.pair_groups import grouped, passes, visited
from openbook.align.pair_measures import kl_of_samples
from openbook.align.policy import Policy, opened
from openbook.align.preferences import Pair
from openbook.align.problems import AlignProblem
from openbook.align.recipe import Limits
from openbook.align.run import AlignResult
from openbook.train.finetune_recipe import Base
from openbook.train.lora_targets import LoraConfig
from openbook.train.recipe import Optimiser, Out, Train
from openbook.train.watch import Watch

LORA = LoraConfig(rank=4, alpha=8.0)
BARE = Path("nowhere")
"""A folder without a chat template."""


def written(path: Path, rows: list[tuple[str, str, str]]) -> Path:
    lines = [json.dumps({"prompt": p, "chosen": c, "rejected": r}) for p, c, r in rows]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def short_and_long() -> list[tuple[str, str, str]]:
    return [(f"{n}+{n}=", str(2 * n), f"{2 * n} or so") for n in range(20)]


def recipe(tmp_path: Path, name: str, lora: LoraConfig | None = None, **dpo: Any) -> DpoRecipe:
    source = tmp_path / "pairs.jsonl"
    if not source.exists():
        written(source, short_and_long())
    return DpoRecipe(
        base=Base(str(base(tmp_path / "base"))),
        out=Out(str(tmp_path / name), log_every=1, evaluate_every=4, checkpoint_every=3),
        data=PairData(str(source), validation=0.2),
        dpo=Dpo(**{"sampled": 2, "longest": 8, **dpo}),
        lora=lora,
        optimiser=Optimiser(rate=1e-2 if lora else 3e-3, weight_decay=0.0),
        train=Train(steps=8, batch=6, seed=3, device="cpu"),
    )


def ran(wanted: DpoRecipe, stop_after: int = 0) -> AlignResult:
    def progress(step: int) -> None:
        if step == stop_after:
            raise KeyboardInterrupt

    return pairs_run.run(wanted, Watch(lambda _: None, progress, lambda _: None), lambda _: None)


def policy(tmp_path: Path, lora: LoraConfig | None = None) -> Policy:
    folder = base(tmp_path / "base")
    return opened(Base(str(folder)), lora, "<|endoftext|>", 0, torch.device("cpu"))


@pytest.mark.parametrize("lora", [None, LORA])
@pytest.mark.parametrize("loss", ["dpo", "ipo"])
def test_what_was_preferred_becomes_likelier_on_prompts_kept_apart(
    tmp_path: Path, lora: LoraConfig | None, loss: str
) -> None:
    result = ran(recipe(tmp_path, "run", lora, loss=loss))
    held = [row for row in result.rows if "held_loss" in row]
    assert held[0]["held_margin"] == 0  # the policy is its reference
    assert held[0]["held_kl"] == pytest.approx(0, abs=1e-4)
    assert held[-1]["held_accuracy"] == 1
    assert held[-1]["held_accuracy_low"] < 1
    assert held[-1]["held_margin"] > 0.2
    assert held[-1]["held_loss"] < held[0]["held_loss"]
    assert held[-1]["held_kl"] > 0


@pytest.mark.parametrize("lora", [None, LORA])
def test_a_run_that_was_killed_ends_as_one_that_was_not(tmp_path: Path, lora: LoraConfig | None) -> None:
    whole = ran(recipe(tmp_path, "whole", lora))
    with pytest.raises(KeyboardInterrupt):
        ran(recipe(tmp_path, "killed", lora), stop_after=5)
    again = ran(recipe(tmp_path, "killed", lora))
    timeless = [[{k: v for k, v in row.items() if k != "seconds"} for row in each.rows] for each in (whole, again)]
    assert timeless[0] == timeless[1]
    assert whole.said == again.said
    assert {row["prompt"] for row in whole.said} <= {prompt for prompt, _, _ in short_and_long()}
    assert len(whole.said) == 2  # as many as are sampled
    name = "adapter_model.safetensors" if lora else "model.safetensors"
    assert whole.weights
    assert again.weights
    assert (whole.weights / name).read_bytes() == (again.weights / name).read_bytes()


@pytest.mark.parametrize("dpo", [Dpo(), Dpo(smoothing=0.1), Dpo("ipo"), Dpo("ipo", per_token=True)])
def test_packing_changes_neither_loss_nor_gradient(tmp_path: Path, dpo: Dpo) -> None:
    mine = policy(tmp_path)
    groups = grouped(mine, [Pair(*row) for row in short_and_long()], PairData("x", validation=0.0), BARE).training
    reference = pairs_run.sums(mine, groups, 100) + torch.randn(len(groups), 2)
    found: list[tuple[float, list[torch.Tensor]]] = []
    for tokens, at_once in ((10**6, 0), (1, 0), (60, 0), (10**6, 3)):
        wanted = recipe(tmp_path, "run")
        wanted = replace(
            wanted, dpo=replace(dpo, tokens=tokens), train=replace(wanted.train, batch=20, rows_at_once=at_once)
        )
        total = 0.0
        for loss in pairs_run.losses(wanted, mine, groups, reference, []):
            loss.backward()
            total += loss.item()
        found.append((total, [p.grad.clone() for p in mine.model.parameters() if p.grad is not None]))
        mine.model.zero_grad()
    for total, slopes in found[1:]:
        assert total == pytest.approx(found[0][0], rel=1e-5)
        for one, other in zip(slopes, found[0][1], strict=True):
            torch.testing.assert_close(one, other, atol=1e-5, rtol=1e-3)


def test_the_reference_is_numbers_and_no_second_model(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Policy, "keep_reference", lambda _: pytest.fail("a copy of the weights was made"))
    assert ran(recipe(tmp_path, "run", sampled=0)).finished


sizes = st.lists(st.tuples(st.integers(1, 9), st.integers(1, 9), st.integers(1, 9)), max_size=12)


@given(sizes, st.integers(1, 40), st.integers(0, 4))
def test_passes_hold_every_pair_once_in_order_and_no_more_than_they_may(
    found: list[tuple[int, int, int]], tokens: int, at_once: int
) -> None:
    groups = [Group(np.zeros(p, np.int64), (np.zeros(c, np.int64), np.zeros(r, np.int64))) for p, c, r in found]
    parts = [list(range(len(groups)))[part] for part in passes(groups, tokens, at_once)]
    assert [n for part in parts for n in part] == list(range(len(groups)))
    for part in parts:
        assert len(part) == 1 or (sum(sum(found[n]) for n in part) <= tokens and (not at_once or len(part) <= at_once))


@given(st.integers(1, 9), st.integers(1, 12), st.integers(0, 3))
def test_every_epoch_learns_from_every_pair_once(count: int, batch: int, seed: int) -> None:
    numbers = [n for step in range(3 * count) for n in visited(count, seed, step, batch)]
    for epoch in range(3):
        assert sorted(numbers[epoch * count : (epoch + 1) * count]) == list(range(count))


def test_pairs_of_one_prompt_stay_on_one_side(tmp_path: Path) -> None:
    rows = [Pair(f"q{n % 5}", f"a{n}", f"b{n}") for n in range(20)]
    found = grouped(policy(tmp_path), rows, PairData("x", validation=0.4), BARE)
    sides = [{group.prompt.tobytes() for group in side} for side in (found.training, found.held)]
    assert (len(found.training), len(found.held)) == (12, 8)
    assert not sides[0] & sides[1]


def test_pairs_that_teach_nothing_are_left_out_and_counted(tmp_path: Path) -> None:
    rows = [Pair("q", "a", "b"), Pair("q", "a" * 200, "b"), Pair("w", "same", "same")]
    found = grouped(policy(tmp_path), rows, PairData("x", validation=0.0), BARE)
    assert (len(found.training), found.too_long, found.same) == (1, 1, 1)
    long, equal = "1 pair over the context of 96 tokens", "1 pair whose replies are the same tokens"
    for some, why in (
        (rows[1:], f"{long} and {equal}: shorten"),
        (rows[1:2], f"{long}: "),
        (rows[2:], f"{equal}: give"),
    ):
        with pytest.raises(AlignProblem, match=f"x has no pair left to learn from: {why}") as said:
            grouped(policy(tmp_path), some, PairData("x", validation=0.1), BARE)
        assert "\n" not in str(said.value)


@pytest.mark.parametrize(
    ("prompts", "share", "said"),
    [
        (1, 0.1, "for 1 prompt, of which data.validation=0.1 would keep none apart to measure on: give pairs for 6 "),
        (1, 0.9, "for 1 prompt, of which data.validation=0.9 would keep the only one apart .*: give pairs for 5 "),
        (3, 0.1, "for 3 prompts, of which data.validation=0.1 would keep none apart .*: give pairs for 6 "),
        (3, 0.9, "keep all apart .*: give pairs for 5 prompts, or set data.validation=0 to learn from all"),
    ],
)
def test_a_few_prompts_are_told_what_keeps_some_apart(tmp_path: Path, prompts: int, share: float, said: str) -> None:
    mine = policy(tmp_path)
    rows = [Pair(f"q{n}", "a", "b") for n in range(9)]
    with pytest.raises(AlignProblem, match=said):
        grouped(mine, rows[:prompts], PairData("x", validation=share), BARE)
    enough = int(re.findall(r"give pairs for (\d) ", said)[0])
    assert grouped(mine, rows[:enough], PairData("x", validation=share), BARE).held
    assert len(grouped(mine, rows[:prompts], PairData("x", validation=0.0), BARE).training) == prompts


def test_a_policy_that_ran_away_is_stopped_at_an_evaluation(tmp_path: Path) -> None:
    wanted = replace(recipe(tmp_path, "run"), limits=Limits(kl=1e-6))
    with pytest.raises(AlignProblem, match=r"over limits\.kl"):
        ran(wanted)
    assert [path.name for path in (tmp_path / "run" / "checkpoints").iterdir()] == ["step-000000003"]


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"beta": 0.0}, "dpo.beta"),
        ({"smoothing": 0.5}, "dpo.smoothing"),
        ({"loss": "ipo", "smoothing": 0.1}, "dpo.smoothing is for"),
        ({"per_token": True}, "dpo.per_token is for"),
    ],
)
def test_a_recipe_that_makes_no_sense_is_refused(tmp_path: Path, changes: dict[str, Any], said: str) -> None:
    with pytest.raises(Exception, match=said):
        recipe(tmp_path, "run", **changes)


def test_the_estimate_of_kl_is_exact_in_the_mean_and_never_negative() -> None:
    torch.manual_seed(0)
    log_p, reference = torch.randn(2, 50, dtype=torch.float64).log_softmax(-1)
    each = kl_of_samples(log_p[:, None], reference[:, None])
    assert bool((each >= 0).all())
    torch.testing.assert_close((log_p.exp() * each).sum(), (log_p.exp() * (log_p - reference)).sum())
