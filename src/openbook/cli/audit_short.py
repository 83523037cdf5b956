"""Two long tables of an audit in a few rows each: agreement by judge and dimension, and who agrees best."""

from collections.abc import Sequence

from openbook.cli.audit_cells import columns
from openbook.cli.screen import visible
from openbook.evaluate.audit.judges_compared import LEVEL
from openbook.evaluate.audit.whole import Audit
from openbook.evaluate.intervals import Interval
from openbook.report.tables import Column, Table

_MOST_DIMENSIONS, _MOST_JUDGES = 4, 20
_SHOWN = 3
"""Judges that are named in one cell."""


def agreement_by_judge(found: Audit) -> Table | None:
    """Spearman's of all texts, a row for each judge; None where it would not fit a screen."""
    kept = {(one.judge, one.dimension): one for one in found.agreements if one.level == "all"}
    judges = list(dict.fromkeys(judge for judge, _ in kept))
    dimensions = list(dict.fromkeys(dimension for _, dimension in kept))
    if len(dimensions) > _MOST_DIMENSIONS or len(judges) > _MOST_JUDGES:
        return None
    rows = tuple(
        (visible(judge), *(_cell(one.interval) if (one := kept.get((judge, of))) else "–" for of in dimensions))
        for judge in judges
    )
    names = ("judge", *(visible(of) for of in dimensions))
    note = "Spearman's, all texts together; 95 % intervals, documents drawn again."
    return Table("Agreement with people", columns(names), rows, note)


def best_judges(found: Audit) -> Table | None:
    """Of each dimension the judge of the highest agreement, and what the tests against the others say."""
    rows: list[tuple[str, ...]] = []
    for dimension in dict.fromkeys(one.dimension for one in found.judge_pairs):
        own = [one for one in found.judge_pairs if one.dimension == dimension]
        values = {name: value for o in own for name, value in ((o.first, o.first_value), (o.second, o.second_value))}
        best = max(values, key=values.__getitem__)
        p_values = {o.second if o.first == best else o.first: o.p_value for o in own if best in (o.first, o.second)}
        alike = [visible(name) for name, p_value in p_values.items() if p_value > LEVEL]
        better = f"{len(p_values) - len(alike)} of {len(p_values)}"
        rows.append((visible(dimension), visible(best), better, _some(alike)))
    if not rows:
        return None
    note = (
        "Best: by Spearman's with people, on the texts that all scored. Better: at p of .05 or less, Holm's for all "
        f"{len(found.judge_pairs)} pairs of judges."
    )
    heads = (Column("of"), Column("best"), Column("better than", "right"), Column("cannot be told apart from"))
    return Table("Who agrees best with people", heads, tuple(rows), note)


def _some(names: Sequence[str]) -> str:
    more = f" and {len(names) - _SHOWN:,} more" if len(names) > _SHOWN else ""
    return f"{', '.join(names[:_SHOWN])}{more}" or "none"


def _cell(interval: Interval | None) -> str:
    """``.43 (.37–.49)``, narrow enough for four beside each other."""
    if interval is None:
        return "–"
    numbers = (round(number, 2) + 0.0 for number in (interval.value, interval.low, interval.high))  # and no -0
    value, low, high = (f"{number:.2f}".replace("0.", ".", 1) for number in numbers)
    return f"{value} ({low}–{high})"
