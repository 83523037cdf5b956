"""The pair encoder: question and passage read together once, and three heads on what was read.

The trunk is BERT's (Devlin et al. 2018, section 3.2 for pairs). Start and end of the answer are one linear layer over
the passage's tokens (their section 4.2); relevance and no-answer are two logits over the row's first token.
"""

from dataclasses import dataclass

import torch
from torch import Tensor, nn

from openbook.model import Encoder


@dataclass(frozen=True, slots=True)
class PairLogits:
    """starts, ends: (batch, time), -inf outside the passage; relevance, no_answer: (batch,)."""

    starts: Tensor
    ends: Tensor
    relevance: Tensor
    no_answer: Tensor


class PairEncoder(nn.Module):
    """An encoder with the three heads."""

    def __init__(self, encoder: Encoder) -> None:
        super().__init__()
        width = encoder.config.width
        self.encoder = encoder
        self.drop = nn.Dropout(0.1)
        self.span = nn.Linear(width, 2)
        self.pair = nn.Linear(width, width)
        self.decide = nn.Linear(width, 2)
        for layer in (self.span, self.pair, self.decide):
            nn.init.normal_(layer.weight, std=0.02)
            nn.init.zeros_(layer.bias)

    def forward(self, ids: Tensor, kinds: Tensor, present: Tensor, passage: Tensor) -> PairLogits:
        """ids, kinds: (batch, time) int64; present, passage: (batch, time) bool, false on padding and outside of it."""
        hidden = self.drop(self.encoder(ids, present=present, kinds=kinds))
        starts, ends = self.span(hidden).float().masked_fill(~passage[..., None], float("-inf")).unbind(-1)
        relevance, no_answer = self.decide(torch.tanh(self.pair(hidden[:, 0]))).float().unbind(-1)
        return PairLogits(starts, ends, relevance, no_answer)
