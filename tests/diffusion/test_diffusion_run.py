"""Runs of diffusion from a recipe: what they leave, going on exactly, and the command."""

import json
import struct
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from openbook import recipes
from openbook.diffusion.learn.data import pictures_of
from openbook.diffusion.learn.digits import digits
from openbook.diffusion.learn.folder import load
from openbook.diffusion.learn.recipe import DiffusionRecipe
from openbook.diffusion.learn.run import DiffusionPlan, run
from openbook.diffusion.learn.samples import rows_of, sheet, sheet_png
from openbook.diffusion.learn.world import world
from openbook.diffusion.problems import DiffusionProblem
from openbook.diffusion.shapes import UnetShape
from openbook.diffusion.sheet import Sheet
from openbook.diffusion.world.captions import plainly
from openbook.diffusion.world.parse import scene_of
from openbook.diffusion.world.splits import part_of
from openbook.diffusion.world.truth import judged
from openbook.errors import MissingExtra
from openbook.train.checkpoint import load_tensors, newest
from openbook.train.problems import TrainProblem
from openbook.train.watch import Watch

Row = dict[str, Any]


@pytest.fixture(autouse=True)
def _one_thread() -> None:
    torch.set_num_threads(1)


def recipe_in(folder: Path, *changes: str) -> DiffusionRecipe:
    table = {
        "data": {"pictures": "digits", "size": 8, "channels": 1, "condition": "class", "validation": 0.02},
        "diffusion": {"levels": 20, "average": 0.5},
        "dit": {"width": 16, "layers": 1, "heads": 2, "patch": 4},
        "sheet": {"steps": 2, "columns": 2},
        "schedule": {"warmup": 1},
        "train": {"steps": 6, "batch": 6, "device": "cpu", "threads": 1},
        "out": {"folder": str(folder), "log_every": 1, "evaluate_every": 3, "checkpoint_every": 2},
    }
    return recipes.build(recipes.changed(table, DiffusionRecipe, changes), DiffusionRecipe, "test")


def ran(recipe: DiffusionRecipe, stop_at: int = 0) -> tuple[DiffusionPlan, list[Row]]:
    planned: list[DiffusionPlan] = []
    rows: list[Row] = []

    def progress(step: int) -> None:
        if step == stop_at:
            raise KeyboardInterrupt

    run(recipe, Watch(lambda _: None, progress, lambda row: rows.append(dict(row))), planned.append)
    return planned[0], rows


def left(folder: Path) -> tuple[dict[str, bytes], dict[str, torch.Tensor], list[Row]]:
    """The files a run leaves, the tensors of its last checkpoint, and its metrics without what clocks say."""
    files = {path.name: path.read_bytes() for path in [*folder.glob("samples-*.png"), *(folder / "model").iterdir()]}
    last = newest(folder / "checkpoints")
    assert last is not None
    tensors = load_tensors(last / "weights.safetensors") | load_tensors(last / "optimiser.safetensors")
    rows = [json.loads(line) for line in (folder / "metrics.jsonl").read_text().splitlines()]
    clocks = ("seconds", "pictures_per_second")
    return files, tensors, [{key: value for key, value in row.items() if key not in clocks} for row in rows]


@pytest.mark.parametrize("step", [1, 3, 6])
def test_broken_off_and_gone_on_with_is_uninterrupted_to_the_byte(tmp_path: Path, step: int) -> None:
    ran(recipe_in(tmp_path / "whole"))
    with pytest.raises(KeyboardInterrupt):
        ran(recipe_in(tmp_path / "parted"), stop_at=step)
    plan, _ = ran(recipe_in(tmp_path / "parted"))
    assert plan.begins == (step - 1) // 2 * 2
    (files, tensors, rows), (others, other_tensors, other_rows) = left(tmp_path / "whole"), left(tmp_path / "parted")
    assert sorted(files) == ["diffusion.json", "model.safetensors", "samples-000000003.png", "samples-000000006.png"]
    assert files == others
    assert tensors.keys() == other_tensors.keys()
    assert all(torch.equal(tensors[name], other_tensors[name]) for name in tensors)
    assert rows == other_rows


def test_rows_at_once_change_memory_and_not_what_is_learnt(tmp_path: Path) -> None:
    ran(recipe_in(tmp_path / "whole"))
    ran(recipe_in(tmp_path / "parts", "train.rows_at_once=4"))
    whole, parts = (load_tensors(tmp_path / name / "model" / "model.safetensors") for name in ("whole", "parts"))
    for name, tensor in whole.items():
        torch.testing.assert_close(tensor, parts[name], atol=1e-4, rtol=1e-3)


@pytest.mark.parametrize(
    "changes",
    [
        ("diffusion.prediction=velocity", "diffusion.noise=cosine", "diffusion.weighting=min_snr"),
        ("diffusion.prediction=flow", "diffusion.noise=straight", "sheet.sampler=euler"),
        ("diffusion.prediction=velocity", "diffusion.noise=karras", "sheet.sampler=heun"),
        ("diffusion.prediction=data", "data.condition=none", "sheet.sampler=ddpm"),
        ("diffusion.prediction=data", "diffusion.noise=straight", "diffusion.weighting=flow", "optimiser.kind=muon"),
        ("diffusion.prediction=velocity", "diffusion.weighting=flow", "diffusion.seen=logit_normal"),
        ("train.precision=bf16", "train.attention=plain", "diffusion.average=0"),
    ],
)
def test_every_process_trains_and_is_kept(tmp_path: Path, changes: tuple[str, ...]) -> None:
    recipe = recipe_in(tmp_path / "run", *changes)
    plan, rows = ran(recipe)
    assert plan.learnt + plan.kept_apart == 1797
    assert plan.kept_apart == 36
    assert [row["step"] for row in rows if "validation_loss" in row] == [3, 6]
    assert all(np.isfinite(row["loss"]) for row in rows if "loss" in row)
    denoiser, described = load(tmp_path / "run" / "model")
    assert described.diffusion == recipe.diffusion
    assert len(described.classes) == (0 if recipe.data.condition == "none" else 10)
    weights = load_tensors(tmp_path / "run" / "model" / "model.safetensors")
    assert all(torch.equal(weights[name], parameter) for name, parameter in denoiser.named_parameters())


def test_muon_is_refused_for_a_network_without_blocks_of_matrices(tmp_path: Path) -> None:
    table = recipes.as_table(recipe_in(tmp_path / "run"))
    table |= {"dit": None, "unet": recipes.as_table(UnetShape(8, (1,), attention=()))}
    table["optimiser"]["kind"] = "muon"
    with pytest.raises(DiffusionProblem, match=r'muon" is for the blocks of a \[dit\]'):
        recipes.build(table, DiffusionRecipe, "test")


def test_the_average_is_what_is_kept_and_the_last_weights_where_none_is_wanted(tmp_path: Path) -> None:
    for name, average in (("last", "0"), ("mean", "0.5")):
        ran(recipe_in(tmp_path / name, f"diffusion.average={average}"))
    folders = [tmp_path / name for name in ("last", "mean")]
    checkpoints = [load_tensors(folder / "checkpoints/step-000000006/weights.safetensors") for folder in folders]
    models = [load_tensors(folder / "model" / "model.safetensors") for folder in folders]
    for name, tensor in models[0].items():
        assert torch.equal(tensor, checkpoints[0][f"model.{name}"])
        assert torch.equal(checkpoints[0][f"model.{name}"], checkpoints[1][f"model.{name}"])
        assert torch.equal(models[1][name], checkpoints[1][f"average.{name}"])
    assert any(not torch.equal(models[0][name], models[1][name]) for name in models[0])


def test_a_sheet_has_a_row_for_each_class_and_begins_each_column_with_one_noise(tmp_path: Path) -> None:
    recipe = recipe_in(tmp_path / "run")
    ran(recipe)
    denoiser, _ = load(tmp_path / "run" / "model")
    found = sheet(denoiser, "noise", recipe.diffusion.schedule(), digits(), Sheet(steps=3, columns=4))
    assert found.shape == (10, 4, 1, 8, 8)
    assert np.abs(found).max() <= 1
    assert not np.allclose(found[0], found[1])  # told another class
    assert rows_of(digits()).tolist() == list(range(10))
    picture = sheet_png(found)
    width, height = struct.unpack(">II", picture[16:24])
    assert (width, height) == (6 * (4 * 8 + 3), 6 * (10 * 8 + 9))
    with pytest.raises(DiffusionProblem, match="2 channels"):
        sheet_png(np.zeros((1, 1, 2, 8, 8), np.float32))


def test_the_world_is_told_in_words_and_trains_on_what_it_may_show(tmp_path: Path) -> None:
    told = ("data.pictures=world", "data.size=32", "data.channels=3", "data.condition=text", "data.examples=12")
    plan, rows = ran(
        recipe_in(tmp_path / "run", *told, "data.validation=0.2", "dit.patch=8", "dit.text_layers=1", "train.steps=2")
    )
    assert (plan.learnt, plan.kept_apart) == (10, 2)
    assert np.isfinite(rows[-1]["validation_loss"])
    found, fewer = world(12, 0, tokens=32), world(5, 0, tokens=0)
    assert np.array_equal(found.values[:5], fewer.values)
    plain, half = world(12, 0, tokens=32, plain=1.0), world(12, 0, tokens=32, plain=0.5)
    assert np.array_equal(plain.values, found.values)  # the same pictures in other words
    assert [plain.names[n] for n in plain.labels] == [plainly(scene_of(found.names[n])) for n in found.labels]
    both = {*plain.names}, {*found.names}
    assert {*half.names} <= both[0] | both[1]
    assert not {*half.names} <= both[0]
    assert not {*half.names} <= both[1]
    for number, label in enumerate(found.labels):
        scene = scene_of(found.names[label])
        assert part_of(scene) == "training"
        assert judged(found.data([number])[0], found.names[label]).true
    _, described = load(tmp_path / "run" / "model")
    assert (described.tokens, described.text_width, described.classes) == (32, 384, ())


def test_every_recipe_that_comes_along_can_be_begun() -> None:
    folder = Path(__file__).parents[2] / "recipes"
    paths = [path for path in folder.glob("*.toml") if "diffusion" in recipes.load(path)]
    assert len(paths) >= 3
    for path in paths:
        recipe = recipes.read(path, DiffusionRecipe, [])
        assert recipe.out.folder == f"runs/{path.stem}"


def test_the_digits_are_what_scikit_learn_has() -> None:
    found = digits()
    assert found.values.shape == (1797, 1, 8, 8)
    assert found.values.min() == 0
    assert found.values.max() == 255
    assert np.bincount(found.labels).tolist() == [178, 182, 177, 183, 181, 182, 181, 179, 174, 180]
    assert np.array_equal(found.data([0, 1]).round(3) >= -1, np.ones((2, 1, 8, 8), bool))


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        (("sheet.steps=0",), "sheet.steps is 0, and must lie in 1 to 20"),
        (("sheet.steps=21",), "sheet.steps is 21, and must lie in 1 to 20"),
        (("sheet.guidance=nan",), "sheet.guidance is nan"),
        (("sheet.sampler=dim",), "there is no sampler 'dim'"),
        (("diffusion.drop=1.5",), "diffusion.drop is 1.5"),
        (("diffusion.noise=straight",), "a noise prediction tells no data"),
        (("data.size=9",), "the digits have data.size = 8"),
        (("data.condition=text",), "the digits have"),
        (("data.channels=2",), "data.channels is 2"),
        (("data.pictures=world",), "the world has data.size = 32"),
        (("data.pictures=world", "data.size=32", "data.channels=3"), "the world has"),
        (("data.examples=0",), "data.examples is 0"),
        (("dit.patch=3",), "must be a multiple of dit.patch, 3"),
        (("unet.width=8",), "one network"),
        (("dit.text_layers=1",), "dit.text_layers are over the tokens of a text"),
        (("dit.text_layers=-1",), "dit.text_layers is -1"),
        (("data.plain=2",), "data.plain is 2"),
        (("train.compile=blocks",), "train.compile must be"),
        (("train.checkpointing=true",), "train.checkpointing is for training on texts"),
        (("data.pictures=",), "must not be empty"),
    ],
)
def test_a_recipe_that_makes_no_run_is_said_in_one_line(tmp_path: Path, changes: tuple[str, ...], says: str) -> None:
    with pytest.raises((DiffusionProblem, TrainProblem)) as caught:
        recipe_in(tmp_path / "run", *changes)
    assert says in str(caught.value)
    assert "\n" not in str(caught.value)
    assert not (tmp_path / "run").exists()


def test_a_model_folder_that_is_none_is_said_in_one_line(tmp_path: Path) -> None:
    ran(recipe_in(tmp_path / "run", "train.steps=1"))
    model = tmp_path / "run" / "model"
    with pytest.raises(DiffusionProblem, match="there is no denoiser in"):
        load(tmp_path)
    weights = (model / "model.safetensors").read_bytes()
    (model / "model.safetensors").write_bytes(weights[:-9])
    with pytest.raises(DiffusionProblem, match="cannot read the weights"):
        load(model)
    description = json.loads((model / "diffusion.json").read_text())
    (model / "model.safetensors").write_bytes(weights)
    (model / "diffusion.json").write_text(json.dumps({**description, "size": 16}))
    load(model)  # a DiT's weights do not depend on the size
    (model / "diffusion.json").write_text(json.dumps({**description, "dit": {**description["dit"], "layers": 2}}))
    with pytest.raises(DiffusionProblem, match="weights of another network"):
        load(model)
    (model / "diffusion.json").write_text("[]")
    with pytest.raises(DiffusionProblem, match="is not what a run writes"):
        load(model)


@pytest.mark.parametrize(("library", "changes"), [("PIL.Image", ("data.pictures={folder}",)), ("sklearn.datasets", ())])
def test_a_library_that_is_not_there_is_told_with_its_extra(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, library: str, changes: tuple[str, ...]
) -> None:
    monkeypatch.setitem(sys.modules, library, None)
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "one.png").write_bytes(b"")
    recipe = recipe_in(tmp_path / "run", *(change.format(folder=tmp_path) for change in changes))
    with pytest.raises(MissingExtra, match=r"pip install 'openbook\[pictures\]'"):
        pictures_of(recipe.data)
