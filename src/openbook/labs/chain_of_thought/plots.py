"""The outcome as plots: accuracy by number of operations, and accuracy against tokens spent."""

from collections.abc import Sequence

from openbook.labs.chain_of_thought.outcome import Outcome, Right, share
from openbook.labs.chain_of_thought.ways import SEVERAL, Way
from openbook.report.lines import line_plot
from openbook.report.series import Series
from openbook.report.svg import Svg


def plots(outcome: Outcome) -> dict[str, Svg]:
    """By a short name: steps, spent."""
    return {"steps": _steps(outcome), "spent": _spent(outcome)}


def _steps(outcome: Outcome) -> Svg:
    def line(name: str, right: Right) -> Series:
        return _series(name, [float(k) for k in right], list(right.values()))

    lines = [
        line("steps, then the answer", outcome.worked),
        line("steps that are mended", outcome.mended),
        line("the answer alone", outcome.direct),
    ]
    label = f"operations of the problem; trained on up to {outcome.trained}"
    title = "The answer alone, or steps before it"
    return line_plot(title, lines, x_label=label, y_label="share right", y_range=(0.0, 1.0))


def _spent(outcome: Outcome) -> Svg:
    lines: list[Series] = []
    for strategy in dict.fromkeys(way.strategy for way in outcome.ways):
        own: list[Way] = [way for way in outcome.ways if way.strategy == strategy]
        found = [outcome.ways[way] for way in own]
        name = f"{strategy}, {own[0].n} to {own[-1].n}" if strategy in SEVERAL else strategy
        lines.append(_series(name, [one.tokens for one in found], [one.right for one in found]))
    label = "tokens read and written for a problem"
    title = f"Accuracy against tokens spent, problems of {outcome.asked} operations"
    return line_plot(title, lines, x_label=label, y_label="share right", log_x=True, y_range=(0.0, 1.0))


def _series(name: str, x: list[float], rights: Sequence[Sequence[bool]]) -> Series:
    found = [share(right) for right in rights]
    return Series(name, x, [f.value for f in found], [f.low for f in found], [f.high for f in found])
