"""A reward model of chains of thought: right texts against wrong ones, by the answers that are known.

As the verifiers of Cobbe et al. (2021) it learns from what the decoder itself draws on problems of the training part,
and begins with that decoder's weights; as reward models of preferences, by Bradley and Terry's loss. A pair shares its
first steps and then parts: a right text is cut between two steps and drawn on from there until it comes out wrong, so
that what tells the two apart is in few steps, down to the last alone. A text is worth the mean over its tokens,

    r(prompt, text) = w · Σ h(token) / tokens - mean

since their verifier learnt more from a judgement at every token than from one at the last: what is wrong is then
weighed where it stands, and need not be carried to the end.
"""

from collections.abc import Callable, Sequence
from copy import deepcopy
from dataclasses import dataclass
from typing import Any, cast

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from openbook.align.bradley_terry import bradley_terry
from openbook.align.groups import Group, Ids
from openbook.align.pair_groups import visited
from openbook.align.reward_head import new_head
from openbook.generate.reasoning.reading import number
from openbook.labs.chain_of_thought.task import Part, Problem, drawn
from openbook.labs.chain_of_thought.texts import asked_for_steps, longest, padded, text_of, written
from openbook.labs.chain_of_thought.words import END, IDS, STEP
from openbook.labs.discriminative_generative.fit import one_thread
from openbook.model import Decoder
from openbook.train.optimise import make, set_rate
from openbook.train.recipe import Optimiser
from openbook.train.schedules import cosine
from openbook.train.techniques import attention_kernel


@dataclass(frozen=True, slots=True)
class Teaching:
    """pairs: learnt from, ``batch`` a step, so many times over. held: pairs of other problems to measure it on."""

    pairs: int = 3000
    held: int = 600
    passes: int = 3
    batch: int = 32
    rate: float = 1e-3
    centre: float = 0.01


@dataclass(frozen=True, slots=True)
class TextReward:
    """head: (width → 1), no bias. mean: of texts it learnt from, taken off every reward."""

    model: Decoder
    head: nn.Linear
    mean: float


@dataclass(frozen=True, slots=True)
class Pair:
    """group: a prompt with a right text and a wrong one. shared: steps that both begin with."""

    group: Group
    shared: int


CONTINUATIONS = 4
"""Drawn on from where a right text was cut; the first of them that comes out wrong makes a pair."""

_AT_ONCE = 200
_READ = 40


def pairs(model: Decoder, steps: int, part: Part, count: int, temperature: float, key: Sequence[int]) -> list[Pair]:
    """So many, each of another draw from this part's problems of so many operations; fewer where a decoder is right, or
    wrong, too seldom. key: of the random numbers.
    """
    found: list[Pair] = []
    rng = np.random.default_rng([*key, 11])
    for turn in range(1, 2 + 20 * count // _AT_ONCE):
        problems = [drawn(steps, part, rng) for _ in range(_AT_ONCE)]
        found += _parted(model, problems, int(rng.integers(steps)), temperature, [*key, turn])
        if len(found) >= count:
            break
    return found[:count]


def _parted(
    model: Decoder, problems: Sequence[Problem], shared: int, temperature: float, key: Sequence[int]
) -> list[Pair]:
    """Of the problems that are answered rightly, and then wrongly once the first ``shared`` steps stand."""
    most, cut = longest(problems[0].steps), shared * STEP
    first = written(model, [asked_for_steps(problem) for problem in problems], most, 1, temperature, [*key, 1])
    kept = [(problem, one) for problem, one in zip(problems, first, strict=True) if _right(one.replies[0], problem)]
    if not kept:
        return []
    prefixes = [np.concatenate([one.prompt, one.replies[0][:cut]]) for _, one in kept]
    again = written(model, prefixes, most - cut, CONTINUATIONS, temperature, [*key, 2])
    found: list[Pair] = []
    for (problem, one), more in zip(kept, again, strict=True):
        texts = [np.concatenate([one.replies[0][:cut], reply]) for reply in more.replies]
        wrong = next((text for text in texts if _right(text, problem) is False), None)
        if wrong is not None:
            found.append(Pair(Group(one.prompt, (one.replies[0], wrong)), shared))
    return found


def _right(reply: Ids, problem: Problem) -> bool | None:
    """Whether a text gives the problem's answer; None where it gives none, or does not end."""
    answer = number(text_of(reply)) if reply[-1] == IDS[END] else None
    return None if answer is None else answer == problem.answer


def learnt(
    model: Decoder, found: Sequence[Pair], teaching: Teaching, seed: int, on_step: Callable[[float], object]
) -> TextReward:
    """From the decoder's own weights, all of which learn. on_step: told the share done."""
    with cast("Any", torch.random.fork_rng)(devices=[]), one_thread(), attention_kernel("plain"):
        torch.default_generator.manual_seed(seed)
        copy = deepcopy(model).train()
        head = new_head(copy)
        optimisers = make(Optimiser(kind="muon", rate=teaching.rate, weight_decay=0.0), copy)
        optimisers.append(torch.optim.AdamW(head.parameters(), lr=teaching.rate, weight_decay=0.0))
        steps = len(found) * teaching.passes // teaching.batch
        for step in range(steps):
            groups = [found[n].group for n in visited(len(found), seed, step, teaching.batch)]
            worth = _worths(copy, head, groups).view(-1, 2)
            loss = bradley_terry(worth[:, 0], worth[:, 1], centre=teaching.centre).mean()
            cast("Any", loss).backward()
            nn.utils.clip_grad_norm_([*copy.parameters(), *head.parameters()], 1.0)
            set_rate(optimisers, teaching.rate * cosine(step, steps, warmup=steps // 20, floor=0.02))
            for optimiser in optimisers:
                optimiser.step()
                optimiser.zero_grad(set_to_none=True)
            on_step((step + 1) / steps)
    some = [one.group for one in found[:: -(-len(found) // 512)]]
    return TextReward(copy.eval(), head, float(rewards(TextReward(copy, head, 0.0), some).mean()))


def _worths(model: Decoder, head: nn.Linear, groups: Sequence[Group]) -> Tensor:
    """(replies,), with gradients where they are asked for."""
    hidden, texts = padded(model, groups)
    prompts = [len(one.prompt) for one in groups for _ in one.replies]
    spans = zip(head(hidden)[..., 0], prompts, texts, strict=True)
    return torch.stack([worth[prompt : len(text)].mean() for worth, prompt, text in spans])


@torch.inference_mode()
def rewards(scorer: TextReward, groups: Sequence[Group]) -> NDArray[np.float64]:
    """What each reply is worth, (replies,)."""
    with one_thread(), attention_kernel("plain"):
        found = [_worths(scorer.model, scorer.head, groups[at : at + _READ]) for at in range(0, len(groups), _READ)]
    return np.asarray(torch.cat(found).double(), dtype=np.float64) - scorer.mean


def preferred(scorer: TextReward, held: Sequence[Pair]) -> tuple[bool, ...]:
    """Of each pair, whether the right text is worth more."""
    worth = rewards(scorer, [one.group for one in held]).reshape(-1, 2)
    return tuple((worth[:, 0] > worth[:, 1]).tolist())
