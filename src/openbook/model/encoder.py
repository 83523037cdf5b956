"""A bidirectional encoder of BERT's shape (Devlin et al. 2018): every position sees every other."""

import torch
from torch import Tensor, nn

from openbook.model import masks
from openbook.model.attention import attention, attention_weights
from openbook.model.config import BadShape, EncoderConfig
from openbook.model.feed_forward import feed_forward
from openbook.model.inputs import check_beside, check_ids
from openbook.model.precision import for_products


class FullAttention(nn.Module):
    """Multi-head attention over the whole row."""

    def __init__(self, config: EncoderConfig) -> None:
        super().__init__()
        self.query = nn.Linear(config.width, config.width)
        self.key = nn.Linear(config.width, config.width)
        self.value = nn.Linear(config.width, config.width)
        self.output = nn.Linear(config.width, config.width)
        self.heads = config.heads
        self.dropout = config.dropout

    def forward(self, x: Tensor, mask: Tensor | None) -> Tensor:
        """x: (batch, time, width); mask: (batch, 1, 1, time) bool. Returns (batch, time, width)."""
        x = for_products(x)
        query, key, value = (self._heads(layer(x)) for layer in (self.query, self.key, self.value))
        mixed = attention(query, key, value, mask, dropout=self.dropout if self.training else 0.0)
        return self.output(mixed.transpose(1, 2).flatten(2))

    def weights(self, x: Tensor, mask: Tensor | None) -> Tensor:
        """Where each position looks, by the equation. Returns (batch, heads, time, time)."""
        return attention_weights(self._heads(self.query(x)), self._heads(self.key(x)), mask)

    def _heads(self, x: Tensor) -> Tensor:
        """(batch, time, width) to (batch, heads, time, head_dim)."""
        return x.view(*x.shape[:-1], self.heads, -1).transpose(1, 2)


class EncoderBlock(nn.Module):
    """norm(x + attention(x)), then norm(x + feed_forward(x)): normalised after each sum, as first published."""

    def __init__(self, config: EncoderConfig) -> None:
        super().__init__()
        self.attention = FullAttention(config)
        self.attention_norm = nn.LayerNorm(config.width, config.epsilon)
        self.feed_forward = feed_forward(config.activation, config.width, config.inner, bias=True)
        self.feed_forward_norm = nn.LayerNorm(config.width, config.epsilon)
        self.drop = nn.Dropout(config.dropout)

    def forward(self, x: Tensor, mask: Tensor | None) -> Tensor:
        x = self.attention_norm(x + self.drop(self.attention(x, mask)))
        return self.feed_forward_norm(x + self.drop(self.feed_forward(x)))


class Encoder(nn.Module):
    """Token ids in, one vector a token out."""

    def __init__(self, config: EncoderConfig) -> None:
        super().__init__()
        self.config = config
        self.embedding = nn.Embedding(config.vocabulary, config.width)
        self.position = nn.Embedding(config.context, config.width)
        self.kind = nn.Embedding(config.kinds, config.width)
        self.embedding_norm = nn.LayerNorm(config.width, config.epsilon)
        self.blocks = nn.ModuleList(EncoderBlock(config) for _ in range(config.layers))
        self.pooler = nn.Linear(config.width, config.width) if config.pooler else None
        self.drop = nn.Dropout(config.dropout)
        for module in self.modules():
            if isinstance(module, nn.Linear | nn.Embedding):
                nn.init.normal_(module.weight, std=0.02)
        for name, parameter in self.named_parameters():
            if name.endswith(".bias"):
                nn.init.zeros_(parameter)

    def forward(self, ids: Tensor, *, present: Tensor | None = None, kinds: Tensor | None = None) -> Tensor:
        """ids: (batch, time) int64; present: (batch, time) bool, false on padding; kinds: (batch, time), token types.

        Returns (batch, time, width). Rows of padding alone have no meaning. Raises BadShape for what does not fit.
        """
        check_ids(ids, self.config.vocabulary, context=self.config.context)
        check_beside(ids, present, "present")
        check_beside(ids, kinds, "kinds")
        if kinds is None:
            kinds = torch.zeros_like(ids)
        else:
            check_ids(kinds, self.config.kinds, "token type")
        places = torch.arange(ids.shape[1], device=ids.device)
        x = self.embedding(ids) + self.position(places) + self.kind(kinds)
        x = self.drop(self.embedding_norm(x))
        mask = None if present is None else masks.keys_present(present)
        for block in self.blocks:
            x = block(x, mask)
        return x

    def pooled(self, hidden: Tensor) -> Tensor:
        """BERT's summary of a row: tanh of a layer over the first token.

        hidden: (batch, time, width). Returns (batch, width).
        """
        if self.pooler is None:
            raise BadShape("this encoder has no pooler: make it with EncoderConfig(pooler=True)")
        return torch.tanh(self.pooler(hidden[:, 0]))
