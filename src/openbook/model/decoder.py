"""A causal decoder: token in, the next token's distribution out. Llama's shape, and GPT-2's, from the same parts."""

import torch
from torch import Tensor, nn

from openbook.model import masks
from openbook.model.attention import attention
from openbook.model.cache import Cache
from openbook.model.config import BadShape, DecoderConfig
from openbook.model.feed_forward import feed_forward
from openbook.model.norms import RMSNorm
from openbook.model.rotary import angles, rotate

Turn = tuple[Tensor, Tensor]
"""Cosine and sine of the rotary angles, (batch or 1, 1, time, head_dim)."""


class CausalAttention(nn.Module):
    """Multi-head attention over the past, grouped-query, with rotary positions where the model has them."""

    def __init__(self, config: DecoderConfig) -> None:
        super().__init__()
        wide, narrow = config.heads * config.head_dim, config.key_value_heads * config.head_dim
        self.query = nn.Linear(config.width, wide, bias=config.bias_attention_in)
        self.key = nn.Linear(config.width, narrow, bias=config.bias_attention_in)
        self.value = nn.Linear(config.width, narrow, bias=config.bias_attention_in)
        self.output = nn.Linear(wide, config.width, bias=config.bias_attention_out)
        self.query_norm = RMSNorm(config.head_dim, config.epsilon) if config.query_key_norm else nn.Identity()
        self.key_norm = RMSNorm(config.head_dim, config.epsilon) if config.query_key_norm else nn.Identity()
        self.head_dim = config.head_dim
        self.dropout = config.dropout

    def forward(self, x: Tensor, turn: Turn | None, mask: Tensor | None, cache: Cache | None, layer: int) -> Tensor:
        """x: (batch, time, width). mask: None for plainly causal. Returns (batch, time, width)."""
        query = self.query_norm(self._heads(self.query(x)))
        key = self.key_norm(self._heads(self.key(x)))
        value = self._heads(self.value(x))
        if turn is not None:
            query, key = rotate(query, *turn), rotate(key, *turn)
        if cache is not None:
            key, value = cache.extend(layer, key, value)
        dropout = self.dropout if self.training else 0.0
        mixed = attention(query, key, value, mask, causal=mask is None, dropout=dropout)
        return self.output(mixed.transpose(1, 2).flatten(2))

    def _heads(self, x: Tensor) -> Tensor:
        """(batch, time, heads · head_dim) to (batch, heads, time, head_dim)."""
        return x.view(*x.shape[:-1], -1, self.head_dim).transpose(1, 2)


class DecoderBlock(nn.Module):
    """x + attention(norm(x)), then x + feed_forward(norm(x)): normalised before each sub-layer."""

    def __init__(self, config: DecoderConfig) -> None:
        super().__init__()
        self.attention_norm = norm(config)
        self.attention = CausalAttention(config)
        self.feed_forward_norm = norm(config)
        self.feed_forward = feed_forward(config.activation, config.width, config.inner, bias=config.bias_feed_forward)
        self.drop = nn.Dropout(config.dropout)

    def forward(self, x: Tensor, turn: Turn | None, mask: Tensor | None, cache: Cache | None, layer: int) -> Tensor:
        x = x + self.drop(self.attention(self.attention_norm(x), turn, mask, cache, layer))
        return x + self.drop(self.feed_forward(self.feed_forward_norm(x)))


class Decoder(nn.Module):
    """The language model. ``forward`` gives hidden states; ``logits`` turns them into scores over the vocabulary."""

    def __init__(self, config: DecoderConfig) -> None:
        super().__init__()
        self.config = config
        self.embedding = nn.Embedding(config.vocabulary, config.width)
        self.position = nn.Embedding(config.context, config.width) if config.positions == "learned" else None
        self.blocks = nn.ModuleList(DecoderBlock(config) for _ in range(config.layers))
        self.norm = norm(config)
        self.unembedding = nn.Linear(config.width, config.vocabulary, bias=False)
        if config.tied:
            self.unembedding.weight = self.embedding.weight
        self.drop = nn.Dropout(config.dropout)
        self._initialise()

    def forward(self, ids: Tensor, *, documents: Tensor | None = None, cache: Cache | None = None) -> Tensor:
        """ids: (batch, time) int64; documents: (batch, time) int, a new number where a packed document begins.

        Returns hidden states after the final norm, (batch, time, width).
        """
        before = cache.used if cache is not None else 0
        time = ids.shape[1]
        if before + time > self.config.context:
            raise BadShape(f"{before + time} tokens do not fit this model's context of {self.config.context}")
        if documents is None:
            positions = torch.arange(before, before + time, device=ids.device)[None]
        else:
            positions = masks.positions_within(documents)
        x = self.embedding(ids)
        turn: Turn | None = None
        if self.position is None:
            cosine, sine = angles(positions, self.config.head_dim, self.config.theta, self.config.scaling)
            turn = cosine[:, None].to(x.dtype), sine[:, None].to(x.dtype)
        else:
            x = x + self.position(positions)
        x = self.drop(x)
        seen = {window: self._mask(window, time, before, documents, ids.device) for window in self._windows()}
        for layer, block in enumerate(self.blocks):
            x = block(x, turn, seen[self.config.window_of(layer)], cache, layer)
        if cache is not None:
            cache.used += time
        return self.norm(x)

    def logits(self, hidden: Tensor) -> Tensor:
        """(..., width) to (..., vocabulary): scores of the next token before softmax."""
        return self.unembedding(hidden)

    def _windows(self) -> set[int | None]:
        return {self.config.window_of(layer) for layer in range(self.config.layers)}

    def _mask(
        self, window: int | None, time: int, before: int, documents: Tensor | None, device: torch.device
    ) -> Tensor | None:
        """None where the kernel's own causal mask is right."""
        keys = before + time
        if documents is None and not before and (window is None or keys <= window):
            return None
        mask = masks.causal(time, keys, window=window, device=device)
        return mask if documents is None else mask & masks.same_document(documents)

    def _initialise(self) -> None:
        """GPT-2's: normal, 0.02, the products that end in the residual stream smaller by √(2 · layers)."""
        for module in self.modules():
            if isinstance(module, nn.Linear | nn.Embedding):
                nn.init.normal_(module.weight, std=0.02)
        for name, parameter in self.named_parameters():
            if name.endswith(".bias"):
                nn.init.zeros_(parameter)
            if name.endswith(("attention.output.weight", "feed_forward.down.weight")):
                nn.init.normal_(parameter, std=0.02 / (2 * self.config.layers) ** 0.5)


def norm(config: DecoderConfig) -> RMSNorm | nn.LayerNorm:
    """The norm that a configuration names."""
    if config.norm == "rms":
        return RMSNorm(config.width, config.epsilon)
    return nn.LayerNorm(config.width, config.epsilon)
