"""Keys and values already computed: what lets a decoder add one token without reading the rest again."""

import torch
from torch import Tensor

from openbook.model.config import BadShape, DecoderConfig


class Cache:
    """Room for ``batch`` rows of at most ``length`` tokens, filled from the left by all rows together."""

    def __init__(
        self, config: DecoderConfig, batch: int, length: int, dtype: torch.dtype = torch.float32, device: str = "cpu"
    ) -> None:
        shape = (config.layers, batch, config.key_value_heads, length, config.head_dim)
        self.keys = torch.zeros(shape, dtype=dtype, device=device)
        self.values = torch.zeros(shape, dtype=dtype, device=device)
        self.used = 0

    def extend(self, layer: int, key: Tensor, value: Tensor) -> tuple[Tensor, Tensor]:
        """Store this step's keys and values, and return all so far.

        key, value: (batch, key_value_heads, time, head_dim).
        Returns two of (batch, key_value_heads, used + time, head_dim).
        """
        end = self.used + key.shape[2]
        if end > self.keys.shape[3]:
            raise BadShape(f"the cache holds {self.keys.shape[3]} tokens and {end} are needed: make it longer")
        self.keys[layer, :, :, self.used : end] = key
        self.values[layer, :, :, self.used : end] = value
        return self.keys[layer, :, :, :end], self.values[layer, :, :, :end]
