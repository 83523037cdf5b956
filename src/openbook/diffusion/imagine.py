"""A caption to pictures, without torch: noise from a seed, denoised as the caption says, and read back."""

import time
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from openbook.diffusion.denoise import clipped
from openbook.diffusion.denoiser_folder import DenoiserFolder, Sampling
from openbook.diffusion.draw import levels_of, states_of
from openbook.diffusion.onnx_denoiser import OnnxDenoiser
from openbook.diffusion.problems import DiffusionProblem
from openbook.diffusion.samplers.names import named
from openbook.diffusion.samplers.step import State
from openbook.diffusion.world.truth import Verdict, judged

MOST = 64
"""Pictures of one caption at once."""

_LAST_SEED = 2**63 - 1


@dataclass(frozen=True, slots=True)
class Imagined:
    """picture: (channels, size, size) in [-1, 1]. calls: how often the denoiser was asked. verdict: whether the caption
    is true of the picture, from its pixels alone; None where nothing here can read such a picture.
    """

    seed: int
    picture: NDArray[np.float32]
    calls: int
    seconds: float
    verdict: Verdict | None


def imagined(
    denoiser: OnnxDenoiser, caption: str, sampling: Sampling, seed: int = 0, count: int = 1
) -> Iterator[Imagined]:
    """Pictures of the seeds ``seed``, ``seed`` + 1 and so on: each is the same, whichever others are drawn.

    Raises DiffusionProblem, before anything is drawn, for a caption that the denoiser cannot be told and for numbers
    that make no sense.
    """
    check_count(count)
    if not 0 <= seed <= _LAST_SEED - count:
        raise DiffusionProblem(
            f"a seed of {seed}: take 0 to {_LAST_SEED - count}, so that there are {count} from it on"
        )
    folder = denoiser.folder
    given = denoiser.given(caption)
    levels, sampler = levels_of(folder.said.schedule(), sampling.steps), named(sampling.sampler)
    denoise = clipped(denoiser.told(given, sampling.guidance))
    return (
        _one(states_of(denoise, levels, sampler, folder.said.shape, each), folder, caption, each)
        for each in range(seed, seed + count)
    )


def check_count(count: int) -> None:
    """Raises DiffusionProblem for none, and for more than ``MOST``."""
    if not 1 <= count <= MOST:
        raise DiffusionProblem(f"{count:,} pictures at once: take 1 to {MOST}")


def _one(states: Iterator[State], folder: DenoiserFolder, caption: str, seed: int) -> Imagined:
    begin = time.perf_counter()
    *_, last = states
    picture = np.clip(last.x[0], -1, 1).astype(np.float32)
    seconds = time.perf_counter() - begin
    return Imagined(seed, picture, last.calls, seconds, judged(picture, caption) if folder.said.world else None)
