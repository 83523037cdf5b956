"""The experiment: three decoders that have read as many tokens, asked at every number of steps and in every way."""

from collections.abc import Callable, Sequence
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

_TRAINING, _CURVES = 0.22, 0.03
"""The share of the work of training one model, and of asking one at every number of steps."""

_SHOWN: dict[Kind, str] = {"direct": "answers alone", "steps": "steps", "both": "both, by word or by example"}


@dataclass(frozen=True, slots=True)
class Plan:
    """questions: at most so many at each number of steps. asked, tried: steps of the problems that all strategies are
    tried on, and how many. votes: how many texts are drawn, in increasing order. part: of the problems that are asked.
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
    done = 0.0
    models: dict[Kind, Decoder] = {}
    for kind, shown in _SHOWN.items():
        begun, what = done, f"training on {shown}"
        models[kind] = fitted(
            plan.fitting, kind, plan.seed, lambda share, b=begun, w=what: on_step(b + _TRAINING * share, w)
        )
        done += _TRAINING
    on_step(done, "asking at every number of steps")
    problems = {k: different(k, plan.part, plan.questions, np.random.default_rng([plan.seed, k])) for k in plan.steps}
    direct = {k: right(models["direct"], own, WORDING.direct) for k, own in problems.items()}
    on_step(done + _CURVES, "asking at every number of steps")
    worked = {k: right(models["steps"], own, WORDING.steps) for k, own in problems.items()}
    done += 2 * _CURVES
    some = different(plan.asked, plan.part, plan.tried, np.random.default_rng([plan.seed, 99]))
    ways = tried(
        models["both"],
        some,
        plan.votes,
        plan.temperature,
        lambda n: on_step(done + (1 - done) * n / len(some), "trying every strategy"),
    )
    weights = sum(parameter.numel() for parameter in models["both"].parameters())
    fitting = plan.fitting
    return Outcome(fitting.steps, fitting.tokens, weights, plan.asked, plan.temperature, direct, worked, ways)


def right(model: Decoder, problems: Sequence[Problem], word: str) -> tuple[bool, ...]:
    """Of each problem, whether the likeliest text gives its answer."""
    prompts = [f"User: {problem.question} {word} Assistant:" for problem in problems]
    texts = greedy(model, prompts, longest(problems[0].steps))
    return tuple(number(text) == problem.answer for text, problem in zip(texts, problems, strict=True))
