"""One small decoder trained on one kind of rows, and asked for a value at any place."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal, cast

import numpy as np
import torch
from torch import nn

from openbook.labs.discriminative_generative.fit import one_thread
from openbook.labs.lost_in_the_middle.task import Asked, Integers, Rows, Task, drawn
from openbook.model import Decoder, DecoderConfig
from openbook.train.loss import IGNORED, cross_entropy
from openbook.train.optimise import make, set_rate
from openbook.train.recipe import Optimiser
from openbook.train.schedules import cosine
from openbook.train.techniques import attention_kernel

Positions = Literal["learned", "rotary"]

_GROWING = 0.4
"""The share of the steps over which contexts grow from two pairs to the longest, where lengths vary."""


@dataclass(frozen=True, slots=True)
class Regime:
    """What a decoder is trained on. asked: where the facts that are asked for stand; varied: contexts of all lengths up
    to the longest, short ones first, or of the longest alone.
    """

    name: str
    asked: Asked
    varied: bool
    steps: int


@dataclass(frozen=True, slots=True)
class Fitting:
    """The decoder's shape and how it is trained. pairs: of the longest context trained on; longest: tested on."""

    width: int = 64
    layers: int = 2
    heads: int = 2
    theta: float = 100.0  # contexts are short: slower turns would tell no two places apart
    pairs: int = 16
    longest: int = 48
    batch: int = 32
    questions: int = 4
    rate: float = 5e-3

    def decoder(self, task: Task, positions: Positions) -> Decoder:
        """Llama's shape, or the same with learned positions instead of rotary ones."""
        room = 2 * self.longest + 2 * self.questions
        return Decoder(
            DecoderConfig(
                task.vocabulary,
                self.width,
                self.layers,
                self.heads,
                2 * self.width,
                room,
                positions=positions,
                theta=self.theta,
                tied=False,
            )
        )


def fitted(
    task: Task, fitting: Fitting, regime: Regime, positions: Positions, seed: int, on_step: Callable[[float], object]
) -> Decoder:
    """Trained by Muon on fresh rows, loss on the values asked for alone. on_step: told the share of steps done."""
    rng = np.random.default_rng([seed, 3])
    with cast("Any", torch.random.fork_rng)(devices=[]), one_thread(), attention_kernel("plain"):
        torch.default_generator.manual_seed(seed)
        model = fitting.decoder(task, positions)
        optimisers = make(Optimiser(kind="muon", rate=fitting.rate, weight_decay=0.01), model)
        for step in range(regime.steps):
            rows = drawn(task, fitting.batch, _pairs(fitting, regime, step, rng), fitting.questions, regime.asked, rng)
            hidden = model(torch.tensor(rows.ids[:, :-1]))
            targets = torch.tensor(rows.targets[:, :-1])
            counts = targets != IGNORED
            value = cross_entropy(hidden[counts], model.unembedding.weight, targets[counts]) / counts.sum()
            cast("Any", value).backward()
            nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            set_rate(optimisers, fitting.rate * cosine(step, regime.steps, warmup=50, floor=0.1))
            for optimiser in optimisers:
                optimiser.step()
                optimiser.zero_grad(set_to_none=True)
            if step % 50 == 49:
                on_step((step + 1) / regime.steps)
    return model.eval()


@torch.no_grad()
def right(model: Decoder, rows: Rows) -> Integers:
    """1 where the likeliest token is the value asked for, of rows with one question. Returns (rows,)."""
    with one_thread(), attention_kernel("plain"):
        said = model.logits(model(torch.tensor(rows.ids[:, :-1]))[:, -1]).argmax(dim=-1).numpy()
    return (said == rows.ids[:, -1]).astype(np.int64)


def _pairs(fitting: Fitting, regime: Regime, step: int, rng: np.random.Generator) -> int:
    if not regime.varied:
        return fitting.pairs
    grown = min(1.0, step / (_GROWING * regime.steps))
    return int(rng.integers(2, 3 + round(grown * (fitting.pairs - 2))))
