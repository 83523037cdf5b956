"""The experiment: two decoders that have read as many tokens, asked at every length and in every way."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from openbook.generate.reasoning.reading import number
from openbook.labs.chain_of_thought.fit import Fitting, fitted
from openbook.labs.chain_of_thought.greedy import greedy
from openbook.labs.chain_of_thought.outcome import Outcome
from openbook.labs.chain_of_thought.task import TEST, Part, Problem, different
from openbook.labs.chain_of_thought.ways import longest, tried
from openbook.labs.chain_of_thought.words import WORDING, Kind
from openbook.model import Decoder

Step = Callable[[float, str], None]
"""Told what share of the work is done, and what comes next."""

_CURVES, _FITTED = 0.55, 0.95
"""The share of the work before strategies are tried, and the share of that which is training."""

_KINDS: tuple[tuple[Kind, str, str], ...] = (
    ("direct", WORDING.direct, "answers alone"),
    ("steps", WORDING.steps, "steps"),
)

Right = Mapping[int, tuple[bool, ...]]
"""By number of operations, whether each problem was answered rightly."""


@dataclass(frozen=True, slots=True)
class Plan:
    """questions: at most so many at each number of operations, ``steps``. asked, tried: operations of the problems that
    all strategies are tried on, and how many. votes: texts drawn, in increasing order. part: of the problems asked.
    """

    seed: int = 0
    questions: int = 400
    steps: tuple[int, ...] = (1, 2, 3, 4, 5, 6, 7, 8)
    asked: int = 6
    tried: int = 100
    votes: tuple[int, ...] = (1, 3, 5, 9, 17)
    temperature: float = 1.0
    part: Part = TEST
    fitting: Fitting = field(default_factory=Fitting)


QUICK = Plan(
    questions=200,
    steps=(1, 2, 3, 4),
    asked=3,
    tried=60,
    votes=(1, 5),
    fitting=Fitting(steps=3, tokens=400_000, growing=0.7),
)


def run(plan: Plan, on_step: Step) -> Outcome:
    """Everything measured. Equal plans give equal outcomes on one machine."""
    models, rights = by_operations(plan, _within(on_step, 0.0, _CURVES))
    problems = different(plan.asked, plan.part, plan.tried, np.random.default_rng([plan.seed, 99]))
    telling = _within(on_step, _CURVES, 1.0)
    ways = tried(
        *models,
        problems,
        plan.votes,
        plan.temperature,
        lambda done: telling(done / len(problems), "trying every strategy"),
    )
    fitting = plan.fitting
    weights = sum(parameter.numel() for parameter in models[0].parameters())
    return Outcome(fitting.steps, fitting.tokens, weights, plan.asked, plan.temperature, *rights, ways)


def by_operations(plan: Plan, on_step: Step) -> tuple[tuple[Decoder, Decoder], tuple[Right, Right]]:
    """A model trained on answers alone and one trained on steps, and which problems each answers rightly."""
    problems = {k: different(k, plan.part, plan.questions, np.random.default_rng([plan.seed, k])) for k in plan.steps}
    models: list[Decoder] = []
    rights: list[Right] = []
    for place, (kind, word, shown) in enumerate(_KINDS):
        training = f"training on {shown}"
        telling = _within(on_step, place / 2, (place + _FITTED) / 2)
        model = fitted(plan.fitting, kind, plan.seed, lambda done, tell=telling, what=training: tell(done, what))
        on_step((place + _FITTED) / 2, f"asking the model trained on {shown}")
        rights.append({k: right(model, own, word) for k, own in problems.items()})
        models.append(model)
    return (models[0], models[1]), (rights[0], rights[1])


def right(model: Decoder, problems: Sequence[Problem], word: str) -> tuple[bool, ...]:
    """Of each problem, whether the likeliest text gives its answer."""
    prompts = [f"User: {problem.question} {word} Assistant:" for problem in problems]
    texts = greedy(model, prompts, longest(problems[0].steps))
    return tuple(number(text) == problem.answer for text, problem in zip(texts, problems, strict=True))


def _within(on_step: Step, first: float, last: float) -> Step:
    return lambda share, what: on_step(first + (last - first) * share, what)
