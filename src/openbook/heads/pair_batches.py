"""Examples as rows of tokens, in batches of similar length: a pure function of the seed and the step."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import ClassVar

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from openbook.encode.pair_input import PairRow, pair_rows
from openbook.encode.wordpiece import WordPiece
from openbook.heads.examples import Example
from openbook.heads.pair_loss import UNKNOWN, PairTargets
from openbook.values import Span

MOST_ANSWERS = 4
_POOL = 32
"""Batches that are drawn together and sorted by length, so that little of each is padding."""


@dataclass(frozen=True, slots=True)
class PairRows:
    """ids, kinds: (rows, time) int64; present, passage: (rows, time) bool."""

    ids: Tensor
    kinds: Tensor
    present: Tensor
    passage: Tensor


@dataclass(frozen=True, slots=True)
class PairBatch:
    """What the training loop takes. count: of rows, which the loss is divided by."""

    rows: PairRows
    targets: PairTargets
    count: int

    @property
    def inputs(self) -> tuple[PairRows, PairTargets]:
        """As the objective takes them."""
        return self.rows, self.targets

    def to(self, device: torch.device) -> "PairBatch":
        rows = PairRows(*(getattr(self.rows, name).to(device) for name in PairRows.__slots__))
        return PairBatch(rows, self.targets.to(device), self.count)


@dataclass(frozen=True, slots=True)
class Encoded:
    """A row with its labels. spans: first and last token of each marked answer, in the row."""

    row: PairRow
    spans: tuple[tuple[int, int], ...]
    answerable: bool | None
    relevant: bool | None


def encoded(tokens: WordPiece, example: Example, *, with_heading: bool) -> Encoded:
    """The row with the answer; of a passage that needs several rows and has no answer marked, the first."""
    rows = pair_rows(tokens, example.question, example.passage, example.heading if with_heading else ())
    marked = [(row, [place for span in example.spans if (place := token_span(row, span))]) for row in rows]
    nothing: list[tuple[int, int]] = []
    row, spans = next(((row, spans) for row, spans in marked if spans), (rows[0], nothing))
    return Encoded(row, tuple(spans[:MOST_ANSWERS]), example.answerable, example.relevant)


def token_span(row: PairRow, span: Span) -> tuple[int, int] | None:
    """First and last token that hold the span's characters, in the row; None where the row does not hold them all."""
    inside = [n for n, (start, end) in enumerate(row.offsets) if start < span.end and end > span.start]
    if not inside or row.offsets[inside[0]][0] > span.start or row.offsets[inside[-1]][1] < span.end:
        return None
    return row.begins + inside[0], row.begins + inside[-1]


def batch_of(examples: Sequence[Encoded]) -> PairBatch:
    """Padded on the right to the longest."""
    wide = max(len(example.row.ids) for example in examples)
    shape = (len(examples), wide)
    ids, kinds = np.zeros(shape, np.int64), np.zeros(shape, np.int64)
    present, passage = np.zeros(shape, bool), np.zeros(shape, bool)
    spans = np.full((len(examples), MOST_ANSWERS, 2), UNKNOWN, np.int64)
    for n, example in enumerate(examples):
        row = example.row
        length = len(row.ids)
        ids[n, :length], kinds[n, :length], present[n, :length] = row.ids, row.kinds, True
        passage[n, row.begins : row.begins + len(row.offsets)] = True
        if not row.offsets:  # an empty passage: a softmax needs one place, and no answer is marked in it
            passage[n, 0] = True
        if example.spans:
            spans[n, : len(example.spans)] = example.spans
    rows = PairRows(*(torch.as_tensor(array) for array in (ids, kinds, present, passage)))
    labels = (_labels([e.answerable for e in examples]), _labels([e.relevant for e in examples]))
    return PairBatch(rows, PairTargets(torch.as_tensor(spans), *labels), len(examples))


def _labels(known: Sequence[bool | None]) -> Tensor:
    return torch.tensor([float(UNKNOWN if label is None else label) for label in known])


@dataclass(frozen=True, eq=False)
class Pairs:
    """Encoded examples as the training loop takes them. first: those of the first steps alone, the rest follow.

    A step's batch has rows of about the same length. ``context`` is of no meaning here but to the loop, which evaluates
    more rows at once where they are short.
    """

    examples: Sequence[Encoded]
    context: int = 256

    unit: ClassVar[str] = "tokens"

    def training(self, seed: int, step: int, rows: int, first: int, last: int) -> PairBatch:
        """Rows ``first`` to ``last`` of the ``rows`` of a step."""
        pool, place = divmod(step, _POOL)
        order: list[int] = self._pool(seed, pool, rows)[place * rows + first : place * rows + last].tolist()
        return batch_of([self.examples[n] for n in order])

    def evaluation(self, first: int, last: int) -> PairBatch:
        return batch_of(self.examples[first:last])

    @property
    def evaluations(self) -> int:
        return len(self.examples)

    @property
    def visits(self) -> int:
        return len(self.examples)

    def _pool(self, seed: int, pool: int, rows: int) -> NDArray[np.int64]:
        """The next ``_POOL`` batches: drawn in the epoch's order, sorted by length, and their batches shuffled."""
        numbers = np.arange(pool * _POOL * rows, (pool + 1) * _POOL * rows)
        epochs, places = np.divmod(numbers, len(self.examples))
        drawn = np.array([_order(seed, int(e), len(self.examples))[p] for e, p in zip(epochs, places, strict=True)])
        lengths = np.array([len(self.examples[int(n)].row.ids) for n in drawn])
        by_length = drawn[np.argsort(lengths, kind="stable")].reshape(_POOL, rows)
        return np.random.default_rng([seed, pool, 1]).permutation(by_length).reshape(-1)


@lru_cache(maxsize=4)
def _order(seed: int, epoch: int, count: int) -> NDArray[np.int64]:
    return np.random.default_rng([seed, epoch]).permutation(count)
