"""The outcome as one page, as JSON, and as a folder of both with its tables and plots."""

from pathlib import Path
from typing import Any

from openbook.labs.hallucination.advice import advice
from openbook.labs.hallucination.outcome import Outcome
from openbook.labs.hallucination.plots import plots
from openbook.labs.hallucination.tables import tables
from openbook.labs.report_folder import write_report
from openbook.report.page import Section, page
from openbook.report.svg import Svg
from openbook.report.tables import Table

TITLE = "Made-up answers: when they come, and what helps"


def html(shown: dict[str, Table], drawn: dict[str, Svg], said: list[str]) -> str:
    """One page with everything."""
    return page(
        TITLE,
        [
            Section("What to do", said),
            Section("Cause", [drawn["appearances"], shown["appearances"]]),
            Section("Temperature", [drawn["temperature"], shown["temperature"]]),
            Section("Signals", [drawn["coverage"], shown["signals"], shown["consistent"]]),
            Section("A promise", [shown["promised"]]),
            Section("Grounding", [drawn["grounding"], shown["grounding"], shown["support"]]),
        ],
    )


def as_json(outcome: Outcome, shown: dict[str, Table], said: list[str]) -> dict[str, Any]:
    """Everything as plain values: each table as a list of rows by column."""
    return {
        "seeds": len(outcome.observed),
        "samples": outcome.samples,
        "weights": outcome.weights,
        "training_seconds": [round(one.seconds, 1) for one in outcome.observed],
        "tables": {
            name: {
                "title": table.title,
                "columns": [column.name for column in table.columns],
                "rows": [list(row) for row in table.rows],
                "note": table.note,
            }
            for name, table in shown.items()
        },
        "advice": said,
    }


def write(folder: Path, outcome: Outcome, shown: dict[str, Table], said: list[str], json_text: str) -> list[Path]:
    """Page, tables, JSON and plots into a folder, each whole or not at all."""
    drawn = plots(outcome)
    return write_report(folder, html(shown, drawn, said), shown, drawn, json_text)


def outcome_parts(outcome: Outcome) -> tuple[dict[str, Table], list[str]]:
    """Tables and advice, computed once: their intervals take seconds."""
    return tables(outcome), advice(outcome)
