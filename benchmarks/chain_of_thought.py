"""When do intermediate steps help, and what do votes add for their tokens: the lab of the same name, in full.

All problems are made here, so that the truth is known; no file is read. The models of answers alone and of steps are
trained again from other seeds, to see how much hangs on one training. Writes evidence/chain_of_thought.json and two
plots in docs/. Run: python -m benchmarks.chain_of_thought
"""

import sys
from collections.abc import Mapping
from dataclasses import replace
from importlib import metadata

from benchmarks.data import ROOT
from benchmarks.publish import columns, publish
from openbook.labs.chain_of_thought.advice import advice
from openbook.labs.chain_of_thought.experiment import Plan, Right, by_operations, run
from openbook.labs.chain_of_thought.outcome import Outcome, against_steps, share
from openbook.labs.chain_of_thought.plots import plots
from openbook.labs.chain_of_thought.tables import interval, tables
from openbook.report.record import Figure
from openbook.report.tables import Column, Table

PLAN = Plan()
SEEDS = (0, 1, 2)
SHOWN = (2, 4, 6)
DRAWN = {"steps": "chain-of-thought.svg", "spent": "chain-of-thought-spent.svg"}


def figures(outcome: Outcome) -> list[Figure]:
    """The share right at every number of operations and by every strategy, with tokens, and the models' size."""
    found: list[Figure] = []
    for name, rights in (("answer alone", outcome.direct), ("with steps", outcome.worked)):
        for k, right in rights.items():
            one = share(right)
            found.append(Figure(f"{name}, {k} operations: right", one.value, "", one.low, one.high, one.n))
    compared = against_steps(outcome)
    for way, tried in outcome.ways.items():
        one = share(tried.right)
        note = f"p = {compared[way].p:.4f} after Holm against one chain of thought" if way in compared else ""
        found.append(Figure(f"{way.shown}: right", one.value, "", one.low, one.high, one.n, note))
        found.append(Figure(f"{way.shown}: tokens", tried.tokens, "tokens", n=one.n))
    found.append(Figure("weights of a model", outcome.weights))
    found.append(Figure("tokens of training", outcome.tokens))
    return found


def again(found: Mapping[int, tuple[Right, Right]]) -> Table:
    """The two models of each seed at a few numbers of operations."""
    rows = tuple(
        (f"{name}, seed {seed}", *(interval(share(own[kind][k])) for k in SHOWN))
        for kind, name in enumerate(("answer alone", "with steps"))
        for seed, own in found.items()
    )
    note = "The share right of problems kept from training; each seed has its own model and problems. Wilson's 95%."
    return Table("Trained again", columns("trained on", *(f"{k} operations" for k in SHOWN)), rows, note)


def main() -> None:
    def told(done: float, what: str) -> None:
        print(f"{done:4.0%} {what}", file=sys.stderr)

    outcome = run(PLAN, told)
    others = {seed: by_operations(replace(PLAN, seed=seed), told)[1] for seed in SEEDS[1:]}
    made = tables(outcome)
    made["again"] = again({SEEDS[0]: (outcome.direct, outcome.worked), **others})
    made["advice"] = Table("What was found", (Column("by these figures"),), tuple((line,) for line in advice(outcome)))
    drawn = plots(outcome)
    for name, file in DRAWN.items():
        (ROOT / "docs" / file).write_text(drawn[name].text, encoding="utf-8")
    publish(
        "chain_of_thought",
        figures(outcome),
        made,
        data=[],
        code=[
            "src/openbook/labs/chain_of_thought",
            "src/openbook/generate/reasoning",
            "src/openbook/generate/local.py",
            "src/openbook/generate/samples.py",
            "src/openbook/generate/sampling.py",
            "src/openbook/model",
            "src/openbook/train/loss.py",
            "src/openbook/train/optimise.py",
            "src/openbook/train/muon.py",
        ],
        seeds=SEEDS,
        versions={"torch": metadata.version("torch")},
        note=f"{PLAN.tried} problems by every strategy, {PLAN.questions} at most a number of operations. One thread.",
    )


if __name__ == "__main__":
    main()
