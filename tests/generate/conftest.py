"""The tiny checkpoints of each family, made once, and one thread for torch."""

from pathlib import Path

import pytest
import torch
from tiny_models import FAMILIES, make_checkpoint


@pytest.fixture(scope="session", params=FAMILIES)
def checkpoint(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_checkpoint(tmp_path_factory.mktemp("models") / request.param, request.param)


@pytest.fixture(autouse=True)
def _one_thread() -> None:
    torch.set_num_threads(1)
