"""Every layer's and head's attention weights for a text, taken while the model reads it."""

from typing import Any, cast

import torch
from torch import Tensor

from openbook.model.decoder import CausalAttention, Decoder
from openbook.model.encoder import Encoder, FullAttention


@torch.no_grad()
def attention_maps(model: Decoder | Encoder, ids: Tensor) -> Tensor:
    """How much each position, a row, takes from each, a column, by ``attention.attention_weights``.

    ids: (time,). Returns (layers, heads, time, time) in FP32; rows add up to 1. The pass itself runs through the fused
    kernel, which never holds these, so each layer computes them once more from what it is given.
    """
    maps: list[Tensor] = []

    def see(layer: Any, given: tuple[Any, ...]) -> None:
        maps.append(layer.weights(*given)[0].float())

    layers = (each for each in model.modules() if isinstance(each, CausalAttention | FullAttention))
    hooks = [cast("Any", each).register_forward_pre_hook(see) for each in layers]
    try:
        model(ids[None])
    finally:
        for hook in hooks:
            hook.remove()
    return torch.stack(maps)
