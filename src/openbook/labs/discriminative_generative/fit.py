"""A loop for very small models on very small samples: many short runs, each keeping its best weights in memory.

The training room's own loop streams windows of a corpus and writes checkpoints to resume from. Here examples are whole
texts with labels, a run takes seconds, and one stopping rule has to serve both models compared; the optimiser and the
schedule are the room's.
"""

from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager
from copy import deepcopy
from dataclasses import dataclass
from math import ceil
from typing import Any, Generic, TypeVar, cast

import numpy as np
import torch
from torch import Tensor, nn

from openbook.labs.discriminative_generative.classifiers import Score
from openbook.train.optimise import make as make_optimisers
from openbook.train.optimise import set_rate
from openbook.train.recipe import Optimiser
from openbook.train.schedules import cosine
from openbook.train.techniques import attention_kernel

Model = TypeVar("Model", bound=nn.Module)


@dataclass(frozen=True, slots=True)
class Fitting:
    """How long and how fast. passes: over the sample, within least and most steps; checks: how often it is judged."""

    learning_rates: tuple[float, ...] = (1e-3, 4e-3)
    batch: int = 32
    passes: int = 10
    least_steps: int = 100
    most_steps: int = 800
    checks: int = 10
    patience: int = 3
    """Checks without a better score after which a run ends."""

    def steps(self, examples: int) -> int:
        return min(max(ceil(self.passes * examples / self.batch), self.least_steps), self.most_steps)


@dataclass(frozen=True, slots=True)
class Fitted(Generic[Model]):
    """The weights of the best check, its score, and the settings that it was reached with."""

    model: Model
    score: Score
    settings: dict[str, float]


def fit(
    make: Callable[[], Model],
    loss: Callable[[Model, Sequence[int]], Tensor],
    judge: Callable[[Model], Score],
    lengths: Sequence[int],
    fitting: Fitting,
    seed: int,
) -> Fitted[Model]:
    """The weights of the best check. Every rate is tried for a third of the steps, and the best one goes on.

    make: a new model, with the same weights for every rate; loss: of a batch, given the numbers of its examples; judge:
    larger is better; lengths: in tokens, one an example. A run whose loss is not finite ends, and what came before it
    stands.
    """
    steps = fitting.steps(len(lengths))
    with cast("Any", torch.random.fork_rng)(devices=[]), one_thread(), attention_kernel("plain"):
        runs = [_Run(make, loss, judge, lengths, fitting, seed, rate) for rate in fitting.learning_rates]
        if len(runs) > 1:
            for run in runs:
                run.go_on(steps // 3)
        best = max(runs, key=lambda run: run.best.score)
        best.go_on(steps)
    return best.best


class _Run(Generic[Model]):
    """One model on its way at one learning rate."""

    def __init__(
        self,
        make: Callable[[], Model],
        loss: Callable[[Model, Sequence[int]], Tensor],
        judge: Callable[[Model], Score],
        lengths: Sequence[int],
        fitting: Fitting,
        seed: int,
        rate: float,
    ) -> None:
        torch.default_generator.manual_seed(seed)
        self.model = make()
        self.loss, self.judge, self.lengths, self.fitting, self.rate = loss, judge, lengths, fitting, rate
        self.optimisers = make_optimisers(Optimiser(rate=rate), self.model)
        self.steps = fitting.steps(len(lengths))
        self.rng = np.random.default_rng([seed, 2])
        self.batches: list[list[int]] = []
        self.step, self.waited = 0, 0
        self.best = Fitted(deepcopy(self.model).eval(), (-1.0, 0.0), {"learning rate": rate, "steps": 0.0})

    def go_on(self, until: int) -> None:
        """Train up to a step, judging on the way, unless patience is at its end."""
        every = max(1, self.steps // self.fitting.checks)
        while self.step < until and self.waited < self.fitting.patience:
            self.batches = self.batches or _batches(self.lengths, self.fitting.batch, self.rng)
            self.model.train()
            value = self.loss(self.model, self.batches.pop())
            if not torch.isfinite(value):
                self.waited = self.fitting.patience
                break
            cast("Any", value).backward()
            nn.utils.clip_grad_norm_(self.model.parameters(), 1.0)
            share = cosine(self.step, self.steps, warmup=self.steps // 20, floor=0.1)
            set_rate(self.optimisers, self.rate * share)
            for optimiser in self.optimisers:
                optimiser.step()
                optimiser.zero_grad(set_to_none=True)
            self.step += 1
            if self.step % every == 0 or self.step == self.steps:
                self._check()

    def _check(self) -> None:
        self.model.eval()
        with torch.no_grad():
            reached = self.judge(self.model)
        self.waited += 1
        if reached > self.best.score:
            reached_with = {"learning rate": self.rate, "steps": float(self.step)}
            self.best = Fitted(deepcopy(self.model), reached, reached_with)
            self.waited = 0


@contextmanager
def one_thread() -> Generator[None]:
    """Products this small gain nothing from more threads, and come out the same on any number of cores."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(before)


def _batches(lengths: Sequence[int], size: int, rng: np.random.Generator) -> list[list[int]]:
    """One pass over all examples in random order, those of like length together so that little is padding."""
    order = rng.permutation(len(lengths))
    window = 8 * size
    sorted_in_windows = [
        int(i)
        for start in range(0, len(order), window)
        for i in sorted(order[start : start + window], key=lambda i: lengths[int(i)])
    ]
    batches = [sorted_in_windows[start : start + size] for start in range(0, len(order), size)]
    return [batches[i] for i in rng.permutation(len(batches))]
