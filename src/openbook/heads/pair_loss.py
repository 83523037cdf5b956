"""What the three heads are taught, as equations; a label that is not known counts for nothing.

span:       -log Σ over marked answers (s, e) of p(s) · q(e), p and q softmaxes over the passage's tokens
no-answer:  binary cross-entropy of "the passage does not answer"
relevance:  binary cross-entropy of "this is the passage that was asked for"
"""

from dataclasses import dataclass

import torch
from torch import Tensor, nn

from openbook.heads.pair_encoder import PairLogits

UNKNOWN = -1


@dataclass(frozen=True, slots=True)
class PairTargets:
    """spans: (batch, answers, 2) int64, first and last token, UNKNOWN where there are fewer answers.

    answerable, relevant: (batch,) float, 0 or 1, UNKNOWN where nobody knows.
    """

    spans: Tensor
    answerable: Tensor
    relevant: Tensor

    def to(self, device: torch.device) -> "PairTargets":
        return PairTargets(*(getattr(self, name).to(device) for name in self.__slots__))


def span_loss(starts: Tensor, ends: Tensor, spans: Tensor) -> Tensor:
    """-log Σ p(s)·q(e) of each row, 0 where no answer is marked. starts, ends: (batch, time). Returns (batch,)."""
    known = spans[..., 0] >= 0
    first, last = spans.clamp(min=0).unbind(-1)
    log_p = starts.log_softmax(-1).gather(1, first) + ends.log_softmax(-1).gather(1, last)
    total = log_p.masked_fill(~known, float("-inf")).logsumexp(-1)
    return torch.where(known.any(-1), -total, 0.0).nan_to_num(0.0, posinf=0.0)


def binary_loss(logits: Tensor, labels: Tensor) -> Tensor:
    """-log σ(±logit) of each row, 0 where the label is UNKNOWN. logits, labels: (batch,)."""
    losses = nn.functional.binary_cross_entropy_with_logits(logits, labels.clamp(min=0), reduction="none")
    return torch.where(labels >= 0, losses, 0.0)


def pair_loss(logits: PairLogits, targets: PairTargets, no_answer: float = 1.0, relevance: float = 1.0) -> Tensor:
    """The sum over the batch of the three, the last two weighted."""
    unanswerable = torch.where(targets.answerable >= 0, 1 - targets.answerable, targets.answerable)
    spans = span_loss(logits.starts, logits.ends, targets.spans)
    abstain = binary_loss(logits.no_answer, unanswerable)
    return (spans + no_answer * abstain + relevance * binary_loss(logits.relevance, targets.relevant)).sum()
