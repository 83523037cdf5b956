"""The outcome as one page, as JSON, and as a folder of both with its tables and plots."""

from dataclasses import asdict
from pathlib import Path
from typing import Any

from openbook.labs.lost_in_the_middle.advice import advice
from openbook.labs.lost_in_the_middle.outcome import Outcome
from openbook.labs.lost_in_the_middle.plots import plots
from openbook.labs.lost_in_the_middle.tables import tables
from openbook.labs.report_folder import write_report
from openbook.report.page import Section, page

TITLE = "Lost in the middle"


def html(outcome: Outcome) -> str:
    """One page with everything."""
    shown = tables(outcome)
    orders = [table for name, table in shown.items() if name.startswith("orders")]
    sections = [
        Section("What was found", advice(outcome)),
        Section("Every place", [*plots(outcome).values()]),
        Section("Edges and middle", [shown["shape"], shown["longer"], shown["length"]]),
        Section("Orders of a context", orders),
    ]
    return page(TITLE, sections)


def as_json(outcome: Outcome) -> dict[str, Any]:
    """Everything as plain values."""
    models = [
        {
            "regime": model.regime,
            "positions": model.positions,
            "right": {str(pairs): found.mean(axis=(0, 1)).tolist() for pairs, found in own.items()},
            "by_model": {str(pairs): found.mean(axis=(1, 2)).tolist() for pairs, found in own.items()},
            "shape": None if (shape := outcome.shape(model, outcome.trained)) is None else asdict(shape),
            "orders": [asdict(one) for one in outcome.compared(model)],
        }
        for model, own in outcome.right.items()
    ]
    return {
        "trained_pairs": outcome.trained,
        "seeds": outcome.seeds,
        "questions": outcome.questions,
        "models": models,
        "advice": advice(outcome),
    }


def write(folder: Path, outcome: Outcome, json_text: str) -> list[Path]:
    """Tables, plots, page and JSON into a folder, each whole or not at all."""
    return write_report(folder, html(outcome), tables(outcome), plots(outcome), json_text)
