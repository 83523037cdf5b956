"""When do intermediate steps help, and what do votes, a reward model and self-correction add for their tokens: the lab
of the same name, in full.

All problems are made here, so that the truth is known; no file is read. The models of steps, plain and mended, are
trained again from other seeds, to see how much hangs on one training. Writes evidence/chain_of_thought.json and two
plots in docs/. Run: python -m benchmarks.chain_of_thought
"""

import argparse
import sys
import time
from collections.abc import Mapping
from dataclasses import replace
from hashlib import sha256
from importlib import metadata
from pathlib import Path
from typing import cast

import torch

from benchmarks.data import ROOT
from benchmarks.publish import columns, publish
from openbook.labs.chain_of_thought.advice import advice
from openbook.labs.chain_of_thought.experiment import KINDS, Plan, by_operations, measured
from openbook.labs.chain_of_thought.fit import fitted
from openbook.labs.chain_of_thought.outcome import Outcome, Right, against_drawn, against_steps, of_mends, share
from openbook.labs.chain_of_thought.plots import plots
from openbook.labs.chain_of_thought.report import all_tables
from openbook.labs.chain_of_thought.tables import interval
from openbook.labs.chain_of_thought.words import Kind
from openbook.model import Decoder, checkpoint
from openbook.report.record import Figure
from openbook.report.tables import Column, Table
from openbook.train.whole import whole_folder

PLAN = Plan()
TRAINED_BY = ("fit.py", "task.py", "words.py")
LAB = ROOT / "src" / "openbook" / "labs" / "chain_of_thought"
SEEDS = (0, 1, 2)
SHOWN = (2, 4, 6)
AGAIN: tuple[tuple[Kind, str], ...] = (("steps", "with steps"), ("mends", "steps that are mended"))
DRAWN = {"steps": "chain-of-thought.svg", "spent": "chain-of-thought-spent.svg"}


def figures(outcome: Outcome) -> list[Figure]:
    """The share right at every number of operations and by every strategy, with tokens, and the models' size."""
    found: list[Figure] = []
    for name, rights in (
        ("answer alone", outcome.direct),
        ("with steps", outcome.worked),
        ("steps that are mended", outcome.mended),
    ):
        for k, right in rights.items():
            one = share(right)
            found.append(Figure(f"{name}, {k} operations: right", one.value, "", one.low, one.high, one.n))
    compared, drawn = against_steps(outcome), against_drawn(outcome)
    for way, tried in outcome.ways.items():
        one = share(tried.right)
        note = f"p = {compared[way].p:.4f} after Holm against one chain of thought" if way in compared else ""
        note += f"; p = {drawn[way].p:.4f} against one drawn" if way in drawn else ""
        found.append(Figure(f"{way.shown}: right", one.value, "", one.low, one.high, one.n, note))
        found.append(Figure(f"{way.shown}: tokens", tried.tokens, "tokens", n=one.n))
    preferred = share(outcome.preferred)
    found.append(
        Figure("right text preferred by reward", preferred.value, "", preferred.low, preferred.high, preferred.n)
    )
    for one in of_mends(outcome):
        note = f"p = {one.p:.4f} after Holm"
        found.append(Figure(f"{one.first} less {one.second}", one.difference, note=note))
    for name, seen in outcome.noticed.items():
        found.append(Figure(f"{name}: wrong words", seen.wrong / (seen.right + seen.wrong), n=seen.right + seen.wrong))
        found.append(Figure(f"{name}: wrong words taken back", seen.caught / seen.wrong, n=seen.wrong))
        found.append(Figure(f"{name}: right words taken back", seen.alarms / seen.right, n=seen.right))
    found.append(Figure("pairs that the reward model learnt from", outcome.pairs))
    found.append(Figure("weights of a model", outcome.weights))
    found.append(Figure("tokens of training", outcome.tokens))
    return found


def again(found: Mapping[tuple[str, int], Right]) -> Table:
    """Models of each seed at a few numbers of operations."""
    rows = tuple(
        (f"{name}, seed {seed}", *(interval(share(own[k])) for k in SHOWN)) for (name, seed), own in found.items()
    )
    note = "The share right of problems kept from training; each seed has its own model and problems. Wilson's 95%."
    return Table("Trained again", columns("trained on", *(f"{k} operations" for k in SHOWN)), rows, note)


def trained(kind: Kind, seed: int, kept: Path | None) -> Decoder:
    """Trained now, or by an earlier run that was cut off, where the code, the settings and the seed are the same."""
    of = [PLAN.fitting, kind, seed, *((LAB / name).read_text(encoding="utf-8") for name in TRAINED_BY)]
    folder = kept / f"{kind}-{seed}-{sha256(repr(of).encode()).hexdigest()[:16]}" if kept else None
    if folder is not None and folder.is_dir():
        return cast("Decoder", checkpoint.load(folder, dtype=torch.float32)[0])
    started = time.monotonic()
    model = fitted(PLAN.fitting, kind, seed, lambda _: None)
    print(f"trained on {kind}, seed {seed}: {time.monotonic() - started:.0f} s", file=sys.stderr)
    if folder is not None:
        with whole_folder(folder) as scratch:
            checkpoint.save(scratch, model)
    return model


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kept", type=Path, help="a folder for trained models, so that a run cut off can go on")
    kept = parser.parse_args().kept

    def told(done: float, what: str) -> None:
        print(f"{done:4.0%} {what}", file=sys.stderr)

    models = {(kind, PLAN.seed): trained(kind, PLAN.seed, kept) for kind, _ in KINDS}
    models |= {(kind, seed): trained(kind, seed, kept) for kind, _ in AGAIN for seed in SEEDS if seed != PLAN.seed}
    direct, steps, mends = (models[kind, PLAN.seed] for kind, _ in KINDS)
    outcome = measured(PLAN, (direct, steps, mends), told)
    made = all_tables(outcome)
    made["again"] = again(
        {
            (name, seed): by_operations(replace(PLAN, seed=seed), models[kind, seed], kind, SHOWN)
            for kind, name in AGAIN
            for seed in SEEDS
        }
    )
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
            "src/openbook/align/rollout.py",
            "src/openbook/align/reward_head.py",
            "src/openbook/align/bradley_terry.py",
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
