"""Every strategy on the trained models: each text is drawn once, and what decides between texts sees the same ones."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from openbook.align.groups import Group
from openbook.generate.reasoning import Example, Reasoned
from openbook.generate.reasoning.outcome import Spent
from openbook.generate.reasoning.prompts import direct_prompt, few_shot_prompt
from openbook.generate.reasoning.reading import number
from openbook.generate.reasoning.several import best, voted, weighted
from openbook.labs.chain_of_thought.mends import Noticed, noticed, without_mends
from openbook.labs.chain_of_thought.reward import TextReward, rewards
from openbook.labs.chain_of_thought.task import TRAINING, Problem, drawn
from openbook.labs.chain_of_thought.texts import (
    asked,
    asked_for_steps,
    longest,
    mean_log_probabilities,
    rendered,
    spent_on,
    text_of,
    written,
)
from openbook.labs.chain_of_thought.words import EXAMPLE_STEPS, EXAMPLES, WORDING
from openbook.model import Decoder
from openbook.values import Prompt

DIRECT, STEPS = "direct", "chain of thought"
FEW_ANSWERS, FEW_WORKED = "few-shot, answers", "few-shot, worked"
MENDS, MENDS_DRAWN, UNMENDED = "self-correction", "self-correction, drawn", "no word to mend, drawn"
VOTE, BEST = "self-consistency", "best of n"
REWARDED, WEIGHTED = "best by reward", "vote by reward"
SEVERAL = (VOTE, BEST, REWARDED, WEIGHTED)


@dataclass(frozen=True, slots=True)
class Way:
    """A strategy, and how many texts it draws."""

    strategy: str
    n: int = 1

    @property
    def shown(self) -> str:
        return f"{self.strategy}, {self.n}" if self.strategy in SEVERAL else self.strategy


@dataclass(frozen=True, slots=True)
class Tried:
    """One way on every problem, in order: whether it was right, whether no text could be read, and tokens spent."""

    right: tuple[bool, ...]
    silent: tuple[bool, ...]
    prompt: tuple[int, ...]
    written: tuple[int, ...]

    @property
    def tokens(self) -> float:
        """Read and written for a problem, on average."""
        return float(np.mean(self.prompt) + np.mean(self.written))


@dataclass(frozen=True, slots=True)
class Models:
    """Trained on answers alone, on steps, and on steps that are mended; and what judges texts of the second."""

    answering: Decoder
    stepping: Decoder
    mending: Decoder
    reward: TextReward


def tried(
    models: Models,
    problems: Sequence[Problem],
    votes: Sequence[int],
    temperature: float,
    seed: int,
    on_step: Callable[[float], object],
) -> tuple[dict[Way, Tried], dict[str, Noticed]]:
    """What every way came to, and by way what was noticed of the steps of all texts that were drawn for it.

    votes: how many texts are drawn, in increasing order; fewer of them are the first of the most, as a strategy that
    draws fewer would have them.
    """
    most = longest(problems[0].steps)
    examples = [_examples(seed, place) for place in range(len(problems))]
    found = {
        Way(DIRECT): _single(models.answering, [direct_prompt(asked(one), WORDING) for one in problems], most),
        Way(STEPS): _firsts(written(models.stepping, [asked_for_steps(one) for one in problems], most)),
        Way(FEW_ANSWERS): _single(models.answering, _few_shot(problems, examples, worked=False), most),
        Way(FEW_WORKED): _single(models.stepping, _few_shot(problems, examples, worked=True), most),
    }
    on_step(0.1)
    prompts = [asked_for_steps(problem) for problem in problems]
    groups = written(models.stepping, prompts, most, max(votes), temperature, [seed, 12])
    on_step(0.4)
    found |= _several(models, groups, votes)
    on_step(0.6)
    counted = {Way(VOTE).shown: _noticed(problems, groups)}
    most = longest(problems[0].steps, mends=True)
    found[Way(MENDS)] = _firsts(written(models.mending, prompts, most))
    groups = written(models.mending, prompts, most, max(votes), temperature, [seed, 13])
    found[Way(MENDS_DRAWN)] = _firsts(groups)
    counted[MENDS_DRAWN] = _noticed(problems, groups)
    on_step(0.9)
    with without_mends(models.mending):
        groups = written(models.mending, prompts, most, max(votes), temperature, [seed, 14])
    found[Way(UNMENDED)] = _firsts(groups)
    counted[UNMENDED] = _noticed(problems, groups)
    on_step(1.0)
    return {way: _tried(own, problems) for way, own in found.items()}, counted


def _single(model: Decoder, prompts: Sequence[Prompt], most: int) -> list[Reasoned]:
    return _firsts(written(model, [rendered(prompt) for prompt in prompts], most))


def _firsts(groups: Sequence[Group]) -> list[Reasoned]:
    """What the first text of each says."""
    return [voted([text_of(one.replies[0])], number, spent_on(one, 1)) for one in groups]


def _several(models: Models, groups: Sequence[Group], votes: Sequence[int]) -> dict[Way, list[Reasoned]]:
    found: dict[Way, list[Reasoned]] = {}
    likely = mean_log_probabilities(models.stepping, groups)
    worths = rewards(models.reward, groups).reshape(len(groups), -1)
    trusted = 1 / (1 + np.exp(-worths))
    for one, scores, worth, trust in zip(groups, likely, worths.tolist(), trusted.tolist(), strict=True):
        texts = [text_of(reply) for reply in one.replies]
        for n in votes:
            some, spent = texts[:n], spent_on(one, n)
            found.setdefault(Way(VOTE, n), []).append(voted(some, number, spent))
            if n == 1:  # of one text, the best is that one
                continue
            judged = spent + Spent(len(one.prompt) + sum(map(len, one.replies[:n])), 0, 1)  # read once more
            found.setdefault(Way(BEST, n), []).append(best(some, scores[:n], number, spent))
            found.setdefault(Way(REWARDED, n), []).append(best(some, worth[:n], number, judged))
            found.setdefault(Way(WEIGHTED, n), []).append(weighted(some, trust[:n], number, judged))
    return found


def _few_shot(problems: Sequence[Problem], examples: Sequence[tuple[Example, ...]], *, worked: bool) -> list[Prompt]:
    pairs = zip(problems, examples, strict=True)
    return [few_shot_prompt(asked(problem), own, WORDING, worked=worked) for problem, own in pairs]


def _examples(seed: int, place: int) -> tuple[Example, ...]:
    """Of training problems, other ones for each question, as many and as long as training shows at most."""
    rng = np.random.default_rng([seed, place, 9])
    problems = [drawn(EXAMPLE_STEPS, TRAINING, rng) for _ in range(EXAMPLES)]
    return tuple(Example(one.question, one.answer, one.worked) for one in problems)


def _noticed(problems: Sequence[Problem], groups: Sequence[Group]) -> Noticed:
    of = zip(problems, groups, strict=True)
    return sum((noticed(problem, text_of(reply)) for problem, one in of for reply in one.replies), Noticed())


def _tried(found: Sequence[Reasoned], problems: Sequence[Problem]) -> Tried:
    return Tried(
        tuple(one.answer == problem.answer for one, problem in zip(found, problems, strict=True)),
        tuple(one.answer is None for one in found),
        tuple(one.spent.prompt or 0 for one in found),
        tuple(one.spent.written or 0 for one in found),
    )
