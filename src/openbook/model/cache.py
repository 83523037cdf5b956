"""Keys and values already computed: what lets a decoder add one token without reading the rest again."""

import torch
from torch import Tensor

from openbook.model.config import BadShape, DecoderConfig


class Cache:
    """Room for ``batch`` rows of at most ``length`` tokens, filled from the left by all rows together.

    dtype, device: those of the model; ``Decoder.cache`` sees to both. starts: (batch,) int64, the first place of each
    row that counts, for texts of several lengths that end at one place: before it is padding, which nothing looks at.
    """

    def __init__(
        self,
        config: DecoderConfig,
        batch: int,
        length: int,
        dtype: torch.dtype = torch.float32,
        device: torch.device | str = "cpu",
        starts: Tensor | None = None,
    ) -> None:
        if batch < 1 or not 1 <= length <= config.context:
            raise BadShape(
                f"a cache needs a batch of 1 or more, and 1 to {config.context} tokens of this model's context"
            )
        shape = (config.layers, batch, config.key_value_heads, length, config.head_dim)
        self.keys = torch.zeros(shape, dtype=dtype, device=device)
        self.values = torch.zeros(shape, dtype=dtype, device=device)
        self.used = 0
        self.starts = starts

    def rows(self, chosen: Tensor, length: int | None = None) -> "Cache":
        """A cache of these rows, which may repeat, as (rows,) int64; length: of the new one, this one's by default.

        What one prompt took is computed once and then serves as many texts as begin with it.
        """
        length = self.keys.shape[3] if length is None else length
        layers, _, heads, _, width = self.keys.shape
        new = object.__new__(Cache)
        new.keys = self.keys.new_zeros(layers, len(chosen), heads, length, width)
        new.values = torch.zeros_like(new.keys)
        new.keys[:, :, :, : self.used] = self.keys[:, chosen, :, : self.used]
        new.values[:, :, :, : self.used] = self.values[:, chosen, :, : self.used]
        new.used = self.used
        new.starts = None if self.starts is None else self.starts[chosen]
        return new

    def extend(self, layer: int, key: Tensor, value: Tensor, first: int = 0) -> tuple[Tensor, Tensor]:
        """Store this step's keys and values, and return all from position ``first`` on.

        key, value: (batch, key_value_heads, time, head_dim).
        Returns two of (batch, key_value_heads, used + time - first, head_dim).
        """
        end = self.used + key.shape[2]
        self.keys[layer, :, :, self.used : end] = key
        self.values[layer, :, :, self.used : end] = value
        return self.keys[layer, :, :, first:end], self.values[layer, :, :, first:end]

    def check(self, ids: Tensor) -> None:
        """Raise BadShape unless these ids, (batch, time), still fit."""
        _, batch, _, length, _ = self.keys.shape
        if ids.shape[0] != batch:
            raise BadShape(f"the cache holds {batch} rows and {ids.shape[0]} are given: make one for as many rows")
        if self.used + ids.shape[1] > length:
            raise BadShape(f"the cache holds {length} tokens and {self.used + ids.shape[1]} are needed: make it longer")
