"""The folder that is shipped: captions of the world, how it is asked, and a card; nothing else can be shipped."""

from dataclasses import replace
from pathlib import Path

import pytest
from random_dit import described, random_denoiser, random_folder

from openbook.diffusion.denoiser_folder import Sampling, open_denoiser_folder
from openbook.diffusion.learn.folder import save
from openbook.diffusion.learn.ship import ship
from openbook.diffusion.problems import DiffusionProblem

ASKED = Sampling("dpm-solver++", 8, 3.0)


def test_a_shipped_folder_says_how_it_is_asked(tmp_path: Path) -> None:
    random_folder(tmp_path / "plain", "texts", world=True)
    ship(tmp_path / "plain-trained", tmp_path / "shipped", ASKED)
    folder = open_denoiser_folder(tmp_path / "shipped")
    assert (folder.said.sampling, folder.said.world, folder.said.bits) == (ASKED, True, 8)
    card = (tmp_path / "shipped" / "README.md").read_text()
    assert "8 steps of dpm-solver++ with a guidance of 3," in card
    assert "{" not in card


@pytest.mark.parametrize(
    ("world", "sampling", "line"),
    [
        (False, ASKED, "was not trained on the world's captions"),
        (True, Sampling("best", 8, 3.0), "there is no sampler 'best'"),
        (True, Sampling("ddim", 101, 3.0), "101 steps over the 100 levels"),
    ],
)
def test_what_is_not_of_the_world_is_not_shipped(tmp_path: Path, world: bool, sampling, line: str) -> None:
    said = replace(described("texts"), world=world)
    (tmp_path / "model").mkdir()
    save(tmp_path / "model", random_denoiser(said), said)
    with pytest.raises(DiffusionProblem, match=line):
        ship(tmp_path / "model", tmp_path / "shipped", sampling)
    assert not (tmp_path / "shipped").exists()
