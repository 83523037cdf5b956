"""The outcome as tables, plots, one page and JSON."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from openbook.evaluate.calibration import calibration_bins
from openbook.labs.discriminative_generative.advice import advice
from openbook.labs.discriminative_generative.crossover import Advantage
from openbook.labs.discriminative_generative.outcome import BINS, Outcome, mean
from openbook.report.files import write_whole
from openbook.report.lines import line_plot
from openbook.report.markup import markdown
from openbook.report.page import Section, page
from openbook.report.series import Series
from openbook.report.svg import Svg
from openbook.report.tables import Column, Table

TITLE = "Discriminative or generative"


def tables(outcome: Outcome) -> dict[str, Table]:
    """By a short name: accuracy, difference, confidence, unfamiliar, prior, cost."""
    found = {
        "accuracy": _accuracy(outcome),
        "difference": _difference(outcome),
        "confidence": _confidence(outcome),
        "unfamiliar": _unfamiliar(outcome),
        "prior": _prior(outcome),
        "cost": _cost(outcome),
    }
    return {name: table for name, table in found.items() if table.rows}


def plots(outcome: Outcome) -> dict[str, Svg]:
    """By a short name: accuracy, confidence, reliability."""
    sizes = [float(size) for size in outcome.sizes]
    accuracy: list[Series] = []
    errors: list[Series] = []
    reliability: list[Series] = [Series("as stated", [0.0, 1.0], [0.0, 1.0])]
    for method in outcome.methods:
        measured = outcome.measured[method.name]
        spreads = [measured[size].accuracy for size in outcome.sizes]
        low, high = zip(*(spread.interval() for spread in spreads), strict=True)
        accuracy.append(Series(method.name, sizes, [spread.value for spread in spreads], low, high))
        errors.append(Series(method.name, sizes, [mean(measured[size].calibration_errors) for size in outcome.sizes]))
        last = measured[outcome.sizes[-1]]
        bins = calibration_bins(last.confidence.ravel(), last.right.ravel(), bins=10)
        reliability.append(Series(method.name, [b.confidence for b in bins], [b.correct for b in bins]))
    log = len(sizes) > 1
    labels = "labels to train on"
    most = f"{outcome.sizes[-1]:,} labels"
    return {
        "accuracy": line_plot(
            f"Accuracy on {outcome.name}", accuracy, x_label=labels, y_label="share right", log_x=log
        ),
        "confidence": line_plot(
            f"How far confidence is off on {outcome.name}",
            errors,
            x_label=labels,
            y_label="expected calibration error",
            log_x=log,
            y_range=(0.0, 0.1),
        ),
        "reliability": line_plot(
            f"Confidence and what comes of it, {most}",
            reliability,
            x_label="confidence",
            y_label="share right",
            y_range=(0.0, 1.0),
        ),
    }


def written(outcome: Outcome) -> list[str]:
    """A line for each text that the language model wrote."""
    return [f"{label}: {text or '(nothing)'}" for label, texts in outcome.beyond.written.items() for text in texts]


def html(outcome: Outcome) -> str:
    """One page with everything."""
    shown, drawn = tables(outcome), plots(outcome)
    sections = [
        Section("Which to use when", [*([f"Left out: {outcome.left_out}."] if outcome.left_out else []), *advice(outcome)]),
        Section("Accuracy", [drawn["accuracy"], shown["accuracy"], shown["difference"]]),
        Section("Confidence", [drawn["confidence"], drawn["reliability"], shown["confidence"]]),
    ]
    if "unfamiliar" in shown:
        sections.append(Section("Unfamiliar texts", [shown["unfamiliar"]]))
    if "prior" in shown:
        sections.append(Section("Changed shares of the classes", [shown["prior"]]))
    if outcome.beyond.written:
        told = "Drawn from P(x|y) by the class-conditional LM of the first sample, at temperature 1, as they came:"
        sections.append(Section("Texts written", [told, *written(outcome)]))
    sections.append(Section("Cost", [shown["cost"]]))
    return page(f"{TITLE}: {outcome.name}", sections)


def as_json(outcome: Outcome) -> dict[str, Any]:
    """Everything as plain values."""
    return {
        "data": outcome.name,
        "classes": list(outcome.classes),
        "sizes": list(outcome.sizes),
        "seeds": outcome.seeds,
        "test_texts": outcome.tested,
        "commonest_class": outcome.commonest,
        "left_out": outcome.left_out,
        "methods": {
            method.name: {
                "kind": method.kind,
                "sizes": {
                    str(size): {
                        "accuracy": spread.value,
                        "interval": list(spread.interval()),
                        "by_seed": [float(row.mean()) for row in measured.right],
                        "calibration_error": measured.calibration_errors,
                        "settings": [dict(one) for one in measured.settings],
                        "seconds": list(measured.seconds),
                    }
                    for size in outcome.sizes
                    for measured in [outcome.measured[method.name][size]]
                    for spread in [measured.accuracy]
                },
            }
            for method in outcome.methods
        },
        "pairs": [
            {
                "discriminative": one,
                "generative": other,
                "differences": [
                    {
                        "size": a.size,
                        "value": a.value,
                        "interval": [a.low, a.high],
                        "all_sizes": list(a.sure),
                        "better": a.better,
                    }
                    for a in outcome.advantages(one, other)
                ],
                "verdict": {"kind": verdict.kind, "size": verdict.size, "sentence": verdict.sentence},
            }
            for one, other in outcome.pairs
            for verdict in [outcome.verdict(one, other)]
        ],
        "unfamiliar": {s: {k: list(v) for k, v in kinds.items()} for s, kinds in outcome.beyond.unfamiliar.items()},
        "prior": {name: [list(pair) for pair in pairs] for name, pairs in outcome.beyond.prior.items()},
        "written": {label: list(texts) for label, texts in outcome.beyond.written.items()},
        "recognised": list(outcome.beyond.recognised),
        "advice": advice(outcome),
    }


def write(folder: Path, outcome: Outcome, json_text: str) -> list[Path]:
    """Tables, plots, page and JSON into a folder, each whole or not at all."""
    files = {
        "report.html": html(outcome),
        "tables.md": "\n\n".join(map(markdown, tables(outcome).values())) + "\n",
        "result.json": json_text,
        **{f"{name}.svg": drawn.text for name, drawn in plots(outcome).items()},
    }
    for name, text in files.items():
        write_whole(folder / name, text)
    return [folder / name for name in files]


def _accuracy(outcome: Outcome) -> Table:
    rows = [
        (f"{size:,}", *(_interval(outcome.measured[m.name][size].accuracy) for m in outcome.methods))
        for size in outcome.sizes
    ]
    told = f"{outcome.tested:,} test texts, {outcome.seeds} training samples of each size"
    return Table(
        f"Accuracy on {outcome.name}",
        _columns("labels", *(m.name for m in outcome.methods)),
        tuple(rows),
        f"{told}. 95% crossed bootstrap over both. The commonest class alone is right in {outcome.commonest:.2f}.",
    )


def _difference(outcome: Outcome) -> Table:
    compared = [outcome.advantages(*pair) for pair in outcome.pairs]
    rows = [
        (f"{size:,}", *(_signed(found[i]) for found in compared)) for i, size in enumerate(outcome.sizes)
    ]
    return Table(
        f"Discriminative less generative on {outcome.name}",
        _columns("labels", *(f"{one} less {other}" for one, other in outcome.pairs)),
        tuple(rows),
        "Difference in accuracy, 95% crossed bootstrap. * excludes 0 at all sizes together (95%, Bonferroni).",
    )


def _confidence(outcome: Outcome) -> Table:
    rows = [
        (f"{size:,}", *(_range(outcome.measured[m.name][size].calibration_errors) for m in outcome.methods))
        for size in outcome.sizes
    ]
    return Table(
        f"Expected calibration error on {outcome.name}",
        _columns("labels", *(m.name for m in outcome.methods)),
        tuple(rows),
        f"{BINS} bins of equal count. Mean over the training samples, and their least and most.",
    )


def _unfamiliar(outcome: Outcome) -> Table:
    kinds = list(next(iter(outcome.beyond.unfamiliar.values()), {}))
    rows = [
        (score, *(_range(found[kind], 2) for kind in kinds)) for score, found in outcome.beyond.unfamiliar.items()
    ]
    return Table(
        f"Unfamiliar texts noticed on {outcome.name}",
        _columns("score", *kinds),
        tuple(rows),
        f"AUROC, test texts against these, {outcome.sizes[-1]:,} labels: 1 tells all apart, 0.5 none, below 0.5 takes "
        "them for more familiar. Mean over the training samples, and their least and most.",
    )


def _prior(outcome: Outcome) -> Table:
    rows = [
        (name, f"{mean([b for b, _ in pairs]):.3f}", f"{mean([a for _, a in pairs]):.3f}")
        for name, pairs in outcome.beyond.prior.items()
    ]
    return Table(
        f"One class at 80% on {outcome.name}",
        _columns("", "prior as trained", "new prior put in"),
        tuple(rows),
        f"Accuracy with {outcome.sizes[-1]:,} labels, the mean over the class favoured. Nothing is trained again.",
    )


def _cost(outcome: Outcome) -> Table:
    rows = [
        (m.name, *(f"{mean(outcome.measured[m.name][size].seconds):.1f}" for size in outcome.sizes))
        for m in outcome.methods
    ]
    return Table(
        f"Seconds to fit on {outcome.name}",
        _columns("labels", *(f"{size:,}" for size in outcome.sizes)),
        tuple(rows),
        "Processor time, all settings that were tried included; mean over the training samples.",
    )


def _columns(first: str, *others: str) -> tuple[Column, ...]:
    return (Column(first), *(Column(name, "right") for name in others))


def _interval(spread: Any) -> str:
    low, high = spread.interval()
    return f"{spread.value:.2f} ({low:.2f}–{high:.2f})".replace("(0.", "(.").replace("–0.", "–.")


def _signed(found: Advantage) -> str:
    star = "*" if found.better != "neither" else " "
    return f"{found.value:+.3f} ({found.low:+.3f} to {found.high:+.3f}) {star}".rstrip()


def _range(values: Sequence[float], digits: int = 3) -> str:
    low, high = (f"{bound:.{digits}f}".removeprefix("0") for bound in (np.min(values), np.max(values)))
    shown = f"{mean(values):.{digits}f}"
    return shown if len(values) == 1 else f"{shown} ({low}–{high})"
