"""P(y|x) or P(x|y) and P(y): the lab of the same name on TREC's question types and on sentence polarity.

Each dataset's texts are the unfamiliar ones of the other. Nothing in either file tells which rows share a source (a
review, a writer), so texts are drawn one by one; rows that repeat a text are dropped before any cut. Settings are
chosen inside each training sample. Writes evidence/discriminative_generative.json and a plot in docs/.
Run: python -m benchmarks.discriminative_generative
"""

import sys
from dataclasses import replace
from importlib import metadata

from benchmarks.data import ROOT, data_file
from benchmarks.publish import publish
from openbook.labs.discriminative_generative.advice import advice
from openbook.labs.discriminative_generative.experiment import Plan, run
from openbook.labs.discriminative_generative.outcome import Outcome, mean
from openbook.labs.discriminative_generative.plots import plots
from openbook.labs.discriminative_generative.report import written
from openbook.labs.discriminative_generative.tables import tables
from openbook.labs.labelled import read_labelled
from openbook.report.record import Figure
from openbook.report.tables import Column, Table

SEEDS = 3
DATA = {
    "TREC": ("classify/trec_train.jsonl.gz", "coarse"),
    "sentence polarity": ("classify/sentence_polarity_train.jsonl.gz", "label"),
}
PLOT = ROOT / "docs" / "discriminative-generative.svg"


def figures(name: str, outcome: Outcome) -> list[Figure]:
    """Accuracy at every size, the difference of each pair, calibration and what only the generative one does."""
    found: list[Figure] = []
    for method in outcome.methods:
        for size in outcome.sizes:
            measured = outcome.measured[method.name][size]
            low, high = measured.accuracy.interval()
            at = f"{name}, {method.name}, {size} labels"
            found.append(Figure(f"{at}: accuracy", measured.accuracy.value, low=low, high=high, n=outcome.tested))
            found.append(Figure(f"{at}: calibration error", mean(measured.calibration_errors), n=outcome.tested))
    for one, other in outcome.pairs:
        for a in outcome.advantages(one, other):
            label = f"{name}, {one} less {other}, {a.size} labels"
            found.append(Figure(label, a.value, low=a.low, high=a.high, n=outcome.tested, note=a.better))
        verdict = outcome.verdict(one, other)
        label = f"{name}, {one} and {other}: crossover"
        found.append(Figure(label, verdict.size if verdict.kind == "crossover" else 0, note=verdict.sentence))
    for score, kinds in outcome.beyond.unfamiliar.items():
        found += [Figure(f"{name}, {kind} by {score}: AUROC", mean(values)) for kind, values in kinds.items()]
    found.append(Figure(f"{name}, written texts recognised", mean(outcome.beyond.recognised)))
    return found


def main() -> None:
    read = {
        name: replace(read_labelled(data_file(file), "text", field), name=name) for name, (file, field) in DATA.items()
    }
    all_figures: list[Figure] = []
    all_tables: dict[str, Table] = {}
    for name, data in read.items():
        other = next(label for label in read if label != name)

        def told(share: float, what: str, name: str = name) -> None:
            print(f"{name}: {share:4.0%} {what}", file=sys.stderr)

        outcome = run(data, Plan(seeds=SEEDS), outside=(f"texts of {other}", read[other].texts), on_step=told)
        all_figures += figures(name, outcome)
        all_tables |= {f"{name} {kind}": table for kind, table in tables(outcome).items()}
        lines = tuple((line,) for line in advice(outcome))
        all_tables[f"{name} advice"] = Table(f"Which to use when, by {name}", (Column("by these figures"),), lines)
        samples = tuple((line,) for line in written(outcome))
        all_tables[f"{name} written"] = Table(f"Drawn from P(x|y) on {name}", (Column("as they came"),), samples)
        if name == "TREC":
            PLOT.write_text(plots(outcome)["accuracy"].text, encoding="utf-8")
    publish(
        "discriminative_generative",
        all_figures,
        all_tables,
        data=[file for file, _ in DATA.values()],
        code=[],
        seeds=range(SEEDS),
        versions={"torch": metadata.version("torch")},
        note="Test texts are a development cut of the published training files. One thread.",
    )


if __name__ == "__main__":
    main()
