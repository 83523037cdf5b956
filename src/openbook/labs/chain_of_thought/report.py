"""The outcome as one page, as JSON, and as a folder of both with its tables and plots."""

from dataclasses import asdict
from pathlib import Path
from typing import Any

from openbook.labs.chain_of_thought.advice import advice
from openbook.labs.chain_of_thought.outcome import (
    Outcome,
    against_drawn,
    against_steps,
    against_vote,
    by_steps,
    of_mends,
    share,
)
from openbook.labs.chain_of_thought.plots import plots
from openbook.labs.chain_of_thought.tables import tables
from openbook.labs.chain_of_thought.tables_of_parts import tables_of_parts
from openbook.labs.report_folder import write_report
from openbook.report.page import Section, page
from openbook.report.tables import Table

TITLE = "Chain of thought: when steps help, and what votes, rewards and mends add"


def html(outcome: Outcome) -> str:
    """One page with everything."""
    shown, drawn = all_tables(outcome), plots(outcome)
    return page(
        TITLE,
        [
            Section("What was found", advice(outcome)),
            Section("Steps or the answer alone", [drawn["steps"], shown["steps"]]),
            Section("Strategies and what they spend", [drawn["spent"], shown["ways"], shown["votes"]]),
            Section("A reward model", [shown["reward"]]),
            Section("Self-correction", [shown["mends"], shown["noticed"]]),
        ],
    )


def all_tables(outcome: Outcome) -> dict[str, Table]:
    """Every table, by a short name."""
    return tables(outcome) | tables_of_parts(outcome)


def as_json(outcome: Outcome) -> dict[str, Any]:
    """Everything as plain values."""
    compared, drawn, decided = against_steps(outcome), against_drawn(outcome), against_vote(outcome)
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
                "mended": asdict(share(outcome.mended[int(one.first)])),
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
                "p_against_one_drawn": drawn[way].p if way in drawn else None,
                "p_against_the_vote": decided[way].p if way in decided else None,
            }
            for way, found in outcome.ways.items()
        ],
        "reward_pairs": outcome.pairs,
        "reward_preferred": asdict(share(outcome.preferred)),
        "self_correction": [asdict(one) for one in of_mends(outcome)],
        "noticed": {name: asdict(found) for name, found in outcome.noticed.items()},
        "advice": advice(outcome),
    }


def write(folder: Path, outcome: Outcome, json_text: str) -> list[Path]:
    """Tables, plots, page and JSON into a folder, each whole or not at all."""
    return write_report(folder, html(outcome), all_tables(outcome), plots(outcome), json_text)
