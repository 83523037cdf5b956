"""The experiment: three decoders that have read as many tokens, asked at every length and in every way."""

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

_TRAINING, _CURVES = 0.22, 0.06
"""The share of the work of training one model, and of asking two at every number of operations."""

_FITTED = _TRAINING / (_TRAINING + _CURVES / 2)

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
    steps: tuple[int, ...] = (1, 2, 3, 4, 5, 6, 7, 8, 10, 12)
    asked: int = 6
    tried: int = 200
    votes: tuple[int, ...] = (1, 3, 5, 9, 17)
    temperature: float = 0.7
    part: Part = TEST
    fitting: Fitting = field(default_factory=Fitting)


QUICK = Plan(
    questions=200, steps=(1, 2, 3, 4), asked=3, tried=60, votes=(1, 5), fitting=Fitting(steps=4, tokens=250_000)
)


def run(plan: Plan, on_step: Step) -> Outcome:
    """Everything measured. Equal plans give equal outcomes on one machine."""
    fitting = plan.fitting
    direct, worked = by_operations(plan, _within(on_step, 0.0, 2 * _TRAINING + _CURVES))
    begun = 2 * _TRAINING + _CURVES
    telling = _within(on_step, begun, begun + _TRAINING)
    model = fitted(fitting, "both", plan.seed, lambda share: telling(share, "training on both kinds"))
    problems = different(plan.asked, plan.part, plan.tried, np.random.default_rng([plan.seed, 99]))
    telling = _within(on_step, begun + _TRAINING, 1.0)
    ways = tried(
        model,
        problems,
        plan.votes,
        plan.temperature,
        lambda done: telling(done / len(problems), "trying every strategy"),
    )
    weights = sum(parameter.numel() for parameter in model.parameters())
    return Outcome(fitting.steps, fitting.tokens, weights, plan.asked, plan.temperature, direct, worked, ways)


def by_operations(plan: Plan, on_step: Step) -> tuple[Right, Right]:
    """Which problems are answered rightly by a model trained on answers alone, and by one trained on steps."""
    problems = {k: different(k, plan.part, plan.questions, np.random.default_rng([plan.seed, k])) for k in plan.steps}
    found: list[Right] = []
    for place, (kind, word, shown) in enumerate(_KINDS):
        training, asking = f"training on {shown}", f"asking the model trained on {shown}"
        telling = _within(on_step, place / 2, (place + _FITTED) / 2)
        model = fitted(plan.fitting, kind, plan.seed, lambda done, tell=telling, what=training: tell(done, what))
        on_step((place + _FITTED) / 2, asking)
        found.append({k: right(model, own, word) for k, own in problems.items()})
    return found[0], found[1]


def right(model: Decoder, problems: Sequence[Problem], word: str) -> tuple[bool, ...]:
    """Of each problem, whether the likeliest text gives its answer."""
    prompts = [f"User: {problem.question} {word} Assistant:" for problem in problems]
    texts = greedy(model, prompts, longest(problems[0].steps))
    return tuple(number(text) == problem.answer for text, problem in zip(texts, problems, strict=True))


def _within(on_step: Step, first: float, last: float) -> Step:
    return lambda share, what: on_step(first + (last - first) * share, what)
