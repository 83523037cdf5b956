"""A loop for very small models on very small samples: many short runs, each keeping its best weights in memory.

The room's own loop streams a corpus and writes checkpoints to resume from; here a whole run takes seconds, and the same
steps, schedule and stopping rule have to serve both models being compared.
"""

from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager
from copy import deepcopy
from dataclasses import dataclass
from math import ceil, cos, pi
from typing import Generic, TypeVar

import numpy as np
import torch
from torch import Tensor, nn

from openbook.labs.discriminative_generative.classifiers import Score

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
    """The best of all learning rates and checks. The same seed begins each rate with the same weights.

    make: a new model; loss: of a batch, given the numbers of its examples; judge: larger is better; lengths: in tokens,
    one an example. Raises nothing for a loss that is not finite: such a run ends, and what came before it stands.
    """
    runs = [_run(make, loss, judge, lengths, fitting, seed, rate) for rate in fitting.learning_rates]
    return max(runs, key=lambda run: run.score)


def _run(
    make: Callable[[], Model],
    loss: Callable[[Model, Sequence[int]], Tensor],
    judge: Callable[[Model], Score],
    lengths: Sequence[int],
    fitting: Fitting,
    seed: int,
    rate: float,
) -> Fitted[Model]:
    steps = fitting.steps(len(lengths))
    every = max(1, steps // fitting.checks)
    rng = np.random.default_rng([seed, 2])
    with torch.random.fork_rng(devices=[]), one_thread():
        torch.manual_seed(seed)
        model = make()
        optimiser = torch.optim.AdamW(model.parameters(), lr=rate, betas=(0.9, 0.99), weight_decay=0.01)
        schedule = torch.optim.lr_scheduler.LambdaLR(optimiser, lambda step: share_of_peak(step, steps))
        best = Fitted(deepcopy(model).eval(), (-1.0, 0.0), {"learning rate": rate, "steps": 0.0})
        waited = 0
        batches: list[list[int]] = []
        for step in range(1, steps + 1):
            batches = batches or _batches(lengths, fitting.batch, rng)
            model.train()
            optimiser.zero_grad()
            value = loss(model, batches.pop())
            if not torch.isfinite(value):
                break
            value.backward()
            nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            optimiser.step()
            schedule.step()
            if step % every == 0 or step == steps:
                model.eval()
                with torch.no_grad():
                    reached = judge(model)
                waited += 1
                if reached > best.score:
                    best = Fitted(deepcopy(model), reached, {"learning rate": rate, "steps": float(step)})
                    waited = 0
                if waited >= fitting.patience:
                    break
    return best


@contextmanager
def one_thread() -> Generator[None]:
    """Products this small gain nothing from more threads, and come out the same on any number of cores."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(before)


def share_of_peak(step: int, steps: int) -> float:
    """The learning rate as a share of its peak: up for a twentieth of the steps, then half a cosine down to a tenth."""
    warm = max(1, steps // 20)
    if step < warm:
        return (step + 1) / (warm + 1)
    return 0.1 + 0.9 * (1 + cos(pi * (step - warm) / max(1, steps - warm))) / 2


def _batches(lengths: Sequence[int], size: int, rng: np.random.Generator) -> list[list[int]]:
    """One pass over all examples in random order, those of like length together so that little is padding."""
    order = rng.permutation(len(lengths))
    window = 8 * size
    sorted_in_windows = [
        int(i)
        for start in range(0, len(order), window)
        for i in sorted(order[start : start + window], key=lambda i: lengths[i])
    ]
    batches = [sorted_in_windows[start : start + size] for start in range(0, len(order), size)]
    return [batches[i] for i in rng.permutation(len(batches))]
