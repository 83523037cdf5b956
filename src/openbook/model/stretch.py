"""Rotary frequencies stretched for contexts longer than trained on, for torch's tensors and numpy's arrays alike."""

from math import ceil, floor, log, pi
from typing import TYPE_CHECKING, Any, TypeVar

from numpy.typing import NDArray

from openbook.model.config import RotaryScaling

if TYPE_CHECKING:
    from torch import Tensor

Numbers = TypeVar("Numbers", NDArray[Any], "Tensor")


def stretch(turning: Numbers, index: Numbers, theta: float, scaling: RotaryScaling | None) -> tuple[Numbers, float]:
    """The frequencies, (head_dim / 2,), and the factor on cosine and sine, as ``scaling`` asks; not for dynamic.

    turning: 1 / θ^(2i/d). index: i = 0 … d/2 - 1.
    """
    if scaling is None:
        return turning, 1.0
    if scaling.kind == "linear":
        return turning / scaling.factor, 1.0
    if scaling.kind == "llama3":
        return llama3(turning, scaling), 1.0
    attention = yarn_attention(scaling.factor) if scaling.attention is None else scaling.attention
    return yarn(turning, index, theta, scaling), attention


def llama3(turning: Numbers, scaling: RotaryScaling) -> Numbers:
    """By wavelength λ = 2π/f (Llama 3.1): long waves are divided by the factor, short ones kept, between them a blend.

    turning: (head_dim / 2,). Long: λ > L₀/low. Short: λ < L₀/high. Between: the share (L₀/λ - low) / (high - low) of f.
    """
    wave = 2 * pi / turning
    kept = ((scaling.original / wave - scaling.low) / (scaling.high - scaling.low)).clip(0, 1)
    return (1 - kept) * turning / scaling.factor + kept * turning


def yarn(turning: Numbers, index: Numbers, theta: float, scaling: RotaryScaling) -> Numbers:
    """By turns within the original context (Peng et al. 2023, eq. 17 to 23): few turns are slowed, many kept.

    turning, index: (head_dim / 2,), index being 0, 1, …. The dimension that turns r times in L₀ positions is
    d · ln(L₀ / 2πr) / (2 ln θ); between those of ``high`` and of ``low`` turns the share that is slowed grows linearly
    from 0 to 1.
    """
    pairs = len(turning)
    bounds = (pairs * log(scaling.original / (2 * pi * turns)) / log(theta) for turns in (scaling.high, scaling.low))
    first, last = bounds
    if scaling.truncate:
        first, last = floor(first), ceil(last)
    first, last = max(first, 0), min(last, 2 * pairs - 1)
    kept = 1 - ((index - first) / ((last - first) or 0.001)).clip(0, 1)
    return 1 / (scaling.factor / turning) * (1 - kept) + turning * kept


def yarn_attention(factor: float, scale: float = 1.0) -> float:
    """0.1 m ln s + 1: what cosine and sine are multiplied by, so that attention stays as sharp (eq. 22, √(1/t))."""
    return 0.1 * scale * log(factor) + 1 if factor > 1 else 1.0
