"""The experiment: two decoders that have read as many tokens, asked at every length and in every way."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np

from openbook.generate.reasoning.prompts import direct_prompt, steps_prompt
from openbook.generate.reasoning.reading import number
from openbook.labs.chain_of_thought.fit import Fitting, fitted
from openbook.labs.chain_of_thought.outcome import Outcome, Right
from openbook.labs.chain_of_thought.reward import Pair, Teaching, TextReward, learnt, pairs, preferred
from openbook.labs.chain_of_thought.task import TEST, TRAINING, Part, Problem, different
from openbook.labs.chain_of_thought.texts import asked, longest, rendered, text_of, written
from openbook.labs.chain_of_thought.ways import Models, tried
from openbook.labs.chain_of_thought.words import WORDING, Kind
from openbook.model import Decoder

Step = Callable[[float, str], None]
"""Told what share of the work is done, and what comes next."""

KINDS: tuple[tuple[Kind, str], ...] = (
    ("direct", "answers alone"),
    ("steps", "steps"),
    ("mends", "steps that are mended"),
)


@dataclass(frozen=True, slots=True)
class Plan:
    """questions: at most so many at each number of operations, ``steps``. asked, tried: operations of the problems that
    all strategies are tried on, and how many. votes: texts drawn, in increasing order. part: of the problems asked.
    """

    seed: int = 0
    questions: int = 400
    steps: tuple[int, ...] = (1, 2, 3, 4, 5, 6, 7, 8)
    asked: int = 5
    tried: int = 400
    votes: tuple[int, ...] = (1, 3, 5, 9, 17)
    temperature: float = 2.0
    part: Part = TEST
    fitting: Fitting = field(default_factory=Fitting)
    teaching: Teaching = field(default_factory=Teaching)


QUICK = Plan(
    questions=200,
    steps=(1, 2, 3, 4),
    asked=3,
    tried=200,
    votes=(1, 5),
    fitting=Fitting(steps=3, tokens=400_000, growing=0.7),
    teaching=Teaching(pairs=500, held=200, passes=2),
)


def run(plan: Plan, on_step: Step) -> Outcome:
    """Everything trained and measured. Equal plans give equal outcomes on one machine."""
    return measured(plan, fitted_all(plan, _within(on_step, 0.0, 0.7)), _within(on_step, 0.7, 1.0))


def measured(plan: Plan, models: tuple[Decoder, Decoder, Decoder], on_step: Step) -> Outcome:
    """models: as ``fitted_all`` gives them."""
    direct, worked, mended = (
        by_operations(plan, model, kind, plan.steps) for model, (kind, _) in zip(models, KINDS, strict=True)
    )
    scorer, learnt_from, held = _taught(plan, models[1], _within(on_step, 0.0, 0.6))
    problems = different(plan.asked, plan.part, plan.tried, np.random.default_rng([plan.seed, 99]))
    telling = _within(on_step, 0.6, 1.0)
    ways, noticed = tried(
        Models(*models, scorer),
        problems,
        plan.votes,
        plan.temperature,
        plan.seed,
        lambda done: telling(done, "trying every strategy"),
    )
    judged: dict[int, list[bool]] = {}
    for pair, right in zip(held, preferred(scorer, held), strict=True):
        judged.setdefault(pair.shared, []).append(right)
    fitting = plan.fitting
    weights = sum(parameter.numel() for parameter in models[0].parameters())
    return Outcome(
        fitting.steps,
        fitting.tokens,
        weights,
        plan.asked,
        plan.temperature,
        direct,
        worked,
        mended,
        ways,
        noticed,
        learnt_from,
        judged,
    )


def fitted_all(plan: Plan, on_step: Step) -> tuple[Decoder, Decoder, Decoder]:
    """Models trained on answers alone, on steps, and on steps that are mended, of as many tokens each."""
    models: list[Decoder] = []
    for place, (kind, shown) in enumerate(KINDS):
        telling = _within(on_step, place / len(KINDS), (place + 1) / len(KINDS))
        what = f"training on {shown}"
        models.append(fitted(plan.fitting, kind, plan.seed, lambda done, tell=telling, what=what: tell(done, what)))
    return models[0], models[1], models[2]


def by_operations(plan: Plan, model: Decoder, kind: Kind, steps: Sequence[int]) -> Right:
    """Which problems of these numbers of operations a model trained on this kind of texts answers rightly."""
    problems = {k: different(k, plan.part, plan.questions, np.random.default_rng([plan.seed, k])) for k in steps}
    return {k: right(model, own, kind) for k, own in problems.items()}


def right(model: Decoder, problems: Sequence[Problem], kind: Kind) -> tuple[bool, ...]:
    """Of each problem, whether the likeliest text gives its answer."""
    prompted = direct_prompt if kind == "direct" else steps_prompt
    prompts = [rendered(prompted(asked(problem), WORDING)) for problem in problems]
    texts = written(model, prompts, longest(problems[0].steps, mends=kind == "mends"))
    return tuple(
        number(text_of(one.replies[0])) == problem.answer for one, problem in zip(texts, problems, strict=True)
    )


def _taught(plan: Plan, model: Decoder, on_step: Step) -> tuple[TextReward, int, list[Pair]]:
    """A reward model of the model's own texts, how many pairs it learnt from, and pairs that it did not see."""
    teaching = plan.teaching
    on_step(0.0, "drawing right and wrong texts")
    shown = pairs(model, plan.asked, TRAINING, teaching.pairs, plan.temperature, [plan.seed, 21])
    held = pairs(model, plan.asked, plan.part, teaching.held, plan.temperature, [plan.seed, 22])
    telling = _within(on_step, 0.3, 1.0)
    scorer = learnt(model, shown, teaching, plan.seed, lambda done: telling(done, "training a reward model"))
    return scorer, len(shown), held


def _within(on_step: Step, first: float, last: float) -> Step:
    return lambda share, what: on_step(first + (last - first) * share, what)
