"""A classifier head on a decoder: P(y|x) as a softmax over the mean hidden state of the text."""

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from openbook.model import Decoder


class ClassifierHead(nn.Module):
    """A decoder that reads, and one linear layer that decides.

    The mean over positions, not the last state: each is trained at once, which small samples need.
    """

    def __init__(self, decoder: Decoder, classes: int) -> None:
        super().__init__()
        self.decoder = decoder
        self.drop = nn.Dropout(decoder.config.dropout)
        self.head = nn.Linear(decoder.config.width, classes)

    def forward(self, ids: Tensor, lengths: Tensor) -> Tensor:
        """ids: (batch, time), padded on the right; lengths: (batch,), tokens without padding, 1 or more.

        Returns scores before softmax, (batch, classes). Padding changes nothing: no token looks ahead.
        """
        hidden = self.decoder(ids)
        mean = (hidden * present(lengths, ids.shape[1])[..., None]).sum(dim=1) / lengths[:, None]
        return self.head(self.drop(mean))


def head_loss(model: ClassifierHead, ids: Tensor, lengths: Tensor, labels: Tensor) -> Tensor:
    """-log P(y|x), the mean over the batch. labels: (batch,) int64."""
    return nn.functional.cross_entropy(model(ids, lengths), labels)


def present(lengths: Tensor, time: int) -> Tensor:
    """True on tokens, false on padding: (batch, time)."""
    return torch.arange(time, device=lengths.device)[None, :] < lengths[:, None]


def padded(rows: Sequence[Sequence[int]]) -> tuple[Tensor, Tensor]:
    """Rows of ids as one tensor (batch, longest), zeros on the right, and their lengths (batch,)."""
    lengths = torch.tensor([len(row) for row in rows])
    ids = torch.zeros(len(rows), max(map(len, rows), default=0), dtype=torch.int64)
    for number, row in enumerate(rows):
        ids[number, : len(row)] = torch.tensor(row, dtype=torch.int64)
    return ids, lengths
