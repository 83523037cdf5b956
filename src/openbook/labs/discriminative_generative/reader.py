"""Texts to padded ids for the backbone, and scores for many texts with little padding."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from torch import Tensor

from openbook.labs.discriminative_generative.fit import one_thread
from openbook.labs.discriminative_generative.sample import Floats
from openbook.tokens import Tokenizer, train_bpe
from openbook.train.classify_head import padded


@dataclass(frozen=True, slots=True)
class Reader:
    """Texts to ids, ended by the end token, as much of each as the backbone reads."""

    tokenizer: Tokenizer
    context: int

    def __call__(self, texts: Sequence[str]) -> list[list[int]]:
        ids = self.tokenizer.ids_batch([_plain(text) for text in texts])
        return [[*row[: self.context - 1], self.tokenizer.size] for row in ids]


def reader_of(texts: Sequence[str], pieces: int, context: int) -> Reader:
    """With a tokenizer of these texts alone, of ``pieces`` pieces at most."""
    return Reader(train_bpe([_plain(text) for text in texts], pieces, special=()), context)


def scored(rows: Sequence[Sequence[int]], score_rows: Callable[[Tensor, Tensor], Tensor], size: int) -> Floats:
    """Score rows of like length together, and return them in their own order, (rows, …)."""
    order = sorted(range(len(rows)), key=lambda i: len(rows[i]))
    if not order:
        return np.zeros((0, 1))
    with one_thread():
        parts = [
            score_rows(*padded([rows[i] for i in order[start : start + size]])).double().numpy()
            for start in range(0, len(order), size)
        ]
    together = np.concatenate(parts)
    found = np.empty_like(together)
    found[order] = together
    return found


def _plain(text: str) -> str:
    """The blank before makes the first word the same piece as any other."""
    return " " + text.casefold()
