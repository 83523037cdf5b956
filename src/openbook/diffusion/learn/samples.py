"""Samples of a denoiser on one sheet: a row for each thing that it was told to draw, a column for each noise."""

import numpy as np
import torch
from numpy.typing import NDArray

from openbook.diffusion.denoise import clipped
from openbook.diffusion.draw import levels_of
from openbook.diffusion.forward import begun
from openbook.diffusion.learn.denoiser import Denoiser, denoise_of
from openbook.diffusion.learn.pictures import Pictures
from openbook.diffusion.prediction import Prediction
from openbook.diffusion.samplers.names import named
from openbook.diffusion.samplers.sample import sample
from openbook.diffusion.schedule import Schedule
from openbook.diffusion.sheet import Sheet
from openbook.diffusion.tiles import tiled
from openbook.report.png import png

_MOST_ROWS = 10
_SIDE = 48  # a picture is enlarged to this at least


def rows_of(pictures: Pictures) -> NDArray[np.int64]:
    """The labels that get a row each: of many, some that lie evenly; without a condition as many rows of label 0."""
    count = max(len(pictures.names), 1)
    return np.linspace(0, count - 1, min(count, _MOST_ROWS)).round().astype(np.int64)


def drawn(
    denoiser: Denoiser,
    kind: Prediction,
    schedule: Schedule,
    given: torch.Tensor | None,
    noise: NDArray[np.float32],
    wanted: Sheet,
) -> NDArray[np.float32]:
    """Pictures from this noise, of its shape (batch, channels, size, size), within [-1, 1]. given: one for each."""
    levels = levels_of(schedule, wanted.steps)
    guidance = wanted.guidance if given is not None else 1.0
    denoise = clipped(denoise_of(denoiser, kind, given, guidance))
    rng = np.random.default_rng([wanted.seed, 2])
    return sample(denoise, levels, begun(noise, levels[0]), named(wanted.sampler), rng).x.astype(np.float32)


def sheet(
    denoiser: Denoiser, kind: Prediction, schedule: Schedule, pictures: Pictures, wanted: Sheet
) -> NDArray[np.float32]:
    """(rows, columns, channels, size, size): each column begins with one noise, so that only the label differs."""
    labels = rows_of(pictures)
    shape = pictures.values.shape[1:]
    noise = np.random.default_rng([wanted.seed, 1]).standard_normal((wanted.columns, *shape), np.float32)
    device = next(denoiser.parameters()).device
    given = pictures.given(labels.repeat(wanted.columns))
    given = None if given is None else given.to(device)
    found = drawn(denoiser, kind, schedule, given, np.tile(noise, (labels.size, 1, 1, 1)), wanted)
    return found.reshape(labels.size, wanted.columns, *shape)


def sheet_png(rows: NDArray[np.float32]) -> bytes:
    """A PNG of ``sheet``'s pictures, enlarged by a whole number so that each pixel is seen.

    Raises DiffusionProblem for pictures that are neither grey nor of three colours.
    """
    whole = tiled(rows, max(1, -(-_SIDE // max(rows.shape[-2:]))))
    return png(whole.shape[1], whole.shape[0], whole.tobytes())
