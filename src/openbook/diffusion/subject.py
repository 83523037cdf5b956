"""What ``openbook see diffusion`` looks at: a compressed denoiser, or the perfect one of some rendered pictures."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from openbook.diffusion.denoise import Denoise, clipped, guided
from openbook.diffusion.denoiser_folder import Sampling
from openbook.diffusion.draw import Shape
from openbook.diffusion.level import Array
from openbook.diffusion.onnx_denoiser import OnnxDenoiser
from openbook.diffusion.picture_mixture import picture_denoiser
from openbook.diffusion.schedule import Schedule
from openbook.diffusion.variance_preserving import cosine
from openbook.diffusion.world.layout import SIDE
from openbook.diffusion.world.parse import scene_of
from openbook.diffusion.world.render import drawn
from openbook.diffusion.world.splits import drawn_scene

_TRUE, _OTHERS = 24, 40


@dataclass(frozen=True, slots=True)
class Subject:
    """told: the denoiser at a guidance. data: a picture to make noisy, (channels, height, width), or None where there
    is none. world: the caption can be judged. guidable: it matters how far it is guided. name: one line.
    """

    name: str
    caption: str
    told: Callable[[float], Denoise]
    schedule: Schedule
    shape: Shape
    sampling: Sampling
    data: Array | None
    world: bool
    guidable: bool


def model_subject(denoiser: OnnxDenoiser, caption: str) -> Subject:
    """Raises DiffusionProblem for a caption that the denoiser cannot be told."""
    folder = denoiser.folder
    given = denoiser.given(caption)
    data = drawn(scene_of(caption), np.random.default_rng(3)) if folder.said.world else None
    return Subject(
        f"the denoiser in {folder.path.name}",
        caption,
        lambda guidance: clipped(denoiser.told(given, guidance)),
        folder.said.schedule(),
        folder.said.shape,
        folder.said.sampling,
        data,
        folder.said.world,
        folder.said.told,
    )


def exact_subject(caption: str) -> Subject:
    """No network: the perfect denoiser of 24 pictures of the caption, guided away from those of 40 more scenes.

    Raises DiffusionProblem for a caption that tells no scene.
    """
    rng = np.random.default_rng(4)
    scene = scene_of(caption)
    true = np.stack([drawn(scene, rng) for _ in range(_TRUE)])
    others = np.stack([drawn(drawn_scene("training", rng), rng) for _ in range(_OTHERS)])
    conditional, free = picture_denoiser(true), picture_denoiser(np.concatenate([true, others]))
    return Subject(
        f"no network: the perfect denoiser of {_TRUE} rendered pictures of the caption",
        caption,
        lambda guidance: clipped(guided(conditional, free, guidance)),
        cosine(1000),
        (3, SIDE, SIDE),
        Sampling("ddim", 24, 1.0),
        true[0],
        world=True,
        guidable=True,
    )
