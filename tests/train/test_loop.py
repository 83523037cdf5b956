"""The loop learns; a token weighs the same however rows are split; techniques change speed and memory, not results."""

import json
from pathlib import Path

import numpy as np
import pytest
import torch
from small_runs import TEXT, Make, Seen

from openbook import recipes
from openbook.train.batches import Windows
from openbook.train.checkpoint import load_tensors
from openbook.train.corpus import prepare
from openbook.train.group import Group
from openbook.train.loop import evaluate, shares, update
from openbook.train.loss import IGNORED, cross_entropy_by_the_equation
from openbook.train.recipe import TrainRecipe
from openbook.train.run import begin, parts, run
from openbook.train.shards import write_shards
from openbook.train.state import State

ALONE = Group(0, 1, torch.device("cpu"))


def started(recipe: TrainRecipe, folder: Path) -> tuple[State, Windows, Windows | None]:
    corpus = prepare(recipe.data, folder)
    state = begin(recipe, corpus, ALONE)
    return state, *parts(recipe, corpus, state.model.config.context)


@pytest.mark.parametrize("kind", ["adamw", "muon"])
def test_it_learns(make: Make, kind: str) -> None:
    seen = Seen()
    recipe = make("train.steps=120", "optimiser.rate=0.01", f"optimiser.kind={kind}", "out.checkpoint_every=0")
    result = run(recipe, seen.watch)
    losses = seen.losses()
    assert losses[1] == pytest.approx(np.log(seen.plans[0].vocabulary), rel=0.03)
    assert result.loss is not None
    assert result.loss < 1.5 < losses[1] - 1
    assert result.validation_loss is not None
    assert result.validation_loss < 1.6
    assert (result.finished, result.step, result.tokens) == (True, 120, 120 * 4 * 16)


def ragged(tmp_path: Path, make: Make, *changes: str) -> TrainRecipe:
    """Documents of very unequal lengths, unpacked: passes hold very unequal counts of targets."""
    rows = [{"text": TEXT[: 3 + (7 * number) % 40]} for number in range(60)]
    path = tmp_path / "ragged.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return make(f"data.path={path}", "data.pack=false", "train.batch=7", "optimiser.clip=0.05", *changes)


@pytest.mark.parametrize("at_once", [1, 2, 3, 7])
def test_accumulation_is_one_large_pass_whatever_the_counts(tmp_path: Path, make: Make, at_once: int) -> None:
    whole, split = (ragged(tmp_path, make, f"train.rows_at_once={rows}") for rows in (0, at_once))
    counts = {batch.count for batch in shares(split, started(split, tmp_path / "x")[1], ALONE, 0)}
    assert at_once == 7 or len(counts) > 1
    results = []
    for recipe in (whole, split):
        state, training, _ = started(recipe, tmp_path / "x")
        moved = [tuple(map(float, update(state, recipe, training, ALONE)[:2]))]
        state.step += 1
        moved.append(tuple(map(float, update(state, recipe, training, ALONE)[:2])))
        results.append((moved, torch.cat([p.detach().flatten() for p in state.model.parameters()])))
    for (loss, norm), (other_loss, other_norm) in zip(results[0][0], results[1][0], strict=True):
        assert other_loss == pytest.approx(loss, rel=1e-5)
        assert other_norm == pytest.approx(norm, rel=1e-4)
    torch.testing.assert_close(results[0][1], results[1][1], rtol=1e-4, atol=2e-5)


def test_the_step_is_the_mean_over_all_target_tokens(tmp_path: Path, make: Make) -> None:
    recipe = ragged(tmp_path, make, "train.rows_at_once=2", "optimiser.clip=0")
    state, training, _ = started(recipe, tmp_path / "x")
    (batch,) = shares(ragged(tmp_path, make), training, ALONE, 0)
    hidden = state.model(batch.ids).flatten(0, 1)
    summed = cross_entropy_by_the_equation(hidden, state.model.unembedding.weight, batch.targets.flatten())
    count = int((batch.targets != IGNORED).sum())
    gradients = torch.autograd.grad(summed / count, list(state.model.parameters()))
    expected = torch.stack([gradient.norm() for gradient in gradients]).norm()
    loss, norm, counted = update(state, recipe, training, ALONE)
    assert float(loss) == pytest.approx(summed.item() / count, rel=1e-5)
    assert float(norm) == pytest.approx(float(expected), rel=1e-4)
    assert counted == count


@pytest.mark.parametrize("kind", ["adamw", "muon"])
@pytest.mark.parametrize("documents", [1, 30])
def test_a_step_asks_its_device_for_no_value(
    tmp_path: Path, make: Make, monkeypatch: pytest.MonkeyPatch, kind: str, documents: int
) -> None:
    """A GPU would have to be waited for. The meta device has shapes and no values, and fails where one is asked for."""
    monkeypatch.setattr(torch, "is_autocast_enabled", lambda *_: False)  # which does not know that device
    write_shards(tmp_path / "tokens", [[np.arange(600 // documents) % 11] for _ in range(documents)], 11)
    recipe = make(f"data.path={tmp_path / 'tokens'}", f"optimiser.kind={kind}", "optimiser.fused=false")
    corpus = prepare(recipe.data, tmp_path / "tokens")
    nowhere = Group(0, 1, torch.device("meta"))
    state = begin(recipe, corpus, nowhere)
    training, _ = parts(recipe, corpus, 16)
    loss, norm, count = update(state, recipe, training, nowhere)
    assert loss.is_meta
    assert norm.is_meta
    assert (count < 4 * 16) == (documents > 1)


def test_validation_is_over_every_token(tmp_path: Path, make: Make) -> None:
    recipe = make("data.validation=0.3", "train.batch=3")
    state, _, validation = started(recipe, tmp_path / "x")
    assert validation is not None
    total = count = 0.0
    for number in range(validation.evaluations):
        batch = validation.evaluation(number, number + 1)
        hidden = state.model(batch.ids).flatten(0, 1)
        loss = cross_entropy_by_the_equation(hidden, state.model.unembedding.weight, batch.targets.flatten())
        total += float(loss.detach())
        count += batch.count
    assert count == validation.end - validation.start - 1
    assert evaluate(state, recipe, validation, ALONE) == pytest.approx(total / count, rel=1e-5)
    assert state.model.training


def test_a_packed_row_is_its_documents_alone(tmp_path: Path, make: Make) -> None:
    """What a packed document loses is what it loses in a row of its own: nothing leaks across."""
    rng = np.random.default_rng(0)
    documents = [[rng.integers(0, 30, length)] for length in (9, 5, 2, 16, 12, 21)]
    shards = write_shards(tmp_path / "tokens", documents, 30)
    recipe = make("model.context=64", f"data.path={tmp_path / 'tokens'}", "data.validation=0")
    state, packed, _ = started(recipe, tmp_path / "x")
    alone = Windows(shards, 0, shards.tokens, 64, packed=False)
    assert (packed.evaluations, alone.evaluations) == (1, 6)
    losses = [evaluate(state, recipe, windows, ALONE) for windows in (packed, alone)]
    assert losses[0] == pytest.approx(losses[1], rel=1e-5)


TECHNIQUES = {
    "chunked loss off": ("train.chunked_loss=false", 1e-6),
    "checkpointing": ("train.checkpointing=true", 1e-6),
    "unfused optimiser": ("optimiser.fused=false", 1e-6),
    "plain attention": ("train.attention=plain", 1e-5),
    "bf16": ("train.precision=bf16", 2e-2),
}


@pytest.mark.parametrize("name", TECHNIQUES)
def test_a_technique_changes_no_result(make: Make, name: str) -> None:
    change, tolerance = TECHNIQUES[name]
    losses = []
    for changes, out in (((), "plain"), ((change,), "changed")):
        seen = Seen()
        run(make("optimiser.rate=0.01", *changes, out=out), seen.watch)
        losses.append(seen.losses())
    assert losses[1] == pytest.approx(losses[0], rel=tolerance)
    if "bf16" in change:
        assert losses[1] != losses[0]


def test_checkpointing_repeats_dropout_exactly(make: Make) -> None:
    losses = []
    for on in ("true", "false"):
        seen = Seen()
        run(make("model.dropout=0.3", f"train.checkpointing={on}", out=on), seen.watch)
        losses.append(seen.losses())
    assert losses[0] == pytest.approx(losses[1], rel=1e-6)


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")  # torch warns itself while it compiles
@pytest.mark.parametrize("what", ["blocks", "whole"])
def test_compiling_changes_no_result(make: Make, monkeypatch: pytest.MonkeyPatch, what: str) -> None:
    """The loss in several chunks: compiled by torch 2.11, it once had no gradient."""
    monkeypatch.setattr("openbook.train.loss.LOGITS", 64)
    losses = []
    for kind in ("no", what):
        seen = Seen()
        run(make(f"train.compile={kind}", "train.steps=3", "model.layers=1", out=kind), seen.watch)
        losses.append(seen.losses() | {0: seen.losses("validation_loss")[3]})
    assert losses[1] == pytest.approx(losses[0], rel=1e-5)


def test_metrics_and_plot_are_written(make: Make, tmp_path: Path) -> None:
    run(make("out.evaluate_every=4"), Seen().watch)
    rows = [json.loads(line) for line in (tmp_path / "run" / "metrics.jsonl").read_text().splitlines()]
    assert [row["step"] for row in rows if "loss" in row] == list(range(1, 9))
    assert [row["step"] for row in rows if "validation_loss" in row] == [4, 8]
    assert {"rate", "tokens", "seconds", "tokens_per_second"} <= rows[0].keys()
    svg = (tmp_path / "run" / "loss.svg").read_text()
    assert svg.startswith("<svg")
    assert "validation" in svg


def test_the_tokens_of_shards_train_without_a_copy(make: Make, tmp_path: Path) -> None:
    write_shards(tmp_path / "tokens", [[np.arange(500) % 11]], 11)
    run(make(f"data.path={tmp_path / 'tokens'}"), Seen().watch)
    assert not (tmp_path / "run" / "tokens").exists()
    assert load_tensors(tmp_path / "run" / "model" / "model.safetensors")


def test_the_recipe_in_the_repository_is_nanogpts_setting() -> None:
    path = Path(__file__).parents[2] / "recipes" / "shakespeare.toml"
    recipe = recipes.read(path, TrainRecipe)
    model, train = recipe.model, recipe.train
    assert (model.layers, model.heads, model.width, model.context, model.dropout) == (4, 4, 128, 64, 0.0)
    assert (train.batch, train.steps) == (12, 2000)
    assert (recipe.optimiser.rate, recipe.optimiser.beta2, recipe.optimiser.weight_decay) == (1e-3, 0.99, 0.1)
    assert (recipe.schedule.warmup, recipe.schedule.floor, recipe.data.validation) == (100, 0.1, 0.1)
    command = path.read_text().splitlines()[2]
    assert command.startswith("#     openbook train recipes/shakespeare.toml")
