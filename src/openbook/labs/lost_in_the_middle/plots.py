"""The outcome as plots: accuracy at every place, for each length of context."""

from openbook.evaluate.position.probe import depths
from openbook.labs.lost_in_the_middle.outcome import Outcome
from openbook.report.lines import line_plot
from openbook.report.series import Series
from openbook.report.svg import Svg


def plots(outcome: Outcome) -> dict[str, Svg]:
    """By a short name, ``pairs-16``."""
    return {f"pairs-{pairs}": _plot(outcome, pairs) for pairs in outcome.lengths}


def _plot(outcome: Outcome, pairs: int) -> Svg:
    at = [100 * depth for depth in depths(pairs)]
    series: list[Series] = []
    for model in outcome.right:
        spreads = [outcome.at(model, pairs, place) for place in range(pairs)]
        bounds = [spread.interval() for spread in spreads]
        low, high = [bound[0] for bound in bounds], [bound[1] for bound in bounds]
        series.append(Series(model.shown, at, [spread.value for spread in spreads], low, high))
    beyond = ", longer than any trained on" if pairs > outcome.trained else ""
    label = "where the pair asked for stands, % of the context"
    return line_plot(f"{pairs} pairs{beyond}", series, x_label=label, y_label="share right", y_range=(0.0, 1.0))
