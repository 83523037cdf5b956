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
    with cast("Any", torch.random.fork_rng)(devices=[]), one_thread():
        torch.default_generator.manual_seed(seed)
        model = make()
        optimisers = make_optimisers(Optimiser(rate=rate), model)
        best = Fitted(deepcopy(model).eval(), (-1.0, 0.0), {"learning rate": rate, "steps": 0.0})
        waited = 0
        batches: list[list[int]] = []
        for step in range(1, steps + 1):
            batches = batches or _batches(lengths, fitting.batch, rng)
            model.train()
            value = loss(model, batches.pop())
            if not torch.isfinite(value):
                break
            cast("Any", value).backward()
            nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            set_rate(optimisers, rate * cosine(step - 1, steps, warmup=steps // 20, floor=0.1))
            for optimiser in optimisers:
                optimiser.step()
                optimiser.zero_grad(set_to_none=True)
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
