"""When does a language model make things up, what notices it, what prevents it: the lab of the same name, in full.

All data are made here, so that the truth is known; no file is read. Writes evidence/hallucination.json and two plots in
docs/. Run: python -m benchmarks.hallucination
"""

import sys
from importlib import metadata

import numpy as np

from benchmarks.data import ROOT
from benchmarks.publish import publish
from openbook.evaluate.intervals import Interval
from openbook.labs.hallucination.ask import TEXTS
from openbook.labs.hallucination.cells import group_name, of_group
from openbook.labs.hallucination.experiment import Plan, run
from openbook.labs.hallucination.measures import separates, share
from openbook.labs.hallucination.outcome import Outcome
from openbook.labs.hallucination.plots import plots
from openbook.labs.hallucination.report import outcome_parts
from openbook.labs.hallucination.world import GROUPS
from openbook.report.record import Figure
from openbook.report.tables import Column, Table

PLAN = Plan()
DRAWN = {"appearances": "hallucination.svg", "coverage": "hallucination-signals.svg"}


def figures(outcome: Outcome) -> list[Figure]:
    """Right and made up by how often a fact is told, AUROC of each signal, what a text at hand does, and the cost."""
    observed = outcome.observed
    found: list[Figure] = []
    for group in GROUPS:
        for title, what in (("right", "right"), ("made up", "wrong")):
            found += _figure(f"told {group_name(group)} times: {title}", of_group(outcome, group, what))
    for name in observed[0].confidence:
        found += _figure(f"{name}: AUROC", separates(observed, name, mistold=False))
        found += _figure(f"{name}: AUROC with false facts", separates(observed, name, mistold=True))
    for kind in TEXTS:
        replies = [one.grounded[kind] for one in observed]
        found += _figure(f"text {kind}: right", share([one.replies.right for one in replies]))
        found += _figure(f"text {kind}: as it says", share([one.copied for one in replies]))
        found += _figure(f"text {kind}: not known", share([one.replies.unknown for one in replies]))
    found.append(Figure("seconds to train a model", float(np.mean([one.seconds for one in observed])), "s"))
    found.append(Figure("weights", outcome.weights))
    return found


def _figure(name: str, found: Interval | None) -> list[Figure]:
    return [] if found is None else [Figure(name, found.value, "", found.low, found.high, found.n)]


def main() -> None:
    outcome = run(PLAN, lambda share, what: print(f"{share:4.0%} {what}", file=sys.stderr))
    shown, said = outcome_parts(outcome)
    lines = tuple((line,) for line in said)
    shown["advice"] = Table("What to do", (Column("by these figures"),), lines)
    drawn = plots(outcome)
    for name, file in DRAWN.items():
        (ROOT / "docs" / file).write_text(drawn[name].text, encoding="utf-8")
    publish(
        "hallucination",
        figures(outcome),
        shown,
        data=[],
        code=["src/openbook/weights/support"],
        seeds=range(PLAN.seeds),
        versions={"torch": metadata.version("torch")},
        note=f"{PLAN.people} people a world, {PLAN.samples} samples of each question. One thread.",
    )


if __name__ == "__main__":
    main()
