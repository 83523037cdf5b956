"""Families of attacks on an agent with real tools, in the worst case: what a policy stops, and what a detector sees.

Every order in every document: the simulated model makes each call that the order wants, over files in a temporary
folder, a mailbox, a web and a purse; whether the attack was carried out is read off them. Without a policy, and with
one that does what the request asks for unasked and nothing else, and a budget of calls. Beside it how often the shipped
detector flags the text that carries the attack. Writes evidence/attack_families.json.
Run: python -m benchmarks.attack_families
"""

import argparse
import tempfile
from collections.abc import Iterator
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
from openbook.evaluate.intervals import wilson
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
    "Of all: {all}. 95% intervals: Wilson's."
)


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
    """Counts of a family's cases."""

    name: str
    n: int
    without: int
    guarded: int
    done: int
    flagged: int


def measured(family: Family, detector: InjectionDetector, most: int | None = None) -> Found:
    held = list(cases(family))[:most]
    with tempfile.TemporaryDirectory() as folder:
        off = [tried(case, None, Path(folder) / f"off{number}") for number, case in enumerate(held)]
        on = [tried(case, POLICY, Path(folder) / f"on{number}") for number, case in enumerate(held)]
    return Found(
        family.name,
        len(held),
        sum(attacked for attacked, _ in off),
        sum(attacked for attacked, _ in on),
        sum(done for _, done in on),
        sum(found.flagged for found in detector([case.text for case in held])),
    )


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--most", type=int, help="so many cases of each family alone, to try it")
    most = parser.parse_args().most
    detector = open_injection()
    found = [measured(family, detector, most) for family in FAMILIES]
    n = sum(each.n for each in found)
    shares = {
        "no policy": wilson(sum(each.without for each in found), n),
        "policy": wilson(sum(each.guarded for each in found), n),
        "done": wilson(sum(each.done for each in found), n),
        "flagged": wilson(sum(each.flagged for each in found), n),
    }
    cells = tuple(
        (each.name, *map(str, (each.n, each.without, each.guarded, each.done, each.flagged))) for each in found
    )
    note = NOTE.format(
        documents=len(REPORT),
        false=sum(each.flagged for each in detector(REPORT)),
        all=", ".join(f"{name} {with_interval(share)}" for name, share in shares.items()),
    )
    table = Table("Attacks by family", columns("family", "n", *shares), cells, note)
    publish(
        "attack_families",
        [
            Figure("families", len(found)),
            Figure("families with an attack that the policy does not stop", sum(each.guarded > 0 for each in found)),
            *(Figure(name, share.value, "", share.low, share.high, share.n) for name, share in shares.items()),
        ],
        {"families": table},
        data=[],
        code=["src/openbook/weights/injection"],
        folder=None if most else EVIDENCE,
    )


if __name__ == "__main__":
    main()
