"""The bake-off at 124M parameters on a GPU: what each method reaches, and how much of its time drawing replies takes.

The recipe of ``align_compare`` with a policy of GPT-2's size, made here from the same demonstrations, half the budget,
one reward model and no case that is hacked on purpose. Writes evidence/align_gpu.json.
Run, where there is a GPU: python -m benchmarks.align_gpu [--folder FOLDER]
"""

import argparse
import sys
from dataclasses import replace
from importlib import metadata
from pathlib import Path

import torch

from benchmarks.align_compare import RECIPE
from benchmarks.data import EVIDENCE, ROOT
from benchmarks.publish import columns, publish
from openbook import recipes
from openbook.align import sft
from openbook.align.compare.cells import spanned
from openbook.align.compare.experiment import compare
from openbook.align.compare.outcome import interval, mean
from openbook.align.compare.recipe import CompareRecipe
from openbook.align.compare.tables import tables
from openbook.align.sft_recipe import SftRecipe
from openbook.report.record import Figure
from openbook.report.tables import Table
from openbook.train.finetune_recipe import Base
from openbook.train.metrics import Metrics
from openbook.train.watch import Watch

BASE = ROOT / "recipes" / "facts-sft.toml"
SHAPE = ["model.layers=12", "model.width=928", "model.heads=16"]
LEARNT = ["optimiser.rate=1e-3", "train.steps=300", "out.evaluate_every=0", "out.checkpoint_every=0"]
REPLIES, STEPS, PROMPTS = 3200, 250, 1500
RATE = {"rejection": 5e-5, "dpo": 2e-5, "ipo": 2e-5, "ppo": 2e-5, "grpo": 2e-5}


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--folder", type=Path, default=ROOT / "runs" / "align-gpu")
    parser.add_argument("--try", dest="tried", action="store_true", help="a small policy and budget, not published")
    given = parser.parse_args()
    if not torch.cuda.is_available() and not given.tried:
        sys.exit("align_gpu: there is no GPU here, and this takes hours without one")
    shape = ["model.layers=2", "model.width=64", "train.steps=20", "schedule.warmup=2"] if given.tried else SHAPE
    learnt = LEARNT[2:] if given.tried else LEARNT
    base = recipes.read(BASE, SftRecipe, [*learnt, *shape, f"out.folder={given.folder / 'base'}"])
    plans: list[sft.SftPlan] = []
    begun = sft.run(base, Watch(lambda _: None, lambda _: None, lambda _: None), plans.append)
    parameters = plans[0].parameters
    print(f"the base: {parameters:,} parameters, {begun.measured}", file=sys.stderr, flush=True)
    asked = recipes.read(RECIPE, CompareRecipe)
    budget = 64 if given.tried else REPLIES
    wanted = replace(
        asked,
        base=Base(str(begun.model)),
        out=replace(asked.out, folder=str(given.folder / "compare")),
        hacking=None,
        annotators=replace(asked.annotators, prompts=40 if given.tried else PROMPTS),
        proxy=replace(asked.proxy, members=1, steps=5 if given.tried else STEPS, rate=asked.proxy.rate / 6),
        budget=replace(asked.budget, replies=budget),
        measure=replace(asked.measure, checkpoints=2, draws=16, best_of=16),
        **{name: replace(getattr(asked, name), rate=rate) for name, rate in RATE.items()},
    )
    outcome = compare(wanted, lambda share, what: print(f"{share:4.0%} {what}", file=sys.stderr, flush=True))
    figures = [Figure("parameters", parameters, text=f"{parameters / 1e6:.0f}M")]
    rows: list[tuple[str, ...]] = []
    for climb in outcome.climbs:
        (path,) = Path(wanted.out.folder).glob(f"{climb.name}-*/run/metrics.jsonl")
        shares = [row["drawing"] for row in Metrics(path).rows() if "drawing" in row]
        drawing = mean(tuple(shares)) if shares else None
        end = climb.end.measured
        true = interval(end.rewards["true"])
        figures += [
            Figure(f"{climb.name}: true reward", true.value, "", true.low, true.high, true.n),
            Figure(f"{climb.name}: training", climb.end.seconds, "s"),
        ]
        if drawing is not None:
            figures.append(Figure(f"{climb.name}: share of time that drawing takes", drawing, text=f"{drawing:.0%}"))
        rate = climb.end.replies / climb.end.seconds
        share = "–" if drawing is None else f"{drawing:.0%}"
        wins = spanned(interval(end.wins))
        cells = (f"{climb.end.kl:.1f}", spanned(true), wins, f"{climb.end.seconds:.0f}", f"{rate:.0f}", share)
        rows.append((climb.name, *cells))
    start = interval(outcome.supervised.rewards["true"])
    where = torch.cuda.get_device_name() if torch.cuda.is_available() else "CPU"
    table = Table(
        f"The bake-off at {parameters / 1e6:.0f}M parameters",
        columns("method", "KL", "true reward", "wins", "s", "replies/s", "drawing"),
        tuple(rows),
        f"On one {where}, FP32. True reward, in standard deviations of the supervised policy's, which has "
        f"{spanned(start)}; wins against it by the true reward; drawing: share of a step's time that is spent drawing "
        f"replies. {budget:,} replies each. Bootstrap over problems, 95%.",
    )
    publish(
        "align_gpu",
        figures,
        {"methods": table, **{name: tables(outcome)[name] for name in ("judges", "best_of")}},
        data=["recipes/compare.toml", "recipes/facts-sft.toml"],
        code=["src/openbook/align", "src/openbook/model"],
        versions={"torch": metadata.version("torch")},
        note=f"On {where}.",
        folder=None if given.tried else EVIDENCE,
    )


if __name__ == "__main__":
    main()
