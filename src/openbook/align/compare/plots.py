"""The outcome as plots: rewards against the distance gone, length and difference of replies, and the hacked proxy."""

from collections.abc import Callable, Sequence

from openbook.align.compare.measure import ByProblem, Measured
from openbook.align.compare.outcome import BestOf, Climb, Outcome, interval, mean
from openbook.align.compare.proxies import TRUE
from openbook.evaluate.intervals import Interval
from openbook.report.lines import line_plot
from openbook.report.series import Series
from openbook.report.svg import Svg

DISTANCE = "√KL from the supervised policy, nats a reply"


def plots(outcome: Outcome) -> dict[str, Svg]:
    """By a short name: true, proxy, length, different; hacked_NAME for every climb of the hacked case."""
    start = outcome.supervised
    drawn = {f"hacked_{climb.name}": _hacked(climb, start, outcome.scales[TRUE].deviation) for climb in outcome.hacked}
    if outcome.climbs:
        drawn |= {
            "true": _rewards(outcome, "true", "The true reward against how far the policy went", "true reward"),
            "proxy": _rewards(outcome, "proxy", "The same, by the reward model that was climbed", "proxy reward"),
            "length": _replies(outcome, "Length", "tokens a reply", lambda m: m.length),
            "different": _replies(outcome, "Different replies", "share of a prompt's replies", lambda m: m.different),
        }
    return drawn


def _rewards(outcome: Outcome, name: str, title: str, label: str) -> Svg:
    lines = [_line(climb, lambda m: m.rewards[name]) for climb in outcome.climbs]
    if outcome.best_of:
        lines.append(_best_of(outcome.best_of, name))
    return line_plot(title, lines, x_label=DISTANCE, y_label=label)


def _replies(outcome: Outcome, title: str, label: str, of: Callable[[Measured], ByProblem]) -> Svg:
    lines = [_line(climb, of) for climb in outcome.climbs]
    return line_plot(title, lines, x_label=DISTANCE, y_label=label)


def _hacked(climb: Climb, start: Measured, unit: float) -> Svg:
    """Both rewards of one climb over the replies it learnt from, each as what was gained in its own unit."""

    def line(shown: str, name: str, per: float) -> Series:
        began = mean(start.rewards[name])
        found = [interval(tuple((value - began) / per for value in p.measured.rewards[name])) for p in climb.points]
        return _series(shown, [float(p.replies) for p in climb.points], found)

    lines = [line("true reward", "true", unit), line("reward that it climbs", climb.climbs, 1.0)]
    title = f"{climb.name}: what it climbs and what it is worth"
    return line_plot(title, lines, x_label="replies learnt from", y_label="gain, in standard deviations")


def _line(climb: Climb, of: Callable[[Measured], ByProblem]) -> Series:
    """In the order of the distance, which may shrink for a while in training."""
    points = sorted(climb.points, key=lambda point: point.distance)
    return _series(climb.name, [p.distance for p in points], [interval(of(p.measured)) for p in points])


def _best_of(found: Sequence[BestOf], name: str) -> Series:
    ordered = sorted(found, key=lambda one: mean(one.kl))
    x = [mean(one.kl) ** 0.5 for one in ordered]
    return _series("best of n", x, [interval(one.rewards[name]) for one in ordered])


def _series(name: str, x: Sequence[float], found: Sequence[Interval]) -> Series:
    return Series(name, x, [o.value for o in found], [o.low for o in found], [o.high for o in found])
