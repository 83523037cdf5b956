"""The loss of fine-tuning: over the tokens of the answers, the only ones that the output layer is run for."""

import torch
from torch import Tensor, nn

from openbook.model import Decoder
from openbook.train.loss import IGNORED, chunked_cross_entropy, cross_entropy
from openbook.train.within_documents import attend_by_document, spans_of, within

LOGITS = 2**24
"""How many logits a CPU holds at once: 64 MiB of FP32. Fewer rows would read the output weights too often."""

_SHORT = 256
"""Tokens of a row up to which one masked product costs less than a product for every text in it."""


class AnswerObjective(nn.Module):
    """The model with its loss: summed over the answers' tokens, the only ones that the output layer is run for."""

    def __init__(self, model: Decoder, *, chunked: bool) -> None:
        super().__init__()
        self.model = model
        self.chunked = chunked
        self.layout = attend_by_document(model)

    def forward(self, ids: Tensor, targets: Tensor, documents: Tensor | None) -> Tensor:
        """The summed loss of a batch; shapes as in ``Batch``."""
        if self.layout is not None:
            apart = None if documents is None or documents.shape[1] <= _SHORT else documents
            self.layout.mix = None if apart is None or ids.device.type != "cpu" else within(spans_of(apart))
        try:
            hidden = self.model(ids, documents=documents)
        finally:
            if self.layout is not None and not torch.is_grad_enabled():
                self.layout.mix = None
        counts = targets != IGNORED
        chosen, wanted = hidden[counts], targets[counts]
        weight = self.model.unembedding.weight
        if self.chunked:
            return chunked_cross_entropy(chosen, weight, wanted, LOGITS if chosen.device.type == "cpu" else None)
        return cross_entropy(chosen, weight, wanted)
