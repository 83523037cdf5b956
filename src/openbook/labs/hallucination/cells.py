"""How figures of this experiment are written in a cell, and how its groups are named."""

from openbook.evaluate.intervals import Interval
from openbook.labs.hallucination.measures import share
from openbook.labs.hallucination.outcome import Outcome
from openbook.labs.hallucination.world import MISTOLD, MISTOLD_TIMES
from openbook.report.tables import Column


def group_name(group: int) -> str:
    return f"{MISTOLD_TIMES}, false" if group == MISTOLD else f"{group}"


def of_group(outcome: Outcome, group: int, what: str) -> Interval | None:
    """The share of greedy answers from memory that are ``right``, ``wrong`` or ``unknown``, for one group."""
    flags = [getattr(one.greedy, what)[one.group == group] for one in outcome.observed]
    return share(flags)


def models(outcome: Outcome) -> str:
    n = len(outcome.observed)
    return f"{n} worlds and models" if n > 1 else "one world and model"


def columns(first: str, *others: str) -> tuple[Column, ...]:
    return (Column(first), *(Column(name, "right") for name in others))


def interval_text(found: Interval | None, digits: int = 2) -> str:
    if found is None:
        return "–"
    low, high = (f"{bound:.{digits}f}".removeprefix("0") for bound in (found.low, found.high))
    return f"{found.value:.{digits}f} ({low}–{high})"


def p_value(value: float | None) -> str:
    if value is None:
        return ""
    return "<.001" if value < 0.001 else f"{value:.3f}".removeprefix("0")
