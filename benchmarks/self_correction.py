"""What correction is worth: tool tasks with injected failures, with and without it, step by step and planned first.

A scripted model that makes mistakes at stated rates (benchmarks/fallible.py) takes the place of a language model, so
the figures measure the loop: how much of what goes wrong it brings back, of a model that heeds what it is told. They
say nothing of any language model. No file is read. Writes evidence/self_correction.json.
Run: python -m benchmarks.self_correction
"""

import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from random import Random

from benchmarks.fallible import Fallible, Rates
from benchmarks.publish import columns, publish, with_interval
from openbook.agent.bounded import Bounds
from openbook.agent.declare import declared
from openbook.agent.events import Answered, Event
from openbook.agent.model_planner import NoPlan, Planning, written_plan
from openbook.agent.plan import Call, Filled, Given, Plan, Result
from openbook.agent.run_repaired import run_repaired
from openbook.agent.stepwise import Stepping, stepwise
from openbook.agent.tool import Tool, ToolFailed
from openbook.agent.world import World
from openbook.evaluate.intervals import Interval, wilson_in_groups
from openbook.evaluate.significance import holm, paired_randomisation
from openbook.guard.policy import Policy
from openbook.report.record import Figure
from openbook.report.tables import Table

SEEDS = tuple(range(10))
PRICES = {"lamp": 40.0, "desk": 120.0, "chair": 65.0, "shelf": 80.0}
STOCK = {"lamp": 7, "desk": 2, "chair": 12, "shelf": 5}
BELIEFS = {"article": "product_name", "goods": "sku", "item": "thing", "count": "quantity", "text": "content",
           "one": "a", "other": "b"}  # fmt: skip
INJECTED: Mapping[str, Rates] = {
    "nothing": Rates(),
    "time-outs, 20% of reads": Rates(time_out=0.2),
    "malformed, 15% of replies": Rates(malformed=0.15),
    "wrong call, 15% of calls": Rates(slip=0.15),
    "wrong belief, 50% of tasks": Rates(belief=0.5),
    "all of these": Rates(0.15, 0.15, 0.5, 0.2),
}
FREE = Policy(effects={"reads": "allow", "writes": "allow", "spends": "allow"})


@dataclass
class Shop:
    """The world of one task, and what was done to it."""

    rng: Random
    time_out: float
    orders: list[tuple[str, int]] = field(default_factory=list[tuple[str, int]])
    notes: list[str] = field(default_factory=list[str])

    def tools(self) -> dict[str, Tool]:
        def price(article: str) -> dict[str, float]:
            """What an article costs."""
            self._answer()
            return {"is": PRICES[article]}

        def stock(goods: str) -> dict[str, float]:
            """How many of some goods are there."""
            self._answer()
            return {"is": STOCK[goods]}

        def multiply(one: float, other: float) -> dict[str, float]:
            """Multiply two numbers."""
            return {"is": one * other}

        def order(item: str, count: int) -> dict[str, str]:
            """Order so many of an item."""
            self.orders.append((item, count))
            return {"is": "ordered"}

        def note(text: str) -> dict[str, str]:
            """Write a note."""
            self.notes.append(text)
            return {"is": "noted"}

        made = (
            declared(price, effects=["reads"], content=["article"]),
            declared(stock, effects=["reads"], content=["goods"]),
            declared(multiply, content=["one", "other"], derived=True),
            declared(order, effects=["spends"]),
            declared(note, effects=["writes"], content=["text"]),
        )
        return {tool.name: tool for tool in made}

    def _answer(self) -> None:
        if self.rng.random() < self.time_out:
            raise ToolFailed("no answer in time", again=True)


@dataclass(frozen=True, slots=True)
class Task:
    """plan: what is right. orders, notes, answer: what shows that it was done, once and no more."""

    request: str
    plan: Plan
    orders: tuple[tuple[str, int], ...] = ()
    notes: tuple[str, ...] = ()
    answer: str = "Done."


def tasks() -> Iterator[Task]:
    """Four kinds for each of four pairs of articles: two to five calls."""
    for one, other in (("lamp", "desk"), ("desk", "chair"), ("chair", "shelf"), ("shelf", "lamp")):
        price = Call("s1", "price", {"article": Given(one)})
        stock = Call("s2", "stock", {"goods": Given(other)})
        worth = Call("s3", "multiply", {"one": Result("s1", ("is",)), "other": Result("s2", ("is",))})
        buy = Call("s4", "order", {"item": Given(other), "count": Given(3)})
        filled = Filled("{x} of it", {"x": Result("s2", ("is",))})
        note = Call("s5", "note", {"text": filled})
        done, left = Given("Done."), f"{STOCK[other]} of it"
        product = f"{PRICES[one] * STOCK[other]} in all"
        yield Task(
            f"What is {one}'s price times {other}s in stock?",
            Plan((price, stock, worth), Filled("{x} in all", {"x": Result("s3", ("is",))})),
            answer=product,
        )
        yield Task(f"Order 3 {other}s.", Plan((buy,), done), ((other, 3),))
        yield Task(f"Note how many {other}s there are.", Plan((stock, note), done), notes=(left,))
        yield Task(
            f"Look up the {one}'s price, order 3 {other}s and note how many there were.",
            Plan((price, stock, worth, buy, note), done),
            ((other, 3),),
            (left,),
        )


Arm = Callable[[Task, Fallible, World], Iterator[Event]]


def step_by_step(corrections: int, *, tells: bool = True) -> Arm:
    stepping = Stepping(
        corrections=corrections,
        tells=tells,
        reflections=0,
        planning=Planning(corrections=corrections, tells=tells),
    )
    return lambda task, model, world: stepwise(task.request, model, world, stepping)


def planned_first(corrections: int, repairs: int = 0) -> Arm:
    planning = Planning(corrections=corrections)

    def run(task: Task, model: Fallible, world: World) -> Iterator[Event]:
        try:
            plan = written_plan(model, task.request, list(world.tools.values()), planning).plan
        except NoPlan:
            return iter(())
        return run_repaired(task.request, plan, model, world, repairs=repairs, planning=planning)

    return run


STEPS: Mapping[str, Arm] = {
    "without": step_by_step(0),
    "again, untold": step_by_step(4, tells=False),
    "told": step_by_step(4),
}
PLANS: Mapping[str, Arm] = {
    "without": planned_first(0),
    "told": planned_first(4),
    "told and repaired": planned_first(4, repairs=2),
}


def succeeds(task: Task, arm: Arm, rates: Rates, seed: int) -> tuple[bool, int]:
    """Whether all was done, and nothing twice; and the replies that it took."""
    shop = Shop(Random(f"world {seed} {task.request}"), rates.time_out)
    model = Fallible(task.plan, rates, Random(f"model {seed} {task.request}"), BELIEFS)
    world = World(shop.tools(), FREE, bounds=Bounds(tries=1))
    last = None
    for event in arm(task, model, world):
        last = event
    good = isinstance(last, Answered) and last.answer.value == task.answer
    return good and tuple(shop.orders) == task.orders and tuple(shop.notes) == task.notes, model.replies


def measured(arms: Mapping[str, Arm]) -> dict[tuple[str, str], list[tuple[bool, int]]]:
    """By what is injected and arm: every task with every seed, in one order."""
    every = list(tasks())
    return {
        (kind, name): [succeeds(task, arm, rates, seed) for task in every for seed in SEEDS]
        for kind, rates in INJECTED.items()
        for name, arm in arms.items()
    }


def groups() -> list[str]:
    return [task.request for task in tasks() for _ in SEEDS]


def share(outcomes: list[tuple[bool, int]]) -> Interval:
    return wilson_in_groups([good for good, _ in outcomes], groups())


def table_of(title: str, arms: Mapping[str, Arm], found: Mapping[tuple[str, str], list[tuple[bool, int]]]) -> Table:
    rows = tuple((kind, *(with_interval(share(found[kind, name]), 2) for name in arms)) for kind in INJECTED)
    note = (
        f"Share of {len(groups())} runs ({len(list(tasks()))} tasks, {len(SEEDS)} seeds each) in which all was done, "
        "and nothing twice. A scripted model with stated mistakes: the loop is measured, no language model. "
        "Wilson's 95%, runs of a task counted as alike."
    )
    return Table(title, columns("injected", *arms), rows, note)


def tested(
    first: str, second: str, found: Mapping[tuple[str, str], list[tuple[bool, int]]]
) -> list[tuple[float, float, float]]:
    """For each kind: the difference of shares, its p value, and that after Holm."""
    compared = [
        paired_randomisation(*([float(good) for good, _ in found[kind, name]] for name in (first, second)),
                             groups=groups())
        for kind in INJECTED
    ]  # fmt: skip
    return [(c.difference, c.p_value, p) for c, p in zip(compared, holm([c.p_value for c in compared]), strict=True)]


def main() -> None:
    steps, plans = measured(STEPS), measured(PLANS)
    compared = {
        "step by step: told - without": tested("told", "without", steps),
        "step by step: told - untold": tested("told", "again, untold", steps),
        "planned: told - without": tested("told", "without", plans),
        "planned: repaired - told": tested("told and repaired", "told", plans),
    }
    figures: list[Figure] = []
    for mode, arms, found in (("step by step", STEPS, steps), ("planned first", PLANS, plans)):
        for kind in INJECTED:
            for name in arms:
                one = share(found[kind, name])
                replies = sum(count for _, count in found[kind, name]) / one.n
                figures.append(Figure(f"{mode}, {kind}, {name}: success", one.value, "", one.low, one.high, one.n))
                figures.append(Figure(f"{mode}, {kind}, {name}: replies of the model", replies, n=one.n))
    last = len(INJECTED) - 1
    rows = tuple((name, f"{found[last][0]:+.2f}", f"{found[last][2]:.4f}") for name, found in compared.items())
    note = "Everything injected at once. Paired randomisation over whole tasks, p after Holm over what is injected."
    publish(
        "self_correction",
        figures,
        {
            "step by step": table_of("Step by step", STEPS, steps),
            "planned first": table_of("Planned first", PLANS, plans),
            "differences": Table("What correction adds", columns("difference of shares", "points", "p"), rows, note),
        },
        data=[],
        code=["benchmarks/fallible.py", "src/openbook/agent"],
        seeds=SEEDS,
        note="A scripted model whose mistakes are drawn at stated rates; the loop is measured, no language model.",
        **({"folder": None} if "--print" in sys.argv[1:] else {}),
    )


if __name__ == "__main__":
    main()
