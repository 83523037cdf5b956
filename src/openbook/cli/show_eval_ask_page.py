"""The page of ``openbook eval ask``: the tables of the terminal, and two curves."""

from collections.abc import Sequence
from pathlib import Path

from openbook.cli.ask_report import Report
from openbook.cli.show_eval_ask import case_tables, said, tables
from openbook.report.lines import line_plot
from openbook.report.page import Content, Section
from openbook.report.series import Series
from openbook.report.svg import Svg


def sections(found: Report, roots: Sequence[Path]) -> list[Section]:
    """Tables first, then curves, then cases."""
    first, *others = tables(found)
    curves: list[Content] = [risk_coverage_plot(found)]
    if len(found.sureness.bins) > 1:
        curves.append(calibration_plot(found))
    shown = [
        Section("", [first, *said(found)]),
        Section("", others),
        Section("Curves", curves),
    ]
    cases = case_tables(found, roots)
    return [*shown, Section("Cases", cases)] if cases else shown


def risk_coverage_plot(found: Report) -> Svg:
    """The share of wrong answers by the share of questions answered, the surest first."""
    points = found.sureness.curve
    return line_plot(
        "Wrong answers by share of questions answered",
        [Series("these questions", [p.coverage for p in points], [p.risk for p in points])],
        x_label="share of questions answered",
        y_label="share of the answers that are wrong",
        y_range=(0.0, 1.0),
    )


def calibration_plot(found: Report) -> Svg:
    """What is right by how sure it was, in bins of equal count, beside what the confidence says."""
    bins = found.sureness.bins
    sure = [each.confidence for each in bins]
    return line_plot(
        "Right answers by confidence",
        [Series("right", sure, [each.correct for each in bins]), Series("as the confidence says", sure, sure)],
        x_label="confidence, mean of a bin",
        y_label="share right",
        y_range=(0.0, 1.0),
    )
