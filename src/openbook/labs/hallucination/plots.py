"""The outcome as plots: what is known by how often it was told, temperature, risk against coverage, grounding."""

from openbook.evaluate.abstention import risk_coverage
from openbook.evaluate.intervals import Interval
from openbook.labs.hallucination.ask import MEMORY, TEMPERATURES, TEXTS
from openbook.labs.hallucination.cells import of_group
from openbook.labs.hallucination.measures import asked_about, pooled, share
from openbook.labs.hallucination.outcome import Outcome
from openbook.labs.hallucination.signals import COUNTED, LIKELIHOOD, NAIVE, SELF_CHECK, SEMANTIC
from openbook.labs.hallucination.world import APPEARANCES
from openbook.report.bars import bar_plot
from openbook.report.lines import line_plot
from openbook.report.series import Bars, Series
from openbook.report.svg import Svg

_DRAWN = (SELF_CHECK, SEMANTIC, COUNTED, LIKELIHOOD, NAIVE)


def plots(outcome: Outcome) -> dict[str, Svg]:
    """By a short name: appearances, temperature, coverage, grounding."""
    return {
        "appearances": _appearances(outcome),
        "temperature": _temperature(outcome),
        "coverage": _coverage(outcome),
        "grounding": _grounding(outcome),
    }


def _appearances(outcome: Outcome) -> Svg:
    x = [float(times) for times in APPEARANCES]
    lines = [
        _series(name, x, [of_group(outcome, times, what) for times in APPEARANCES])
        for name, what in (("right", "right"), ("made up", "wrong"))
    ]
    return line_plot(
        "A fact told more often is made up less often",
        lines,
        x_label="times the training text tells the fact",
        y_label="share of answers",
        y_range=(0.0, 1.0),
    )


def _temperature(outcome: Outcome) -> Svg:
    lines: list[Series] = []
    for name, what in (("right", "right"), ("made up", "wrong"), ("broken", "broken")):
        found = [
            share([getattr(one.sweep[f"T {t:g}"], what)[asked_about(one, mistold=False)] for one in outcome.observed])
            for t in TEMPERATURES
        ]
        lines.append(_series(name, list(TEMPERATURES), found))
    return line_plot(
        "Temperature 0 still makes things up",
        lines,
        x_label="temperature",
        y_label="share of answers",
        y_range=(0.0, 1.0),
    )


def _coverage(outcome: Outcome) -> Svg:
    lines: list[Series] = []
    for name in _DRAWN:
        points = risk_coverage(*pooled(outcome.observed, name, mistold=False))
        shown = [point for point in points if point.coverage >= 0.02]  # of a handful of answers, the risk is noise
        lines.append(Series(name, [p.coverage for p in shown], [p.risk for p in shown]))
    return line_plot(
        "Wrong answers among those given, by signal",
        lines,
        x_label="share of questions answered, the surest first",
        y_label="share of these that is wrong",
        y_range=(0.0, 0.5),
    )


def _grounding(outcome: Outcome) -> Svg:
    sets: list[Bars] = []
    for name, what in (("right", "right"), ("made up", "wrong"), ("not known", "unknown")):
        memory = share([getattr(one.greedy, what) for one in outcome.observed])
        found = [share([getattr(one.grounded[kind].replies, what) for one in outcome.observed]) for kind in TEXTS]
        known = [each for each in (memory, *found) if each is not None]
        low, high = [each.low for each in known], [each.high for each in known]
        values = [each.value for each in known]
        sets.append(Bars(name, (MEMORY, *TEXTS), values, low, high, [f"{value:.2f}" for value in values]))
    return bar_plot("The same questions, with a text at hand", sets, x_label="share of answers")


def _series(name: str, x: list[float], found: list[Interval | None]) -> Series:
    kept = [(a, each) for a, each in zip(x, found, strict=True) if each is not None]
    return Series(
        name,
        [a for a, _ in kept],
        [each.value for _, each in kept],
        [each.low for _, each in kept],
        [each.high for _, each in kept],
    )
