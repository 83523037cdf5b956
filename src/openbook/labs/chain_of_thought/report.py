"""The outcome as one page, as JSON, and as a folder of both with its tables and plots."""

from dataclasses import asdict
from pathlib import Path
from typing import Any

from openbook.labs.chain_of_thought.advice import advice
from openbook.labs.chain_of_thought.outcome import Outcome, against_steps, by_steps, share
from openbook.labs.chain_of_thought.plots import plots
from openbook.labs.chain_of_thought.tables import tables
from openbook.labs.report_folder import write_report
from openbook.report.page import Section, page

TITLE = "Chain of thought: when steps help, and what votes add"


def html(outcome: Outcome) -> str:
    """One page with everything."""
    shown, drawn = tables(outcome), plots(outcome)
    return page(
        TITLE,
        [
            Section("What was found", advice(outcome)),
            Section("Steps or the answer alone", [drawn["steps"], shown["steps"]]),
            Section("Strategies and what they spend", [drawn["spent"], shown["ways"], shown["votes"]]),
        ],
    )


def as_json(outcome: Outcome) -> dict[str, Any]:
    """Everything as plain values."""
    compared = against_steps(outcome)
    return {
        "trained_steps": outcome.trained,
        "training_tokens": outcome.tokens,
        "weights": outcome.weights,
        "asked_steps": outcome.asked,
        "temperature": outcome.temperature,
        "by_steps": [
            {
                "steps": int(one.first),
                "direct": asdict(share(outcome.direct[int(one.first)])),
                "worked": asdict(share(outcome.worked[int(one.first)])),
                "p": one.p,
            }
            for one in by_steps(outcome)
        ],
        "strategies": [
            {
                "strategy": way.strategy,
                "n": way.n,
                "right": asdict(share(found.right)),
                "unread": sum(found.silent),
                "tokens": found.tokens,
                "p": compared[way].p if way in compared else None,
            }
            for way, found in outcome.ways.items()
        ],
        "advice": advice(outcome),
    }


def write(folder: Path, outcome: Outcome, json_text: str) -> list[Path]:
    """Tables, plots, page and JSON into a folder, each whole or not at all."""
    return write_report(folder, html(outcome), tables(outcome), plots(outcome), json_text)
