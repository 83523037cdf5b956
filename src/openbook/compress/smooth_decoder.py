"""SmoothQuant for a decoder: activations divided channel by channel where something before takes the division.

An RMSNorm's gain takes it for the products that read the norm, and of SwiGLU's inner channels the rows of ``up``, since
silu(gate) · (up / s) is the inner activation / s. In floats the model says what it said before. What the attention
gives to its output product is left alone, as in the paper, and so is a table that is shared with the words.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from openbook.compress.quantise import Array
from openbook.compress.smooth import divisors_by_the_equation
from openbook.model.config import DecoderConfig


@dataclass(frozen=True, slots=True)
class Seam:
    """An activation between the parameters that make it (``divided``, a channel a row) and the products that take it
    (``read``, a channel a column), all by the names of ``Decoder.named_parameters``.
    """

    divided: tuple[str, ...]
    read: tuple[str, ...]


def seams(config: DecoderConfig) -> dict[str, Seam]:
    """Where a decoder's activations can be divided, by name of the norm or of the product that takes them."""
    found: dict[str, Seam] = {}
    for layer in range(config.layers):
        attention, feed = f"blocks.{layer}.attention", f"blocks.{layer}.feed_forward"
        read = tuple(f"{attention}.{part}.weight" for part in ("query", "key", "value"))
        found[f"{attention}_norm"] = Seam(_norm(f"{attention}_norm", config), read)
        gated = config.activation == "swiglu"
        read = tuple(f"{feed}.{part}.weight" for part in (("gate", "up") if gated else ("up",)))
        found[f"{feed}_norm"] = Seam(_norm(f"{feed}_norm", config), read)
        if gated:
            up = (f"{feed}.up.weight", *([f"{feed}.up.bias"] if config.bias_feed_forward else []))
            found[f"{feed}.down"] = Seam(up, (f"{feed}.down.weight",))
    if not config.tied:
        found["norm"] = Seam(_norm("norm", config), ("unembedding.weight",))
    return found


def smoothed(
    weights: Mapping[str, Array], config: DecoderConfig, largest: Mapping[str, Array], alpha: float = 0.5
) -> dict[str, Array]:
    """The same model with smaller activations and larger weights. largest: max|x| of each channel, for each seam."""
    made = dict(weights)
    for name, seam in seams(config).items():
        widest = np.abs(np.concatenate([made[each] for each in seam.read])).max(axis=0)
        s = divisors_by_the_equation(largest[name], widest, alpha)
        for each in seam.divided:
            made[each] = made[each] / (s[:, None] if made[each].ndim == 2 else s)
        for each in seam.read:
            made[each] = made[each] * s
    return made


def _norm(name: str, config: DecoderConfig) -> tuple[str, ...]:
    return (f"{name}.weight", f"{name}.bias") if config.norm == "layer" else (f"{name}.weight",)
