"""Pictures to learn from, and batches of them with noise, as a pure function of the seed and the step.

All that chance decides of a step (which pictures, which levels, what noise, whose condition is left out) is drawn for
the whole step from its own generator. So a run that goes on draws what it would have drawn, however rows are split.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from math import sqrt
from typing import ClassVar

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from openbook.diffusion.described import Process
from openbook.diffusion.level import Floats
from openbook.diffusion.schedule import Schedule
from openbook.diffusion.weighting import Levels

_ORDER, _NOISE, _KEPT_APART = 1, 2, 3  # what a generator is for, last in its seed


@dataclass(frozen=True, slots=True, eq=False)
class Pictures:
    """values: (count, channels, size, size) uint8. labels: (count,), of each the class, or the row of ``vectors``.

    names: of the classes, or the distinct texts; empty without a condition. vectors: (texts, tokens, width) FP16 of a
    frozen encoder, zeros after a text's end; None for classes. left_out: what could not be used, and why.
    """

    values: NDArray[np.uint8]
    labels: NDArray[np.int64]
    names: tuple[str, ...] = ()
    vectors: NDArray[np.float16] | None = None
    left_out: tuple[tuple[str, str], ...] = ()

    def data(self, numbers: Sequence[int] | NDArray[np.int64]) -> NDArray[np.float32]:
        """(count, channels, size, size) in [-1, 1]."""
        return self.values[numbers].astype(np.float32) / np.float32(127.5) - np.float32(1)

    def given(self, labels: NDArray[np.int64]) -> Tensor | None:
        """The condition of these labels as a denoiser takes it: class numbers, or texts' vectors; None without one."""
        if not self.names:
            return None
        return torch.as_tensor(labels if self.vectors is None else self.vectors[labels].astype(np.float32))


@dataclass(frozen=True, slots=True)
class Noisy:
    """A part of a step, as ``Objective`` takes it: inputs in its order. count: of pictures."""

    inputs: tuple[Tensor | None, ...]
    count: int

    def to(self, device: torch.device) -> "Noisy":
        """The same on a device, copied while a GPU computes."""
        if device.type == "cpu":
            return self
        moved = (None if each is None else each.pin_memory().to(device, non_blocking=True) for each in self.inputs)
        return Noisy(tuple(moved), self.count)


@dataclass(frozen=True, slots=True, eq=False)
class NoisyPictures:
    """The pictures of ``numbers``, to learn from or to be measured on. drop: the chance to be told no condition.

    seen: which levels of the schedule training sees how often.
    """

    pictures: Pictures
    numbers: NDArray[np.int64]
    schedule: Schedule
    drop: float
    seen: Levels = "uniform"

    unit: ClassVar[str] = "pictures"

    @property
    def visits(self) -> int:
        """Pictures of an epoch."""
        return self.numbers.size

    @property
    def evaluations(self) -> int:
        return self.numbers.size

    @property
    def context(self) -> int:
        """Pixels of a picture."""
        return int(np.prod(self.pictures.values.shape[2:]))

    def training(self, seed: int, step: int, rows: int, first: int, last: int) -> Noisy:
        """Rows ``first`` to ``last`` of the ``rows`` of a step; each epoch visits every picture once, in its order."""
        rng = np.random.default_rng([seed, step, _NOISE])
        levels = self.schedule.drawn(rng, rows, self.seen)[first:last]
        kept = (rng.random(rows) >= self.drop)[first:last]
        noise = rng.standard_normal((rows, *self.pictures.values.shape[1:]), np.float32)[first:last]
        return self._noisy(self._visited(seed, range(step * rows + first, step * rows + last)), levels, noise, kept)

    def evaluation(self, first: int, last: int) -> Noisy:
        """Pictures ``first`` to ``last``, each always with the same noise at the same level, all conditions told.

        Levels lie evenly over the schedule whatever part is taken: the n-th at the share n · φ, less what is whole.
        """
        places = np.arange(first, last)
        shares = ((places + 1) * ((sqrt(5) - 1) / 2)) % 1
        levels = (shares * len(self.schedule)).astype(np.int64)
        shape = self.pictures.values.shape[1:]
        noise = np.stack([
            np.random.default_rng([place, _KEPT_APART]).standard_normal(shape, np.float32) for place in places.tolist()
        ])  # fmt: skip
        return self._noisy(self.numbers[places], levels, noise, np.ones(places.size, np.bool_))

    def _visited(self, seed: int, places: range) -> NDArray[np.int64]:
        orders = [divmod(place, self.visits) for place in places]
        return np.array([self.numbers[_order(seed, epoch, self.visits)[place]] for epoch, place in orders], np.int64)

    def _noisy(
        self, numbers: NDArray[np.int64], levels: NDArray[np.int64], noise: NDArray[np.float32], kept: NDArray[np.bool_]
    ) -> Noisy:
        def of_rows(values: Floats) -> Tensor:
            return torch.as_tensor(values[levels].astype(np.float32))

        inputs = (
            torch.as_tensor(self.pictures.data(numbers)),
            torch.as_tensor(noise),
            of_rows(self.schedule.alphas),
            of_rows(self.schedule.sigmas),
            of_rows(self.schedule.times),
            self.pictures.given(self.pictures.labels[numbers]),
            torch.as_tensor(kept),
        )
        return Noisy(inputs, numbers.size)


def parted(pictures: Pictures, share: float, process: Process) -> tuple[NoisyPictures, NoisyPictures | None]:
    """What is learnt from, and the share that is kept apart, every n-th picture; None where the share is 0."""
    count = len(pictures.values)
    apart = np.zeros(count, np.bool_)
    wanted = min(count - 1, round(count * share))
    if wanted:
        apart[np.linspace(0, count - 1, wanted).round().astype(np.int64)] = True
    schedule = process.schedule()
    learnt, kept_apart = (
        NoisyPictures(pictures, np.flatnonzero(part), schedule, process.drop, process.seen) for part in (~apart, apart)
    )
    return learnt, kept_apart if wanted else None


@lru_cache(maxsize=2)
def _order(seed: int, epoch: int, visits: int) -> NDArray[np.int64]:
    return np.random.default_rng([seed, epoch, _ORDER]).permutation(visits)
