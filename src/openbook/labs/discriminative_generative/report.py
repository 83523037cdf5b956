"""The outcome as one page, as JSON, and as a folder of both with its tables and plots."""

from pathlib import Path
from typing import Any

from openbook.labs.discriminative_generative.advice import advice
from openbook.labs.discriminative_generative.outcome import Outcome
from openbook.labs.discriminative_generative.plots import plots
from openbook.labs.discriminative_generative.tables import tables
from openbook.labs.report_folder import write_report
from openbook.report.page import Section, page

TITLE = "Discriminative or generative"


def written(outcome: Outcome) -> list[str]:
    """A line for each text that the language model wrote."""
    return [f"{label}: {text or '(nothing)'}" for label, texts in outcome.beyond.written.items() for text in texts]


def html(outcome: Outcome) -> str:
    """One page with everything."""
    shown, drawn = tables(outcome), plots(outcome)
    sections = [
        Section(
            "Which to use when", [*([f"Left out: {outcome.left_out}."] if outcome.left_out else []), *advice(outcome)]
        ),
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
    return write_report(folder, html(outcome), tables(outcome), plots(outcome), json_text)
