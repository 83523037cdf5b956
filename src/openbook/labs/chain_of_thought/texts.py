"""Texts of many problems at once: what the engine writes, hundreds of times quicker, and how likely they are."""

from collections.abc import Sequence
from functools import cache

import numpy as np
import torch
from torch import Tensor, nn

from openbook.align.groups import Group, Ids
from openbook.align.rollout import Drawing, drawn
from openbook.generate.reasoning.outcome import Spent
from openbook.generate.reasoning.prompts import steps_prompt
from openbook.generate.render import Rendering
from openbook.labs.chain_of_thought.task import Problem
from openbook.labs.chain_of_thought.words import END, IDS, WORDING, WORDS, tokenizer
from openbook.labs.discriminative_generative.fit import one_thread
from openbook.model import Decoder
from openbook.train.techniques import attention_kernel
from openbook.values import TRUSTED, Part, Prompt

_ROWS = 1_000
"""Texts that are written, or read, side by side."""


def longest(steps: int, *, mends: bool = False) -> int:
    """Words of an answer with every step, and some to spare; with mends, as many again."""
    return (10 if mends else 5) * steps + 8


def asked(problem: Problem) -> Prompt:
    """The bare question."""
    return (Part(problem.question, TRUSTED, "user"),)


def asked_for_steps(problem: Problem) -> Ids:
    return rendered(steps_prompt(asked(problem), WORDING))


def rendered(prompt: Prompt) -> Ids:
    """The tokens that the engine shows a model for this prompt."""
    return np.array(_rendering()(prompt), dtype=np.int64)


def written(
    model: Decoder, prompts: Sequence[Ids], most: int, n: int = 1, temperature: float = 0.0, key: Sequence[int] = (0,)
) -> list[Group]:
    """Each prompt with ``n`` texts of at most so many words. key: of the random numbers."""
    drawing = Drawing(n, most, IDS[END], temperature)
    at_once = max(1, _ROWS // n)
    found: list[Group] = []
    with one_thread(), attention_kernel("plain"):
        for start in range(0, len(prompts), at_once):
            found += drawn(model, prompts[start : start + at_once], drawing, [*key, start])
    return found


def text_of(reply: Ids) -> str:
    """Without the end."""
    numbers: list[int] = reply.tolist()
    return " ".join(WORDS[number] for number in numbers if number != IDS[END])


def spent_on(one: Group, n: int) -> Spent:
    """By the first ``n`` texts, counted as the engine does."""
    return Spent(n * len(one.prompt), sum(int((reply != IDS[END]).sum()) for reply in one.replies[:n]), n)


def padded(model: Decoder, groups: Sequence[Group]) -> tuple[Tensor, list[Tensor]]:
    """All prompts with their replies in one batch, which for texts this short is quicker than a row of groups.

    Returns the states, (replies, longest, width), and each one's ids; no token sees the padding behind it.
    """
    texts = [torch.as_tensor(np.concatenate([one.prompt, reply])) for one in groups for reply in one.replies]
    return model(nn.utils.rnn.pad_sequence(texts, batch_first=True, padding_value=IDS[END])), texts


@torch.inference_mode()
def mean_log_probabilities(model: Decoder, groups: Sequence[Group]) -> list[list[float]]:
    """Of each reply of each group, Σ log p(token) / tokens at temperature 1, without the end, as the engine has it."""
    found: list[list[float]] = []
    with one_thread(), attention_kernel("plain"):
        for one in groups:
            hidden, texts = padded(model, [one])
            log_p = model.logits(hidden).log_softmax(-1)
            means: list[float] = []
            for row, ids in zip(log_p, texts, strict=True):
                own = ids[len(one.prompt) :]
                said = own[own != IDS[END]]
                before = row[len(one.prompt) - 1 :][: len(said)]
                means.append(float(before.gather(1, said[:, None]).mean()) if len(said) else float("-inf"))
            found.append(means)
    return found


@cache
def _rendering() -> Rendering:
    return Rendering(tokenizer(), None, "")
