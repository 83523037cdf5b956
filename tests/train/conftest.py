"""One thread, a small corpus, and a recipe that trains in a second."""

from pathlib import Path

import pytest
import torch
from small_runs import TEXT, Make

from openbook import recipes
from openbook.train.recipe import TrainRecipe


@pytest.fixture(autouse=True)
def _one_thread() -> None:
    torch.set_num_threads(1)


@pytest.fixture
def corpus(tmp_path: Path) -> Path:
    path = tmp_path / "corpus.txt"
    path.write_text(TEXT * 12, encoding="utf-8")
    return path


@pytest.fixture
def make(corpus: Path, tmp_path: Path) -> Make:
    """A recipe with the keys given changed, as on the command line."""

    def made(*changes: str, out: str = "run") -> TrainRecipe:
        table = {
            "data": {"path": str(corpus), "validation": 0.2},
            "model": {"layers": 2, "heads": 2, "width": 16, "context": 16},
            "schedule": {"warmup": 2},
            "train": {"steps": 8, "batch": 4, "device": "cpu", "threads": 1},
            "out": {"folder": str(tmp_path / out), "log_every": 1, "evaluate_every": 0, "checkpoint_every": 2},
        }
        return recipes.build(recipes.changed(table, TrainRecipe, changes), TrainRecipe, "test")

    return made
