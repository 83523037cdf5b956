"""Batches as a pure function of the seed and the step, so that resuming replays nothing.

A row is one window of ``context`` tokens and their successors. Windows lie side by side; each epoch shifts them all by
its own offset and visits them once in its own order.
"""

from dataclasses import dataclass
from functools import lru_cache
from typing import ClassVar

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from openbook.train.loss import IGNORED
from openbook.train.problems import TrainProblem
from openbook.train.shards import Shards


@dataclass(frozen=True, slots=True)
class Batch:
    """ids, targets: (rows, context) int64, IGNORED where a target does not count; documents: as ids, or None.

    count: targets that count. documents is None where attention may look at the whole row.
    """

    ids: Tensor
    targets: Tensor
    documents: Tensor | None
    count: int

    @property
    def inputs(self) -> tuple[Tensor, Tensor, Tensor | None]:
        """As an objective takes them."""
        return self.ids, self.targets, self.documents

    def to(self, device: torch.device) -> "Batch":
        """The same on a device. A GPU takes it while it computes: a copy out of pinned memory waits for nothing."""
        if device.type == "cpu":
            return self

        def moved(tensor: Tensor) -> Tensor:
            return (tensor.pin_memory() if device.type == "cuda" else tensor).to(device, non_blocking=True)

        documents = None if self.documents is None else moved(self.documents)
        return Batch(moved(self.ids), moved(self.targets), documents, self.count)


@dataclass(frozen=True, slots=True)
class Windows:
    """The part of a corpus from ``start`` to ``end``, cut in rows of ``context``.

    packed: rows run on across documents, and attention stops at each; otherwise a row holds one document's tokens
    alone, and padding.
    """

    shards: Shards
    start: int
    end: int
    context: int
    packed: bool = True

    unit: ClassVar[str] = "tokens"

    def __post_init__(self) -> None:
        if self.end - self.start < self.context + 1:
            raise TrainProblem(
                f"a part of the corpus has {max(0, self.end - self.start):,} tokens and one row needs "
                f"{self.context + 1:,}: give more text, a smaller model.context or another data.validation"
            )

    def training(self, seed: int, step: int, rows: int, first: int, last: int) -> Batch:
        """Rows ``first`` to ``last`` of the ``rows`` of a step."""
        numbers = range(step * rows + first, step * rows + last)
        return self._batch([self._visited(seed, number) for number in numbers])

    def evaluation(self, first: int, last: int) -> Batch:
        """Windows ``first`` to ``last`` in order. All of them have each token but a document's first as target once."""
        return self._batch([self._in_order(number) for number in range(first, last)])

    @property
    def evaluations(self) -> int:
        """How many windows cover this part once."""
        return -(-(self.end - self.start - 1) // self.context) if self.packed else len(self._pieces)

    @property
    def visits(self) -> int:
        """How many windows an epoch of training has."""
        if not self.packed:
            return len(self._pieces)
        return max(1, (self.end - self.start - self.context) // self.context)

    def _visited(self, seed: int, number: int) -> tuple[int, int]:
        epoch, place = divmod(number, self.visits)
        offset, order = _order(seed, epoch, self.visits)
        if not self.packed:
            return self._piece(int(order[place]))
        spare = self.end - self.start - 1 - self.visits * self.context
        shift = int(offset * (min(spare, self.context - 1) + 1))
        return self.start + shift + int(order[place]) * self.context, self.context + 1

    def _in_order(self, number: int) -> tuple[int, int]:
        if not self.packed:
            return self._piece(number)
        begin = self.start + number * self.context
        return begin, min(self.context + 1, self.end - begin)

    def _batch(self, places: list[tuple[int, int]]) -> Batch:
        ids = np.zeros((len(places), self.context), dtype=np.int64)
        targets = np.full((len(places), self.context), IGNORED, dtype=np.int64)
        for row, (start, length) in enumerate(places):
            found = self.shards.read(start, length)
            ids[row, : length - 1], targets[row, : length - 1] = found[:-1], found[1:]
        several = self.packed and self.shards.documents > 1
        documents = np.stack([self._documents(start) for start, _ in places]) if several else None
        if documents is not None:
            targets[documents[:, 1:] != documents[:, :-1]] = IGNORED  # what another document begins with
            documents = documents[:, :-1]
        count = int(np.count_nonzero(targets != IGNORED))
        numbers = None if documents is None else torch.as_tensor(np.ascontiguousarray(documents))
        return Batch(torch.as_tensor(ids), torch.as_tensor(targets), numbers, count)

    def _documents(self, start: int) -> NDArray[np.int64]:
        """Of which document each of the ``context + 1`` tokens from ``start`` is."""
        places = np.arange(start, start + self.context + 1, dtype=np.uint64)
        return np.searchsorted(self.shards.starts, places, side="right").astype(np.int64)

    @property
    def _pieces(self) -> NDArray[np.int64]:
        return _pieces(self)

    def _piece(self, number: int) -> tuple[int, int]:
        start, length = self._pieces[number]
        return int(start), int(length)


@lru_cache(maxsize=2)
def _order(seed: int, epoch: int, visits: int) -> tuple[float, NDArray[np.int64]]:
    """An epoch's offset as a share of a window, and the order of its windows."""
    rng = np.random.default_rng([seed, epoch])
    return float(rng.random()), rng.permutation(visits)


@lru_cache(maxsize=4)
def _pieces(windows: Windows) -> NDArray[np.int64]:
    """Where each document's rows begin and how many tokens they have, the last of one being the first of the next."""
    starts = np.asarray(windows.shards.starts, dtype=np.int64)
    inside = starts[(starts >= windows.start) & (starts < windows.end)]
    begins = np.unique(np.concatenate([[windows.start], inside]))
    ends = np.append(begins[1:], windows.end)
    rows: NDArray[np.int64] = np.maximum(0, -(-(ends - begins - 1) // windows.context))  # of each document
    before: NDArray[np.int64] = np.cumsum(rows) - rows
    within = np.arange(int(rows.sum())) - np.repeat(before, rows)
    first: NDArray[np.int64] = np.repeat(begins, rows) + within * windows.context
    lengths: NDArray[np.int64] = np.minimum(windows.context + 1, np.repeat(ends, rows) - first)
    return np.stack([first, lengths], axis=1)
