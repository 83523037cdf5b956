"""What a picture is to show, as tokens for the network: one for a class, or one for each token of a text.

What is not kept is replaced by weights of its own that stand for "nothing said". A network that was now and then
trained without its condition knows both, which classifier-free guidance needs (Ho and Salimans 2022, algorithm 1).
"""

import torch
from torch import Tensor, nn

from openbook.diffusion.learn.text_layer import TextLayer
from openbook.diffusion.problems import DiffusionProblem
from openbook.model.precision import for_products


class ClassCondition(nn.Module):
    """A row for each class, and one more for none."""

    def __init__(self, classes: int, width: int) -> None:
        super().__init__()
        self.table = nn.Embedding(classes + 1, width)
        nn.init.normal_(self.table.weight, std=width**-0.5)

    def forward(self, given: Tensor, kept: Tensor) -> Tensor:
        """given: (batch,) int64, class numbers; kept: (batch,) bool. Returns (batch, 1, width)."""
        none = self.table.num_embeddings - 1
        return self.table(torch.where(kept, given, none))[:, None]

    def nothing(self) -> Tensor:
        """A class as ``given``, for where none is told. (1,)"""
        return torch.zeros(1, dtype=torch.int64, device=self.table.weight.device)

    def check(self, given: Tensor) -> None:
        """Raises DiffusionProblem for a number that is no class's."""
        most = self.table.num_embeddings - 2
        if given.numel() and not 0 <= int(given.min()) <= int(given.max()) <= most:
            raise DiffusionProblem(f"class numbers {int(given.min())} to {int(given.max())}: take 0 to {most}")


class TextCondition(nn.Module):
    """The vectors of a frozen text encoder, in the network's width; a place after the text's end has weights of its own
    (Nichol et al. 2021, section 2), and no text is a text that ends at once. layers: over the tokens, of so many heads.
    """

    def __init__(self, tokens: int, text_width: int, width: int, layers: int = 0, heads: int = 1) -> None:
        super().__init__()
        self.norm = nn.LayerNorm(text_width)
        self.project = nn.Linear(text_width, width)
        self.ended = nn.Parameter(torch.empty(tokens, width).normal_(std=width**-0.5))
        self.blocks = nn.ModuleList(TextLayer(width, heads) for _ in range(layers))

    def forward(self, given: Tensor, kept: Tensor) -> Tensor:
        """given: (batch, tokens, text_width), zeros after the end; kept: (batch,) bool.

        Returns (batch, tokens, width).
        """
        present = (given != 0).any(dim=2) & kept[:, None]
        said = self.project(for_products(self.norm(given)))
        tokens = torch.where(present[..., None], said, self.ended.to(said.dtype))
        for block in self.blocks:
            tokens = block(tokens)
        return tokens

    def nothing(self) -> Tensor:
        """A text of no tokens as ``given``. (1, tokens, text_width)"""
        return self.ended.new_zeros(1, len(self.ended), self.project.in_features)


Condition = ClassCondition | TextCondition
