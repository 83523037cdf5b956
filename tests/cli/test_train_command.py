"""``openbook train`` as a person uses it: trains, goes on after Ctrl-C, and says in one line what is wrong."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Run = Callable[..., Any]

RECIPE = """
[data]
path = "corpus.txt"
validation = 0.2
[model]
layers = 1
heads = 2
width = 16
context = 16
[schedule]
warmup = 2
[train]
steps = 12
batch = 4
device = "cpu"
threads = 1
[out]
folder = "runs/one"
evaluate_every = 6
checkpoint_every = 5
"""


@pytest.fixture
def recipe(tmp_path: Path) -> Path:
    (tmp_path / "corpus.txt").write_text("to be or not to be, that is the question\n" * 20, encoding="utf-8")
    (tmp_path / "recipe.toml").write_text(RECIPE, encoding="utf-8")
    return tmp_path / "recipe.toml"


def test_a_recipe_is_trained_and_what_came_of_it_shown(run_alone: Run, recipe: Path, tmp_path: Path) -> None:
    done = run_alone("train", "recipe.toml", "train.steps=14")
    assert done.code == 0, done.err
    assert "runs/one/model" in done.out
    assert "1 layers, 16 wide, 2 heads" in done.out
    assert max(map(len, done.out.splitlines())) <= 80
    assert [line.split(":")[0] for line in done.err.splitlines()] == ["step 6", "step 12", "step 14"]
    files = {path.name for path in (tmp_path / "runs" / "one" / "model").iterdir()}
    assert files == {"config.json", "model.safetensors", "tokenizer.json"}
    again = run_alone("train", "recipe.toml", "train.steps=14", "--json")
    assert again.code == 0
    assert again.json["finished"] is True
    assert again.json["step"] == 14
    assert again.err == "going on from step 14\n"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("missing.toml",), "there is no recipe missing.toml"),
        (("recipe.toml", "train.stepps=3"), "there is no recipe key train.stepps: do you mean train.steps?"),
        (("recipe.toml", "steps=3"), "do you mean train.steps?"),
        (("recipe.toml", "train.steps=many"), "train.steps must be a whole number, not 'many'"),
        (("recipe.toml", "nonsense"), "write key=value"),
        (("recipe.toml", "data.path=nowhere.txt"), "there is no nowhere.txt: set data.path"),
        (("recipe.toml", "data.path=$NO_SUCH_NAME/x.txt"), "NO_SUCH_NAME"),
        (("recipe.toml", "out.folder=."), "holds something that is no training run"),
        (("recipe.toml", "model.width=15"), "must be a multiple of model.heads"),
        (("recipe.toml", "data.tokenizer=recipe.toml"), "is no tokenizer file"),
        (("recipe.toml", "model.start=nowhere"), "nowhere"),
    ],
)
def test_what_is_wrong_is_one_line_and_exit_code_2(
    run: Run, recipe: Path, arguments: tuple[str, ...], said: str
) -> None:
    done = run("train", *arguments)
    assert (done.code, done.out) == (2, "")
    assert said in done.err
    assert done.err.count("\n") == 1


def test_a_typo_in_the_file_is_told_with_the_nearest_name(run: Run, recipe: Path) -> None:
    recipe.write_text(RECIPE.replace("batch = 4", "bach = 4"), encoding="utf-8")
    done = run("train", "recipe.toml")
    assert done.code == 2
    assert "unknown key train.bach: do you mean train.batch?" in done.err


def test_ctrl_c_keeps_what_was_done_and_the_same_command_goes_on(
    run: Run, recipe: Path, tmp_path: Path, environment: dict[str, str]
) -> None:
    command = [sys.executable, "-m", "openbook", "train", "recipe.toml", "train.steps=100000", "out.log_every=1"]
    metrics = tmp_path / "runs" / "one" / "metrics.jsonl"
    with subprocess.Popen(
        command, cwd=tmp_path, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as going:
        deadline = time.monotonic() + 60
        while not (metrics.exists() and metrics.stat().st_size > 2000):
            assert time.monotonic() < deadline
            time.sleep(0.05)
        os.kill(going.pid, signal.SIGINT)
        _, errors = going.communicate(timeout=60)
    assert going.returncode == 130
    assert b"which is kept; the same command goes on from there" in errors
    assert b"Traceback" not in errors
    done = json.loads(metrics.read_text().splitlines()[-1])["step"]
    assert list((tmp_path / "runs" / "one" / "checkpoints").glob(f"*{done:09}"))
    changed = run("train", "recipe.toml")
    assert changed.code == 2
    assert "was started with train.steps = 100000 and the recipe now says 12" in changed.err


DRAWING = """
[data]
pictures = "digits"
size = 8
channels = 1
condition = "class"
[diffusion]
levels = 10
[dit]
width = 16
layers = 1
heads = 2
patch = 4
[sheet]
steps = 2
columns = 1
[schedule]
warmup = 1
[train]
steps = 4
batch = 8
device = "cpu"
threads = 1
[out]
folder = "runs/drawing"
evaluate_every = 2
"""


def test_a_recipe_with_diffusion_teaches_drawing(run: Run, tmp_path: Path) -> None:
    (tmp_path / "drawing.toml").write_text(DRAWING, encoding="utf-8")
    done = run("train", "drawing.toml")
    assert done.code == 0, done.err
    assert "1,617 to learn from" in done.out
    assert "10 classes" in done.out
    assert "samples-000000004.png" in done.out.replace("\n", "")
    assert [line.split(":")[0] for line in done.err.splitlines()] == ["step 2", "step 4"]
    again = run("train", "drawing.toml", "--json")
    assert (again.code, again.json["step"], again.json["pictures"], again.json["left_out"]) == (0, 4, 32, {})
    assert again.err == "going on from step 4\n"


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ("sheet.steps=0", "sheet.steps is 0, and must lie in 1 to 10"),
        ("sheet.guidance=nan", "sheet.guidance is nan"),
        ("dit.patch=3", "data.size is 8, and must be a multiple of dit.patch, 3"),
        ("dit.widht=8", "do you mean dit.width?"),
        ("data.size=16", "the digits have data.size = 8"),
    ],
)
def test_what_is_wrong_with_drawing_is_one_line(run: Run, tmp_path: Path, change: str, said: str) -> None:
    (tmp_path / "drawing.toml").write_text(DRAWING, encoding="utf-8")
    done = run("train", "drawing.toml", change)
    assert (done.code, done.out) == (2, "")
    assert said in done.err
    assert done.err.count("\n") == 1


def test_a_folder_of_pictures_that_is_none_leaves_nothing_behind(run: Run, tmp_path: Path) -> None:
    (tmp_path / "drawing.toml").write_text(DRAWING, encoding="utf-8")
    done = run("train", "drawing.toml", "data.pictures=nowhere")
    assert (done.code, done.out) == (2, "")
    assert done.err == (
        "openbook: there is no folder nowhere: set data.pictures to a folder of pictures, or to digits or world\n"
    )
    assert not (tmp_path / "runs" / "drawing").exists()
