"""One small decoder trained on one kind of texts, for a given number of tokens whatever the kind."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, cast

import numpy as np
import torch
from torch import nn

from openbook.labs.chain_of_thought.task import TRAINING
from openbook.labs.chain_of_thought.words import IDS, WORDS, Kind, shape, text
from openbook.labs.discriminative_generative.fit import one_thread
from openbook.model import Decoder, DecoderConfig
from openbook.train.loss import cross_entropy
from openbook.train.optimise import make, set_rate
from openbook.train.recipe import Optimiser
from openbook.train.schedules import cosine
from openbook.train.techniques import attention_kernel


@dataclass(frozen=True, slots=True)
class Fitting:
    """The decoder's shape and how it is trained. steps: the most of a problem that is trained on. tokens: read in all,
    ``batch`` a step. growing: the share of the training over which problems grow from one step to the most. examples:
    the share of later texts in which examples stand before the question. slips: of the steps of later texts of a model
    that is to mend, the share first begun wrongly.
    """

    width: int = 96
    layers: int = 3
    heads: int = 4
    theta: float = 100.0  # texts are short: slower turns would tell no two places apart
    context: int = 256
    steps: int = 6
    tokens: int = 1_300_000
    batch: int = 750
    rate: float = 4e-3
    growing: float = 0.35
    examples: float = 0.25
    slips: float = 0.5

    def decoder(self) -> Decoder:
        """Llama's shape."""
        inner = -(-8 * self.width // 24) * 8
        config = DecoderConfig(
            len(WORDS), self.width, self.layers, self.heads, inner, self.context, theta=self.theta, tied=False
        )
        return Decoder(config)


def fitted(fitting: Fitting, kind: Kind, seed: int, on_step: Callable[[float], object]) -> Decoder:
    """Trained by Muon on fresh problems, loss on what the model is to write alone. on_step: told the share done.

    Texts of a batch have one shape, so that there is no padding and the tokens read are all of texts. In FP32, since
    BF16 is several times slower on processors that do not have it.
    """
    rng = np.random.default_rng([seed, 5])
    with cast("Any", torch.random.fork_rng)(devices=[]), one_thread(), attention_kernel("plain"):
        torch.default_generator.manual_seed(seed)
        model = fitting.decoder()
        optimisers = make(Optimiser(kind="muon", rate=fitting.rate, weight_decay=0.01), model)
        read = 0
        while read < fitting.tokens:
            share = read / fitting.tokens
            ids, counts = _batch(fitting, kind, share, rng)
            targets = ids[:, 1:][counts[:, 1:]]
            hidden = model(ids[:, :-1])[counts[:, 1:]]
            loss = cross_entropy(hidden, model.unembedding.weight, targets) / len(targets)
            cast("Any", loss).backward()
            nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            set_rate(optimisers, fitting.rate * cosine(round(1000 * share), 1000, warmup=50, floor=0.02))
            for optimiser in optimisers:
                optimiser.step()
                optimiser.zero_grad(set_to_none=True)
            read += ids.numel()
            on_step(min(1.0, read / fitting.tokens))
    return model.eval()


def _batch(fitting: Fitting, kind: Kind, share: float, rng: np.random.Generator) -> tuple[torch.Tensor, torch.Tensor]:
    """ids, and which of them the loss counts: (rows, length). share: of the training that is done."""
    most = min(fitting.steps, 1 + int(share / fitting.growing * fitting.steps))
    late = share >= fitting.growing
    shown = late and rng.random() < fitting.examples
    slips = fitting.slips if kind == "mends" and late else 0.0
    of = shape(kind, int(rng.integers(1, most + 1)), rng, shown=shown, slips=slips)
    first = text(of, TRAINING, rng)
    texts = [first, *(text(of, TRAINING, rng) for _ in range(fitting.batch // len(first.words) - 1))]
    ids = torch.tensor([[IDS[word] for word in one.words] for one in texts])
    return ids, torch.tensor([one.counts for one in texts])
