"""The bake-off at 124M parameters on a GPU: what each method reaches, and how much of its time drawing replies takes.

The recipe of ``align_compare`` with a policy of GPT-2's size, made here from the same demonstrations, half the budget,
one reward model and no case that is hacked on purpose. Writes evidence/align_gpu.json.
Run, where there is a GPU: python -m benchmarks.align_gpu [--folder FOLDER]
"""

import argparse
import sys
from dataclasses import dataclass, replace
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
from openbook.align.compare.outcome import Climb, interval, mean
from openbook.align.compare.recipe import CompareRecipe
from openbook.align.compare.tables import tables
from openbook.align.sft_recipe import SftRecipe
from openbook.report.record import Figure
from openbook.report.tables import Table
from openbook.train.finetune_recipe import Base
from openbook.train.metrics import Metrics
from openbook.train.watch import Watch

BASE = ROOT / "recipes" / "facts-sft.toml"
RATE = {"rejection": 5e-5, "dpo": 2e-5, "ipo": 2e-5, "ppo": 2e-5, "grpo": 2e-5}


@dataclass(frozen=True, slots=True)
class Extent:
    """base: what is set otherwise in the recipe of the policy. prompts, steps: of the proxy. replies: the budget."""

    base: tuple[str, ...]
    prompts: int
    steps: int
    replies: int


WHOLE = Extent(
    ("model.layers=12", "model.width=928", "model.heads=16", "optimiser.rate=1e-3", "train.steps=300"),
    prompts=1500,
    steps=250,
    replies=3200,
)
TRIED = Extent(
    ("model.layers=2", "model.width=64", "train.steps=20", "schedule.warmup=2"), prompts=40, steps=5, replies=64
)


def begun(extent: Extent, folder: Path) -> tuple[Path, int]:
    """The supervised policy's folder, and how many parameters it has."""
    kept = ["out.evaluate_every=0", "out.checkpoint_every=0", f"out.folder={folder}"]
    plans: list[sft.SftPlan] = []
    watch = Watch(lambda _: None, lambda _: None, lambda _: None)
    found = sft.run(recipes.read(BASE, SftRecipe, [*extent.base, *kept]), watch, plans.append)
    print(f"the base: {plans[0].parameters:,} parameters, {found.measured}", file=sys.stderr, flush=True)
    return found.model, plans[0].parameters


def wanted(extent: Extent, base: Path, folder: Path) -> CompareRecipe:
    """The recipe of ``align_compare`` for this policy and extent."""
    asked = recipes.read(RECIPE, CompareRecipe)
    return replace(
        asked,
        base=Base(str(base)),
        out=replace(asked.out, folder=str(folder)),
        hacking=None,
        annotators=replace(asked.annotators, prompts=extent.prompts),
        proxy=replace(asked.proxy, members=1, steps=extent.steps, rate=asked.proxy.rate / 6),
        budget=replace(asked.budget, replies=extent.replies),
        measure=replace(asked.measure, checkpoints=2, draws=16, best_of=16),
        **{name: replace(getattr(asked, name), rate=rate) for name, rate in RATE.items()},
    )


def drawing(climb: Climb, folder: Path) -> float | None:
    """The share of its steps' time that drawing replies took; None for a method that draws none as it learns."""
    (path,) = folder.glob(f"{climb.name}-*/run/metrics.jsonl")
    shares = [row["drawing"] for row in Metrics(path).rows() if "drawing" in row]
    return mean(tuple(shares)) if shares else None


def figures_of(climb: Climb, share: float | None) -> list[Figure]:
    true = interval(climb.end.measured.rewards["true"])
    figures = [
        Figure(f"{climb.name}: true reward", true.value, "", true.low, true.high, true.n),
        Figure(f"{climb.name}: training", climb.end.seconds, "s"),
    ]
    if share is not None:
        figures.append(Figure(f"{climb.name}: share of time that drawing takes", share, text=f"{share:.0%}"))
    return figures


def row_of(climb: Climb, share: float | None) -> tuple[str, ...]:
    end = climb.end
    true, wins = (spanned(interval(values)) for values in (end.measured.rewards["true"], end.measured.wins))
    rate = f"{end.replies / end.seconds:.0f}"
    return (climb.name, f"{end.kl:.1f}", true, wins, f"{end.seconds:.0f}", rate, dash(share))


def dash(share: float | None) -> str:
    return "–" if share is None else f"{share:.0%}"


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--folder", type=Path, default=ROOT / "runs" / "align-gpu")
    parser.add_argument("--try", dest="tried", action="store_true", help="a small policy and budget, not published")
    given = parser.parse_args()
    if not torch.cuda.is_available() and not given.tried:
        sys.exit("align_gpu: there is no GPU here, and this takes hours without one")
    extent, compared = TRIED if given.tried else WHOLE, given.folder / "compare"
    base, parameters = begun(extent, given.folder / "base")
    outcome = compare(
        wanted(extent, base, compared),
        lambda share, what: print(f"{share:4.0%} {what}", file=sys.stderr, flush=True),
    )
    shares = [drawing(climb, compared) for climb in outcome.climbs]
    pairs = list(zip(outcome.climbs, shares, strict=True))
    where = torch.cuda.get_device_name() if torch.cuda.is_available() else "CPU"
    start = spanned(interval(outcome.supervised.rewards["true"]))
    table = Table(
        f"The bake-off at {parameters / 1e6:.0f}M parameters",
        columns("method", "KL", "true reward", "wins", "s", "replies/s", "drawing"),
        tuple(row_of(climb, share) for climb, share in pairs),
        f"On one {where}, FP32. True reward, in standard deviations of the supervised policy's, which has {start}; "
        "wins against it by the true reward; drawing: share of a step's time that is spent drawing replies. "
        f"{extent.replies:,} replies each. Bootstrap over problems, 95%.",
    )
    publish(
        "align_gpu",
        [
            Figure("parameters", parameters, text=f"{parameters / 1e6:.0f}M"),
            *(figure for climb, share in pairs for figure in figures_of(climb, share)),
        ],
        {"methods": table, **{name: tables(outcome)[name] for name in ("judges", "best_of")}},
        data=["recipes/compare.toml", "recipes/facts-sft.toml"],
        code=["src/openbook/align", "src/openbook/model"],
        versions={"torch": metadata.version("torch")},
        note=f"On {where}.",
        folder=None if given.tried else EVIDENCE,
    )


if __name__ == "__main__":
    main()
