"""What a denoiser is told, made of words."""

from collections.abc import Callable
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from openbook.diffusion.denoiser_folder import DenoiserFolder
from openbook.diffusion.problems import DiffusionProblem
from openbook.diffusion.texts import encoded
from openbook.diffusion.world.captions import plainly
from openbook.diffusion.world.parse import scene_of
from openbook.encode.token_states import TokenEncoder
from openbook.json_lines import shortened

Given: TypeAlias = NDArray[np.int64] | NDArray[np.float32]
"""Class numbers (batch,), or the vectors of texts (batch, tokens, width)."""


def given_of(folder: DenoiserFolder, caption: str, encoder: Callable[[], TokenEncoder]) -> Given | None:
    """For one caption; None for a denoiser without a condition. encoder: asked for only where texts are read.

    A caption of the world is said again in the one plainest way, which means the same. Raises DiffusionProblem for a
    class that there is not, words that mean nothing, a text that is too long, and another encoder than it learnt from.
    """
    said = folder.said
    if said.classes:
        if caption not in said.classes:
            shown = ", ".join(shortened(name[:40]) for name in said.classes[:40])
            more = ", ..." if len(said.classes) > 40 else ""
            raise DiffusionProblem(f"this denoiser draws no {shortened(caption, 40)}: say one of {shown}{more}")
        return np.array([said.classes.index(caption)], np.int64)
    if not said.tokens:
        if caption:
            raise DiffusionProblem("this denoiser was trained without a condition: give an empty caption, ''")
        return None
    told = plainly(scene_of(caption)) if said.world else caption
    reading = encoder()
    if reading.digest != said.texts:
        raise DiffusionProblem(f"{folder.path} learnt from the vectors of another text encoder: compress its run again")
    return encoded([told], said.tokens, reading).astype(np.float32)
