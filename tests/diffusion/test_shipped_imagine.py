"""The text-to-picture model that comes along, on combinations that no training showed."""

import numpy as np
import pytest

from openbook.diffusion.denoiser_folder import SHIPPED
from openbook.diffusion.imagine import imagined
from openbook.diffusion.onnx_denoiser import OnnxDenoiser, opened
from openbook.diffusion.world.captions import phrased
from openbook.diffusion.world.splits import drawn_scene


@pytest.fixture(scope="module")
def shipped() -> OnnxDenoiser:
    return opened(SHIPPED)


def test_nearly_all_captions_are_true_of_its_pictures(shipped: OnnxDenoiser) -> None:
    true = 0
    for seed in range(30):
        rng = np.random.default_rng([seed, 913])
        found = next(imagined(shipped, phrased(drawn_scene("test", rng), rng), shipped.folder.said.sampling, seed))
        assert found.verdict is not None
        true += found.verdict.true
    assert true >= 26


def test_it_is_small(shipped: OnnxDenoiser) -> None:
    assert sum(file.stat().st_size for file in SHIPPED.iterdir()) < 5_000_000


def test_every_way_to_say_a_scene_draws_the_same_picture(shipped: OnnxDenoiser) -> None:
    ways = ("two green triangles above a yellow square", "Below 2 green triangles there is a yellow square.")
    first, second = (next(imagined(shipped, way, shipped.folder.said.sampling, 3)).picture for way in ways)
    assert (first == second).all()
