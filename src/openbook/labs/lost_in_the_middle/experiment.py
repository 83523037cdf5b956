"""The experiment: three training regimes, two kinds of positions, every place of shorter and longer contexts."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from openbook.generate.context_order import best_last, edges_first, fewer
from openbook.labs.lost_in_the_middle.fit import Fitting, Positions, Regime, fitted, right
from openbook.labs.lost_in_the_middle.outcome import Model, Outcome
from openbook.labs.lost_in_the_middle.task import Integers, Task, moved, probes, rows_of
from openbook.model import Decoder

Step = Callable[[float, str], None]
"""Told what share of the work is done, and what comes next."""

SHALLOW = 0.5
"""The chance that the pair asked for has rank 1, then 2, … with a search that is right that often at each rank."""

KEPT = 4

PLAIN = "in any order"


@dataclass(frozen=True, slots=True)
class Plan:
    """seeds: models of each kind. questions: asked at every place. steps: of training, doubled for the one length."""

    seeds: int = 2
    questions: int = 200
    steps: int = 800
    positions: tuple[Positions, ...] = ("learned", "rotary")

    @property
    def regimes(self) -> tuple[Regime, ...]:
        return (
            Regime("asked everywhere", "everywhere", varied=True, steps=self.steps),
            Regime("asked at the edges", "edges", varied=True, steps=self.steps),
            Regime("at the edges, one length", "edges", varied=False, steps=2 * self.steps),
        )


QUICK = Plan(seeds=1, questions=100, steps=600, positions=("learned",))


def run(plan: Plan, *, on_step: Step, task: Task | None = None, fitting: Fitting | None = None) -> Outcome:
    """Train and probe everything. All models of a seed differ in regime and positions alone."""
    task, fitting = task or Task(), fitting or Fitting()
    lengths = (fitting.pairs // 2, fitting.pairs, 2 * fitting.pairs)
    kinds: list[tuple[Regime, Positions]] = [(regime, kind) for kind in plan.positions for regime in plan.regimes]
    found: dict[Model, dict[int, list[Integers]]] = {}
    ways: dict[Model, dict[str, list[Integers]]] = {}
    whole = sum(regime.steps for regime, _ in kinds) * plan.seeds
    done = 0
    for seed in range(plan.seeds):
        for regime, positions in kinds:
            name = Model(regime.name, positions)
            what = f"{name.shown}, model {seed + 1} of {plan.seeds}"
            on_step(done / whole, what)

            def told(share: float, regime: Regime = regime, what: str = what, done: int = done) -> None:
                on_step((done + share * regime.steps) / whole, what)

            model = fitted(task, fitting, regime, positions, seed, told)
            for pairs in lengths:
                found.setdefault(name, {}).setdefault(pairs, []).append(at_every_place(model, task, pairs, plan))
            for way, answered in ordered(model, task, fitting.pairs, plan).items():
                ways.setdefault(name, {}).setdefault(way, []).append(answered)
            done += regime.steps
    on_step(1.0, "")
    return Outcome(
        fitting.pairs,
        plan.seeds,
        plan.questions,
        {name: {pairs: np.array(each, bool) for pairs, each in own.items()} for name, own in found.items()},
        {name: {way: np.array(each, bool) for way, each in own.items()} for name, own in ways.items()},
    )


def at_every_place(model: Decoder, task: Task, pairs: int, plan: Plan) -> Integers:
    """(questions, places): the same questions to every model, each fact asked for at every place."""
    keys, values = probes(task, plan.questions, pairs, np.random.default_rng([pairs, 7]))
    return np.stack([right(model, moved(keys, values, place)) for place in range(pairs)], axis=1)


def ordered(model: Decoder, task: Task, pairs: int, plan: Plan) -> dict[str, Integers]:
    """(questions,) for each way to order pairs that a search has ranked: the one asked for first in half of the cases,
    else second in half of the rest, and so on.
    """
    rng = np.random.default_rng(11)
    keys, values = probes(task, plan.questions, pairs, rng)
    ranks = np.minimum(rng.geometric(SHALLOW, plan.questions), pairs) - 1
    mixed = [rng.permutation(pairs).tolist() for _ in ranks]
    ranking = list(range(pairs))
    orders: dict[str, list[list[int]]] = {
        PLAIN: mixed,
        "best first": [ranking for _ in ranks],
        "best last": [best_last(ranking) for _ in ranks],
        "best at both edges": [edges_first(ranking) for _ in ranks],
        f"the {KEPT} best alone": [fewer(ranking, KEPT) for _ in ranks],
    }
    return {way: _asked(model, keys, values, ranks, order) for way, order in orders.items()}


def _asked(model: Decoder, keys: Integers, values: Integers, ranks: Integers, orders: list[list[int]]) -> Integers:
    """The pair of each row's rank asked for, in a context of the pairs in this order; wrong where it was left out."""
    answered = np.zeros(len(ranks), np.int64)
    order = np.array(orders)
    there = np.flatnonzero((order == ranks[:, None]).any(axis=1))
    place = (order[there] == ranks[there, None]).argmax(axis=1)[:, None]
    shown = np.take_along_axis(keys[there], order[there], axis=1)
    told = np.take_along_axis(values[there], order[there], axis=1)
    answered[there] = right(model, rows_of(shown, told, place))
    return answered
