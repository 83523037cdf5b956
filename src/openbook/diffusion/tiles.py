"""Pictures side by side in one, each pixel enlarged by a whole number so that it is seen."""

import numpy as np
from numpy.typing import NDArray

from openbook.diffusion.level import Array
from openbook.diffusion.problems import DiffusionProblem
from openbook.report.png import MOST_PIXELS

MOST_SCALE = 64
_SPACE = 1
"""Pixels between pictures, enlarged as they are."""


def check_tiles(rows: int, columns: int, size: int, scale: int) -> None:
    """Raises DiffusionProblem for a scale that is not 1 to ``MOST_SCALE``, and for more pixels than a file may have."""
    if not 1 <= scale <= MOST_SCALE:
        raise DiffusionProblem(f"pixels enlarged by {scale}: take 1 to {MOST_SCALE}")
    if (pixels := rows * columns * ((size + _SPACE) * scale) ** 2) > MOST_PIXELS:
        raise DiffusionProblem(f"the pictures would have {pixels:,} pixels together: take fewer, or a smaller scale")


def tiled(rows: Array, scale: int = 1) -> NDArray[np.uint8]:
    """(rows, columns, channels, height, width) in [-1, 1] to (height, width, 3); one channel is shown as grey.

    Raises DiffusionProblem as ``check_tiles`` does, and for pictures that are neither grey nor of three colours, or not
    finite.
    """
    count, across, channels, height, width = rows.shape
    if channels not in (1, 3) or not np.isfinite(rows).all():
        raise DiffusionProblem(f"pictures of {channels} channels cannot be shown: finite numbers in 1, grey, or 3 can")
    check_tiles(count, across, max(height, width), scale)
    shades = np.rint((np.clip(rows, -1, 1) + 1) * 127.5).astype(np.uint8)
    whole = np.full((count * (height + _SPACE) - _SPACE, across * (width + _SPACE) - _SPACE, 3), 255, np.uint8)
    for row in range(count):
        for column in range(across):
            top, left = row * (height + _SPACE), column * (width + _SPACE)
            whole[top : top + height, left : left + width] = shades[row, column].transpose(1, 2, 0)
    return whole.repeat(scale, 0).repeat(scale, 1)
