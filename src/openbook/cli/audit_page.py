"""The audit of a judge as a page: every table, its agreement and calibration as plots, and the worst cases."""

from collections.abc import Sequence

from openbook.cli.audit_bias_tables import bias_tables
from openbook.cli.audit_cells import about, columns
from openbook.cli.audit_input import Recorded
from openbook.cli.audit_pair_tables import pair_tables
from openbook.cli.audit_summary import summary
from openbook.cli.audit_tables import score_tables
from openbook.cli.screen import one_line
from openbook.cli.show_audit import said_of
from openbook.evaluate.audit.judge_calibration import Point
from openbook.evaluate.audit.whole import Audit
from openbook.evaluate.judge_agreement import Agreement
from openbook.report.bars import bar_plot
from openbook.report.lines import line_plot
from openbook.report.page import Section
from openbook.report.series import Bars, Series
from openbook.report.svg import Svg
from openbook.report.tables import Column, Table

_MOST_BARS, _MOST_LINES, _MOST_PLOTS = 60, 6, 20
_VERDICTS = {0: "tie", 1: "first", 2: "second"}


def audit_sections(recorded: Recorded, found: Audit) -> list[Section]:
    notes = said_of(recorded, found)
    worst = [table for table in (_disagreements(found), _flips(found)) if table.rows]
    first = summary(found)
    sections = [
        Section("", [first] if first else []),
        Section("Agreement", [*_agreement_plot(found.agreements), *score_tables(found, all_pairs=True)]),
        Section("Biases of scores", bias_tables(found)),
        Section("Judge and people, score by score", _curves(found.curves)),
        Section("Verdicts", pair_tables(found)),
        Section("Worst cases", worst),
        Section("Not measured", notes),
    ]
    return [section for section in sections if section.contents]


def _agreement_plot(agreements: Sequence[Agreement]) -> list[Svg]:
    """Spearman's over all texts; without an interval the bar has no whisker, so all are drawn or none."""
    kept = [one for one in agreements if one.level == "all" and one.spearman is not None][:_MOST_BARS]
    if not kept:
        return []
    whole = all(one.interval for one in kept)
    bars = Bars(
        "Spearman's with people",
        [about(one.judge, one.dimension) for one in kept],
        [one.spearman or 0.0 for one in kept],
        [one.interval.low for one in kept if one.interval] if whole else (),
        [one.interval.high for one in kept if one.interval] if whole else (),
    )
    return [bar_plot("Agreement with people, all texts", [bars], x_label="Spearman's correlation, 95 % intervals")]


def _curves(curves: Sequence[tuple[str, str, list[Point]]]) -> list[Svg]:
    """One plot a judge: people's mean by its score; a judge that says what people say lies on the dotted diagonal."""
    plots: list[Svg] = []
    for judge in dict.fromkeys(judge for judge, _, _ in curves):
        own = [(dimension, points) for name, dimension, points in curves if name == judge and len(points) > 1]
        lines = [_line(dimension, points) for dimension, points in own[:_MOST_LINES]]
        if not lines:
            continue
        ends = [min(min(line.x) for line in lines), max(max(line.x) for line in lines)]
        lines.append(Series("as people say", ends, ends))
        title = f"{one_line(judge)}: people's mean by the judge's score"
        plots.append(line_plot(title, lines, x_label="the judge's score", y_label="people's mean"))
    return plots[:_MOST_PLOTS]


def _line(dimension: str, points: Sequence[Point]) -> Series:
    """Of one text alone there is no interval: its bounds are the mean itself."""
    bounds = [(p.interval.low, p.interval.high) if p.interval else (p.people, p.people) for p in points]
    values = [point.people for point in points]
    # Where a mean lies a rounding beyond its bound, the bound gives way.
    low = [min(bound[0], value) for bound, value in zip(bounds, values, strict=True)]
    high = [max(bound[1], value) for bound, value in zip(bounds, values, strict=True)]
    return Series(one_line(dimension), [point.score for point in points], values, low, high)


def _disagreements(found: Audit) -> Table:
    rows = tuple(
        (
            about(one.judge, one.dimension),
            one_line(" ".join(part for part in (one.document, one.system, one.name) if part)) or "–",
            f"{one.score:g}",
            f"{one.human:.3g}",
            f"{one.apart:+.0%}",
        )
        for one in found.disagreements
    )
    note = "Apart: the text's rank by the judge minus its rank by people, as a share of all texts."
    names = (*columns(("judge, of", "text"), 2), *columns(("judge", "people", "apart"), 0))
    return Table("Largest disagreements", names, rows, note)


def _flips(found: Audit) -> Table:
    rows = tuple(
        (
            about(one.judge, one.dimension),
            one_line(" ".join(part for part in (one.document, one.name) if part)) or "–",
            *(_VERDICTS[choice] for choice in (one.choice, one.swapped)),
            "–" if one.human is None else _VERDICTS[one.human],
        )
        for one in found.flips
    )
    names = tuple(map(Column, ("judge, of", "pair", "verdict", "swapped", "people")))
    return Table(
        "Verdicts that turn with the order", names, rows, "First and second name the same text in every column."
    )
