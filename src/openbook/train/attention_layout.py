"""How the texts of a batch lie in its rows, told to every attention layer of a model: one product of query, key and
value that knows where each text begins, in place of a mask of which most is false.
"""

from collections.abc import Callable
from typing import Any, cast

from torch import Tensor

from openbook.model import Decoder
from openbook.model.decoder import CausalAttention

Mix = Callable[[Tensor, Tensor, Tensor], Tensor]
"""query (batch, heads, time, head_dim), key and value (batch, key_value_heads, time, head_dim) to what query has."""


class Layout:
    """What attention runs on in the pass to come, set before it and read by every layer; None: the model's own way."""

    mix: Mix | None = None


def laid_out(model: Decoder) -> Layout:
    """Let the model's attention run on the layout's product whenever it has one. Returns the layout to set."""
    layout = Layout()
    for block in model.blocks:
        attention = cast("CausalAttention", block.attention)
        attention.forward = _as_laid_out(attention, layout, attention.forward)
    return layout


def _as_laid_out(attention: CausalAttention, layout: Layout, otherwise: Any) -> Any:
    def forward(x: Tensor, turn: Any, sight: Any, cache: Any, layer: int) -> Tensor:
        if layout.mix is None or cache is not None:
            return otherwise(x, turn, sight, cache, layer)
        query, key = attention.query_and_key(x, turn)
        value = attention.value(x).unflatten(-1, (-1, attention.head_dim)).transpose(1, 2)
        return attention.output(layout.mix(query, key, value).transpose(1, 2).flatten(2))

    return forward
