"""A causal decoder: token in, the next token's distribution out. Llama's shape, and GPT-2's, from the same parts."""

import torch
from torch import Tensor, nn

from openbook.model import masks
from openbook.model.attention import attention, attention_weights
from openbook.model.cache import Cache
from openbook.model.config import BadShape, DecoderConfig
from openbook.model.feed_forward import feed_forward
from openbook.model.inputs import check_beside, check_ids
from openbook.model.masks import Sight
from openbook.model.norms import RMSNorm
from openbook.model.precision import for_products
from openbook.model.rotary import Turn, angles, rotate


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

    def forward(self, x: Tensor, turn: Turn | None, sight: Sight, cache: Cache | None, layer: int) -> Tensor:
        """x: (batch, time, width). Returns (batch, time, width)."""
        x = for_products(x)
        query, key = self.query_and_key(x, turn)
        value = self._heads(self.value(x))
        if cache is not None:
            key, value = cache.extend(layer, key, value, sight.first)
        dropout = self.dropout if self.training else 0.0
        mixed = attention(query, key, value, sight.mask, causal=sight.causal, dropout=dropout)
        return self.output(mixed.transpose(1, 2).flatten(2))

    def weights(self, x: Tensor, turn: Turn | None, sight: Sight, *_: object) -> Tensor:
        """Where each position of whole rows looks, by the equation. Returns (batch, heads, time, time)."""
        query, key = self.query_and_key(x, turn)
        mask = masks.causal(x.shape[1], device=x.device) if sight.mask is None else sight.mask
        return attention_weights(query, key, mask)

    def query_and_key(self, x: Tensor, turn: Turn | None) -> tuple[Tensor, Tensor]:
        """(batch, heads, time, head_dim) and (batch, key_value_heads, time, head_dim), normed and turned."""
        query = self.query_norm(self._heads(self.query(x)))
        key = self.key_norm(self._heads(self.key(x)))
        if turn is None:
            return query, key
        cosine, sine = (part.to(query.dtype) for part in turn)  # a product of two precisions is slow
        return rotate(query, cosine, sine), rotate(key, cosine, sine)

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

    def forward(self, x: Tensor, turn: Turn | None, sight: Sight, cache: Cache | None, layer: int) -> Tensor:
        x = x + self.drop(self.attention(self.attention_norm(x), turn, sight, cache, layer))
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

    def forward(
        self,
        ids: Tensor,
        *,
        documents: Tensor | None = None,
        cache: Cache | None = None,
        positions: Tensor | None = None,
    ) -> Tensor:
        """ids: (batch, time) int64; documents: (batch, time) int, a new number where a packed document begins.

        positions: (batch, time) int64, where each id stands in its own text, for rows that hold several texts and whose
        attention somebody else sees to (``train.attention_layout``); they may then be longer than the context.
        Returns hidden states after the final norm, (batch, time, width). With a cache the ids follow those it holds.
        Under dynamic rotary scaling, cached keys keep the angles of their time, so that beyond the original context a
        cached pass only comes near the full one (as in transformers). Raises BadShape for what does not fit.
        """
        before = self._check(ids, documents, cache, positions)
        time = ids.shape[1]
        starts = None if cache is None else cache.starts
        if documents is not None:
            positions = masks.positions_within(documents)
        elif positions is None:
            positions = torch.arange(before, before + time, device=ids.device)[None]
            if starts is not None:
                positions = (positions - starts[:, None]).clamp(min=0)  # of padding, whose place is never looked at
        x = self.embedding(ids)
        turn: Turn | None = None
        if self.position is None:
            cosine, sine = angles(positions, self.config.head_dim, self.config.theta, self.config.scaling)
            turn = cosine[:, None].to(x.dtype), sine[:, None].to(x.dtype)
        else:
            x = x + self.position(positions)
        x = self.drop(x)
        windows = {self.config.window_of(layer) for layer in range(self.config.layers)}
        sights = {
            w: masks.sight(time, before, window=w, documents=documents, starts=starts, device=ids.device)
            for w in windows
        }
        for layer, block in enumerate(self.blocks):
            x = block(x, turn, sights[self.config.window_of(layer)], cache, layer)
        if cache is not None:
            cache.used += time
        return self.norm(x)

    def logits(self, hidden: Tensor) -> Tensor:
        """(..., width) to (..., vocabulary): scores of the next token before softmax."""
        return self.unembedding(hidden)

    def cache(self, batch: int, length: int, starts: Tensor | None = None) -> Cache:
        """An empty cache in this model's precision and on its device, for at most ``length`` tokens a row.

        starts: as in ``Cache``.
        """
        return Cache(self.config, batch, length, self.embedding.weight.dtype, self.embedding.weight.device, starts)

    def _check(self, ids: Tensor, documents: Tensor | None, cache: Cache | None, positions: Tensor | None) -> int:
        """How many tokens stand before these. Raises BadShape where something does not fit."""
        before = 0 if cache is None else cache.used
        context = self.config.context if positions is None else None
        check_ids(ids, self.config.vocabulary, context=context, before=before)
        check_beside(ids, documents, "documents")
        if positions is not None:
            if documents is not None or cache is not None:
                raise BadShape("positions stand alone: give them, or documents, or a cache")
            check_beside(ids, positions, "positions")
            check_ids(positions, self.config.context, "position")
        if cache is not None:
            if documents is not None:
                raise BadShape("packed documents cannot be read with a cache: give one or the other")
            cache.check(ids)
        return before

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
