"""Two processes over gloo equal one: the same rows, the same losses, one writer; stopped and resumed together too.

Sums are added in another order, so losses are held to 1e-5 of each other, and weights to a hundredth of their way.
"""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import torch
from small_runs import Make, Seen

from openbook.train.checkpoint import load_tensors, newest, read_position
from openbook.train.problems import TrainProblem
from openbook.train.recipe import TrainRecipe
from openbook.train.run import run

UNEVEN = ("train.batch=7", "train.rows_at_once=2", "out.evaluate_every=4", "data.pack=false", "optimiser.clip=0.05")


def as_toml(recipe: TrainRecipe) -> str:
    from openbook import recipes

    tables = recipes.as_table(recipe)
    lines: list[str] = []
    for name, table in tables.items():
        lines.append(f"[{name}]")
        lines += [f"{key} = {json.dumps(value)}" for key, value in table.items()]
    return "\n".join(lines)


def together(recipe: TrainRecipe, tmp_path: Path, processes: int = 2) -> subprocess.CompletedProcess[str]:
    path = tmp_path / "recipe.toml"
    path.write_text(as_toml(recipe), encoding="utf-8")
    command = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node", str(processes)]
    environment = {**os.environ, "OMP_NUM_THREADS": "1", "COLUMNS": "80", "NO_COLOR": "1", "TERM": "dumb"}
    return subprocess.run(
        [*command, "-m", "openbook", "train", str(path)],
        capture_output=True,
        text=True,
        env=environment,
        timeout=200,
        cwd=tmp_path,
    )


def rows(folder: Path, key: str) -> dict[int, Any]:
    found = [json.loads(line) for line in (folder / "metrics.jsonl").read_text().splitlines()]
    return {row["step"]: row[key] for row in found if key in row}


@pytest.fixture
def ragged(tmp_path: Path) -> str:
    """Documents of unequal lengths, so that the processes' counts of targets differ in every pass."""
    path = tmp_path / "ragged.jsonl"
    texts = ["she sells sea shells by the sea shore"[: 3 + 5 * number % 30] for number in range(50)]
    path.write_text("".join(json.dumps({"text": text}) + "\n" for text in texts), encoding="utf-8")
    return f"data.path={path}"


@pytest.mark.slow
def test_two_processes_equal_one(make: Make, tmp_path: Path, ragged: str) -> None:
    run(make(*UNEVEN, ragged, out="one"), Seen().watch)
    done = together(make(*UNEVEN, ragged, out="two"), tmp_path)
    assert done.returncode == 0, done.stderr
    for key in ("loss", "validation_loss"):
        assert rows(tmp_path / "two", key) == pytest.approx(rows(tmp_path / "one", key), rel=1e-5)
    assert rows(tmp_path / "two", "tokens") == rows(tmp_path / "one", "tokens")
    last = [newest(tmp_path / name / "checkpoints") for name in ("one", "two")]
    one, two = (load_tensors(folder / "weights.safetensors") for folder in last if folder)
    start = load_tensors(first_checkpoint(make, tmp_path, ragged) / "weights.safetensors")
    for name, weight in one.items():
        assert torch.linalg.norm(two[name] - weight) <= 0.01 * torch.linalg.norm(weight - start[name]), name
    assert done.stdout.count("trained") == 1
    assert last[1]
    assert len(read_position(last[1]).generators) == 2
    with pytest.raises(TrainProblem, match="was written by 2 processes and this run has 1"):
        run(make(*UNEVEN, ragged, out="two"), Seen().watch)


def first_checkpoint(make: Make, tmp_path: Path, ragged: str) -> Path:
    """The weights as the seed makes them: a rate of nothing moves none."""
    run(make(*UNEVEN, ragged, "optimiser.rate=0", "train.steps=2", out="start"), Seen().watch)
    found = newest(tmp_path / "start" / "checkpoints")
    assert found
    return found


@pytest.mark.slow
def test_fewer_rows_than_processes_are_refused_in_one_line(make: Make, tmp_path: Path) -> None:
    done = together(make("train.batch=1"), tmp_path)
    assert done.returncode != 0
    assert "train.batch is 1, fewer rows than the 2 processes: raise it" in done.stderr
    assert not (tmp_path / "run" / "checkpoints").exists()
