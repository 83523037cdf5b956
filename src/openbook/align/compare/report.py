"""The outcome as one page, and as plain values for JSON."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from openbook.align.compare.findings import findings
from openbook.align.compare.measure import Measured
from openbook.align.compare.outcome import Climb, Outcome, Point, interval, mean
from openbook.align.compare.plots import plots
from openbook.align.compare.tables import tables
from openbook.report.page import Content, Section

TITLE = "Aligning compared: the true reward, and the one that was climbed"


def sections(outcome: Outcome, notes: Sequence[str] = ()) -> list[Section]:
    """What was found first, below the notes that it must be read with, then the figures it was read from."""
    shown, drawn = tables(outcome), plots(outcome)

    def contents(*names: str) -> list[Content]:
        return [part for name in names for part in (drawn.get(name), shown.get(name)) if part is not None]

    return [
        Section("What was found", [*notes, *findings(outcome)]),
        Section("Every method under one budget", contents("reached", "wins", "true", "proxy")),
        Section("Nothing trained", contents("best_of")),
        Section("Climbing too far", contents("hacked", "helps", "helped")),
        Section("The replies", contents("replies", "length", "different")),
        Section("The judges", contents("judges")),
        Section("The law, and the cost", contents("law", "cost")),
    ]


def as_json(outcome: Outcome, notes: Sequence[str] = ()) -> dict[str, Any]:
    """Means and intervals of everything; the values by problem stay in the run's folder."""
    return {
        "notes": [*notes],
        "task": outcome.task,
        "seed": outcome.seed,
        "problems": outcome.problems,
        "replies": outcome.replies,
        "budget": outcome.budget,
        "findings": findings(outcome),
        "annotation": asdict(outcome.annotation),
        "reward_models": [asdict(one) for one in outcome.judged],
        "supervised": _measures(outcome.supervised),
        "best_of": [
            {"n": one.n, "analytic_kl": one.analytic, "kl": mean(one.kl)}
            | {f"{name} reward": asdict(interval(values)) for name, values in one.rewards.items()}
            | {"wins": asdict(interval(one.wins)), "length": mean(one.length)}
            for one in outcome.best_of
        ],
        "methods": [_climb(climb) for climb in outcome.climbs],
        "hacked": [_climb(climb) for climb in outcome.hacked],
    }


def _climb(climb: Climb) -> dict[str, Any]:
    return {
        "name": climb.name,
        "climbs": climb.climbs,
        "memory": climb.memory,
        "stopped": climb.stopped,
        "points": [_point(point) for point in climb.points],
    }


def _point(point: Point) -> dict[str, Any]:
    return {
        "step": point.step,
        "replies": point.replies,
        "seconds": point.seconds,
        **_measures(point.measured),
    }


def _measures(found: Measured) -> dict[str, Any]:
    values = {f"{name} reward": value for name, value in found.rewards.items()}
    names = ("wins", "kl", "entropy", "length", "distinct_1", "distinct_2", "different")
    values |= {name: getattr(found, name) for name in names}
    return {name: asdict(interval(value)) for name, value in values.items()}
