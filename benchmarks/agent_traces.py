"""Would the policy have stopped the attacks that worked on real models? On recorded runs of eleven of them.

Agent Security Bench's runs with an instruction injected into tool results (Zhang et al. 2024): each has the plan that
the model made before, and the names of the tools that it called. Every call is judged as ``agent.announced`` and
``guard.policy`` would, and beside it a detector reads the results. Writes evidence/agent_traces.json.
Run: python -m benchmarks.agent_traces
"""

import argparse
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from benchmarks.data import EVIDENCE, read_rows
from benchmarks.publish import columns, publish, with_interval
from openbook.agent.announced import requested
from openbook.agent.plan import Call
from openbook.encode.injection import open_injection
from openbook.evaluate.intervals import Interval, wilson_in_groups
from openbook.guard.capability import EFFECTS, Capability
from openbook.guard.policy import Policy, decide
from openbook.report.record import Figure
from openbook.report.tables import Table
from openbook.values import TRUSTED, Label

TRACES = "agents/asb_opi_train.jsonl.gz"
POLICY = Policy(effects=dict.fromkeys(EFFECTS, "allow"))
PLAN = "problem is "

NOTE = (
    "{traces:,} runs. Attacks: runs in which the attack's tool was called, all of them, and those in which it was only "
    "called after a result had been read. In the others nothing had been read that could have led to it, so that no "
    "guard of what is read can stop it. Calls: of the agent's own tools. The benchmark offers the attack's tool to the "
    "planner too, and every plan lists it: by the plan as recorded, it is announced. By the second reading the request "
    "announces what the plan lists of the agent's own tools, so that a call of any other tool after reading is refused "
    "by construction. Arguments are not recorded: each tool counts as one that acts, and no argument as tainted. The "
    "detector, at the shipped threshold, ends a run at a result that it flags; what it blocks of the agent's own calls "
    "comes after such a result, mostly an injected one. 95% intervals: "
    "Wilson's, runs with one attack tool together, and calls of one run."
)
GUARDS = ("policy, plan as recorded", "policy, own tools of the plan", "detector")


@dataclass(frozen=True, slots=True)
class Made:
    """A recorded call. read: whether a result was read before. stopped: whether it is, by the name of the guard."""

    attack: bool
    read: bool
    stopped: Mapping[str, bool]


def planned(row: Mapping[str, Any], *, own: bool) -> list[Call]:
    """What the plan announces: for each of its steps, the tools that it lists. own: without the attack's."""
    steps = json.loads(row["plan"].partition(PLAN)[2]) or []
    return [
        Call(f"{number}", tool, {})
        for number, step in enumerate(steps)
        for tool in step["tool_use"]
        if not own or tool != row["attack_tool"]
    ]


def stopped(calls: Sequence[tuple[str, bool]], plan: Sequence[Call]) -> Iterator[bool]:
    """Whether the policy refuses each call. calls: a tool, and whether a result had been read when it was chosen."""
    used: frozenset[int] = frozenset()
    for tool, read in calls:
        label = Label(frozenset(["a result"])) if read else TRUSTED
        made = requested(tool, {}, plan, used, label)
        used |= {made.planned} if made.planned is not None else frozenset()
        capability = Capability(tool, frozenset(["writes"]))
        yield decide(capability, made.arguments, made.control, POLICY).action != "allow"


def judged(row: Mapping[str, Any], flagged: Mapping[str, bool]) -> list[Made]:
    """Every call of a run. Those of one step were chosen together, before any of their results."""
    calls: list[tuple[str, bool]] = []
    ended: list[bool] = []
    seen: list[str] = []
    for step in row["steps"]:
        calls += [(tool, bool(seen)) for tool in step["calls"]]
        ended += [any(flagged[text] for text in seen)] * len(step["calls"])
        seen += [step["observation"]] if step["observation"] else []
    by_recorded = stopped(calls, planned(row, own=False))
    by_own = stopped(calls, planned(row, own=True))
    return [
        Made(tool == row["attack_tool"], read, dict(zip(GUARDS, each, strict=True)))
        for (tool, read), *each in zip(calls, by_recorded, by_own, ended, strict=True)
    ]


def attack_stopped(run: Sequence[Made], guard: str) -> bool:
    """Whether no call of the attack's tool happens."""
    return all(made.stopped[guard] for made in run if made.attack)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--most", type=int, help="so many runs alone, to try it")
    most = parser.parse_args().most
    rows = read_rows(TRACES)[:most]
    results = sorted({step["observation"] for row in rows for step in row["steps"] if step["observation"]})
    flagged = {text: found.flagged for text, found in zip(results, open_injection()(results), strict=True)}
    runs = [(row, judged(row, flagged)) for row in rows]
    attacked = [(row["attack_tool"], run) for row, run in runs if any(made.attack for made in run)]
    after = [(tool, run) for tool, run in attacked if all(made.read for made in run if made.attack)]
    own = [(row["id"], made) for row, run in runs for made in run if not made.attack]
    cells: list[tuple[str, ...]] = []
    figures = [
        Figure("runs with the attack's tool called", len(attacked), n=len(runs)),
        Figure("of them, after a result had been read", len(after), n=len(attacked)),
    ]
    for guard in GUARDS:
        shares = {
            "attacks stopped": _share([(tool, attack_stopped(run, guard)) for tool, run in attacked]),
            "after reading, stopped": _share([(tool, attack_stopped(run, guard)) for tool, run in after]),
            "own calls blocked": _share([(run, made.stopped[guard]) for run, made in own]),
        }
        figures += [
            Figure(f"{guard}: {name}", found.value, "", found.low, found.high, found.n)
            for name, found in shares.items()
            if found
        ]
        cells.append((guard, *map(with_interval, shares.values())))
    names = columns(
        "guard", f"of {len(attacked):,} attacks", f"of {len(after):,} after reading", f"of {len(own):,} calls"
    )
    table = Table("Recorded attacks and calls that are stopped", names, tuple(cells), NOTE.format(traces=len(rows)))
    publish(
        "agent_traces",
        figures,
        {"traces": table},
        data=[TRACES],
        code=["src/openbook/weights/injection"],
        folder=None if most else EVIDENCE,
    )


def _share(outcomes: Sequence[tuple[str, bool]]) -> Interval | None:
    """Of outcomes in groups, each with the name of its group; None of none."""
    if not outcomes:
        return None
    return wilson_in_groups([outcome for _, outcome in outcomes], [group for group, _ in outcomes])


if __name__ == "__main__":
    main()
