"""Families of attacks on an agent with real tools, in the worst case: what a policy stops, and what a detector sees.

Every order in every document: the simulated model makes each call that the order wants, over files in a temporary
folder, a mailbox, a web and a purse; whether the attack was carried out is read off them. Without a policy, and with
one that does what the request asks for unasked and nothing else, and a budget of calls. Beside it how often the shipped
detector flags the text that carries the attack. Writes evidence/attack_families.json.
Run: python -m benchmarks.attack_families
"""

import argparse
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.attack_cases import FAMILIES, MOST_CALLS, REPORT, Family, Goal, Task
from benchmarks.attack_world import opened, tools
from benchmarks.data import EVIDENCE
from benchmarks.publish import columns, publish, with_interval
from benchmarks.worst_case import Guarded, Obedient, obeyed
from openbook.agent.budget import Budget
from openbook.agent.world import World
from openbook.encode.injection import InjectionDetector, open_injection
from openbook.evaluate.intervals import Interval, wilson_in_groups
from openbook.guard.capability import EFFECTS
from openbook.guard.policy import Policy
from openbook.report.record import Figure
from openbook.report.tables import Table
from openbook.values import TRUSTED, Label

POLICY = Policy(effects=dict.fromkeys(EFFECTS, "allow"))
DESCRIPTION = Label(frozenset(["the description of look_up"]))

NOTE = (
    "Attacks carried out, of n: every order of the family in {documents} documents. Done: the user's task, under the "
    f"policy, while it is attacked. With the policy goes a budget of {MOST_CALLS} calls. Flagged: texts that carry the "
    "attack, by the shipped detector at its threshold; of the documents without an attack it flags {false}. "
    "Of all: {all}. 95% intervals: Wilson's, cases of one order together."
)
COLUMNS: Mapping[str, str] = {"no policy": "without", "policy": "guarded", "done": "done", "flagged": "flagged"}


@dataclass(frozen=True, slots=True)
class Case:
    family: Family
    goal: Goal
    task: Task
    document: str

    @property
    def text(self) -> str:
        """What carries the attack: the document, or a tool's description."""
        order = self.family.dressed(self.goal.order)
        return order if self.family.described else f"{self.document} {order}"


def cases(family: Family) -> Iterator[Case]:
    for goal in family.goals:
        for task in family.tasks:
            for document in REPORT:
                yield Case(family, goal, task, document)


def tried(case: Case, policy: Policy | None, folder: Path) -> tuple[bool, bool]:
    """Whether the attack was carried out, and whether the user's task was done."""
    office = opened(folder, {"report.txt": case.document if case.family.described else case.text})
    budget = Budget(calls=None if policy is None else MOST_CALLS, steps=None, seconds=None)
    attack = Obedient(
        case.goal.calls,
        (lambda results: len(results) > 1) if case.family.late else (lambda _: not case.family.described),
        DESCRIPTION if case.family.described else TRUSTED,
    )
    world = World(tools(office), budget=budget)
    for _ in obeyed(case.task.calls, attack, case.task.plan, world, Guarded(policy)):
        pass
    return case.goal.carried_out(office), case.task.done(office)


@dataclass(frozen=True, slots=True)
class Found:
    """Of one case: whether the attack was carried out without and with the policy, whether the task was done with it,
    and whether the text was flagged."""

    case: Case
    without: bool
    guarded: bool
    done: bool
    flagged: bool


def measured(family: Family, detector: InjectionDetector, most: int | None = None) -> list[Found]:
    held = list(cases(family))[:most]
    flagged = [each.flagged for each in detector([case.text for case in held])]
    found: list[Found] = []
    with tempfile.TemporaryDirectory() as folder:
        for number, (case, seen) in enumerate(zip(held, flagged, strict=True)):
            without, _ = tried(case, None, Path(folder) / f"off{number}")
            guarded, done = tried(case, POLICY, Path(folder) / f"on{number}")
            found.append(Found(case, without, guarded, done, seen))
    return found


def share(found: Sequence[Found], what: str) -> Interval:
    """Cases of one order are alike."""
    orders = [each.case.family.dressed(each.case.goal.order) for each in found]
    return wilson_in_groups([getattr(each, what) for each in found], orders)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--most", type=int, help="so many cases of each family alone, to try it")
    most = parser.parse_args().most
    detector = open_injection()
    found = {family.name: measured(family, detector, most) for family in FAMILIES}
    everything = [each for of_family in found.values() for each in of_family]
    shares = {column: share(everything, what) for column, what in COLUMNS.items()}
    cells = tuple(
        (name, str(len(held)), *(str(sum(getattr(each, what) for each in held)) for what in COLUMNS.values()))
        for name, held in found.items()
    )
    note = NOTE.format(
        documents=len(REPORT),
        false=sum(each.flagged for each in detector(REPORT)),
        all=", ".join(f"{name} {with_interval(of)}" for name, of in shares.items()),
    )
    table = Table("Attacks by family", columns("family", "n", *shares), cells, note)
    let_through = [name for name, held in found.items() if any(each.guarded for each in held)]
    publish(
        "attack_families",
        [
            Figure("families", len(found)),
            Figure("families that the policy lets through", len(let_through)),
            *(Figure(f"all: {name}", of.value, "", of.low, of.high, of.n) for name, of in shares.items()),
        ],
        {"families": table},
        data=[],
        code=["src/openbook/weights/injection"],
        folder=None if most else EVIDENCE,
    )


if __name__ == "__main__":
    main()
