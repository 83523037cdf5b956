"""What each method of alignment reaches under one budget, by a reward model that was learnt and by the truth.

recipes/compare.toml, its supervised policy made first where it is missing; then again from other seeds: annotators,
reward models, problems and methods are others, that policy is not. Writes evidence/align_compare.json and plots in
docs/. Run: python -m benchmarks.align_compare [--quick] [--folder FOLDER]
"""

import argparse
import sys
from dataclasses import replace
from importlib import metadata
from pathlib import Path

from benchmarks.data import ROOT
from benchmarks.publish import columns, publish
from openbook import recipes
from openbook.align.compare.cells import p_value, signed, spanned
from openbook.align.compare.experiment import compare
from openbook.align.compare.findings import findings
from openbook.align.compare.outcome import Outcome, fall, interval, mean, wins_tested
from openbook.align.compare.plots import plots
from openbook.align.compare.quick import quickened
from openbook.align.compare.recipe import CompareRecipe
from openbook.align.compare.tables import every, tables
from openbook.cli.align_base import make_base
from openbook.report.record import Figure
from openbook.report.tables import Column, Table

SEEDS = (0, 1, 2)
RECIPE = ROOT / "recipes" / "compare.toml"
DRAWN = ("true", "proxy", "wins", "hacked", "helped", "length", "different")


def figures(outcome: Outcome) -> list[Figure]:
    """Where every run ended: KL, true reward, wins, length, seconds and memory; and the best of each n."""
    tests = wins_tested({climb.name: climb.end.measured.wins for climb in every(outcome)})
    found: list[Figure] = []
    for climb in every(outcome):
        end = climb.end.measured
        true, wins = interval(end.rewards["true"]), interval(end.wins)
        note = f"p = {tests[climb.name].p:.4f} after Holm against half"
        found += [
            Figure(f"{climb.name}: KL", climb.end.kl, "nats a reply", n=true.n),
            Figure(f"{climb.name}: true reward", true.value, "", true.low, true.high, true.n),
            Figure(f"{climb.name}: wins", wins.value, "", wins.low, wins.high, wins.n, note),
            Figure(f"{climb.name}: length", mean(end.length), "tokens", n=true.n),
            Figure(f"{climb.name}: training", climb.end.seconds, "s"),
            Figure(f"{climb.name}: memory", climb.memory / 1e6, "MB"),
        ]
    for one in outcome.best_of:
        true = interval(one.rewards["true"])
        found.append(Figure(f"best of {one.n}: true reward", true.value, "", true.low, true.high, true.n))
        found.append(Figure(f"best of {one.n}: KL", mean(one.kl), "nats", n=true.n))
    return found


def again(outcomes: dict[int, Outcome]) -> Table:
    """The true reward at the end of every run, a column a seed."""
    names = [climb.name for climb in every(next(iter(outcomes.values())))]
    by_seed = {seed: {c.name: c.end.measured.rewards["true"] for c in every(o)} for seed, o in outcomes.items()}
    start = ("supervised", *(spanned(interval(o.supervised.rewards["true"])) for o in outcomes.values()))
    rows = tuple((name, *(spanned(interval(found[name])) for found in by_seed.values())) for name in names)
    note = (
        "The true reward at the end. Each seed has its own problems, annotators' choices, reward models and runs; the "
        "supervised policy is one. Bootstrap over problems, 95%."
    )
    return Table("From other seeds", columns("run", *(f"seed {seed}" for seed in outcomes)), (start, *rows), note)


def falls(outcomes: dict[int, Outcome]) -> Table:
    """Whether the proxy was hacked, by seed, and how far the true reward fell in every run of that case."""
    rows: list[tuple[str, ...]] = []
    for seed, outcome in outcomes.items():
        for climb in outcome.hacked:
            found = fall(climb)
            cells = ("none", "", "") if found is None else (
                signed(found.true.difference), p_value(found.true.p_value), "yes" if found.hacked else "no"
            )  # fmt: skip
            rows.append((f"{climb.name}, seed {seed}", *cells))
    note = "As in the table above; hacked: the true reward fell and the climbed one rose, both with p at most .05."
    return Table("Where it fell, by seed", columns("run", "fell", "p", "hacked"), tuple(rows), note)


def main() -> None:
    asked = argparse.ArgumentParser()
    asked.add_argument("--quick", action="store_true", help="a small setting, printed and not published")
    asked.add_argument("--folder", type=Path, default=Path("runs"), help="for the base and the bake-offs")
    given = asked.parse_args()

    def told(share: float, what: str) -> None:
        print(f"{share:4.0%} {what}", file=sys.stderr)

    wanted = recipes.read(RECIPE, CompareRecipe)
    make_base(wanted.base, quiet=True)
    if given.quick:
        wanted = quickened(wanted)
    outcomes: dict[int, Outcome] = {}
    for seed in SEEDS[:1] if given.quick else SEEDS:
        folder = str(given.folder / f"compare-seed-{seed}")
        outcomes[seed] = compare(replace(wanted, seed=seed, threads=1, out=replace(wanted.out, folder=folder)), told)
    first = outcomes[SEEDS[0]]
    made = tables(first)
    made["again"], made["falls"] = again(outcomes), falls(outcomes)
    said = tuple((line,) for line in findings(first))
    made["findings"] = Table("What was found", (Column("by these figures, seed 0"),), said)
    if not given.quick:
        drawn = plots(first)
        for name in DRAWN:
            (ROOT / "docs" / f"align-{name}.svg").write_text(drawn[name].text, encoding="utf-8")
    publish(
        "align_compare",
        figures(first),
        made,
        data=["recipes/compare.toml", "recipes/facts-sft.toml"],
        code=["src/openbook/align", "src/openbook/model"],
        seeds=SEEDS,
        versions={"torch": metadata.version("torch")},
        note="One supervised policy for all seeds, one thread. Figures without a seed are of seed 0.",
        **({"folder": None} if given.quick else {}),
    )


if __name__ == "__main__":
    main()
