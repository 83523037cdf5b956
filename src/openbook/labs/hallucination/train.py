"""The model and its training: a decoder of 0.3 million weights that reads the made-up world a few times."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, cast

import numpy as np
import torch
from torch import nn

from openbook.labs.hallucination.corpus import from_memory, from_text, statements
from openbook.labs.hallucination.rows import WORDS, batches
from openbook.labs.hallucination.world import World
from openbook.model import Decoder, DecoderConfig
from openbook.train.loss import cross_entropy
from openbook.train.optimise import make as make_optimisers
from openbook.train.optimise import set_rate
from openbook.train.recipe import Optimiser
from openbook.train.schedules import cosine
from openbook.train.techniques import attention_kernel


@dataclass(frozen=True, slots=True)
class Training:
    """passes: over the told facts. memory, text: questions of each kind a pass. length: words of a packed row."""

    width: int = 96
    layers: int = 2
    heads: int = 4
    inner: int = 256
    passes: int = 3
    memory: int = 2500
    text: int = 3000
    length: int = 64
    rows: int = 12
    rate: float = 4e-3


def trained(made: World, training: Training, seed: int, on_pass: Callable[[float], None]) -> Decoder:
    """The decoder in evaluation mode. on_pass: told the share that is done.

    The order, the wordings and the questions with a text are drawn anew for each pass, the told facts stay the same.
    """
    rng = np.random.default_rng([seed, 1])
    told = statements(made, rng)
    with cast("Any", torch.random.fork_rng)(devices=[]), attention_kernel("plain"):
        torch.default_generator.manual_seed(seed)
        model = Decoder(
            DecoderConfig(len(WORDS), training.width, training.layers, training.heads, training.inner, training.length)
        )
        optimisers = make_optimisers(Optimiser(kind="muon", rate=training.rate), model)
        step, steps = 0, 0
        for number in range(training.passes):
            examples = [*told, *from_memory(made, training.memory, rng), *from_text(training.text, rng)]
            ready = list(batches(examples, training.length, training.rows, rng))
            steps = steps or len(ready) * training.passes
            for ids, targets, documents in ready:
                set_rate(optimisers, training.rate * cosine(step, steps, warmup=steps // 20, floor=0.02))
                hidden = model(ids, documents=documents)
                loss = cross_entropy(hidden.flatten(0, 1), model.unembedding.weight, targets.flatten())
                counted = int((targets >= 0).sum())
                cast("Any", loss / counted).backward()
                nn.utils.clip_grad_norm_(model.parameters(), 1.0)
                for optimiser in optimisers:
                    optimiser.step()
                    optimiser.zero_grad(set_to_none=True)
                step += 1
            on_pass((number + 1) / training.passes)
    return model.eval()
