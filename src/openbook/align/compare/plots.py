"""The outcome as plots: rewards against the distance gone, length and difference of replies, and the hacked proxy."""

from collections.abc import Callable, Sequence

from openbook.align.compare.measure import ByProblem, Measured
from openbook.align.compare.outcome import BestOf, Climb, Outcome, interval, mean
from openbook.align.compare.proxies import PROXY, TRUE
from openbook.evaluate.intervals import Interval
from openbook.report.bars import bar_plot
from openbook.report.lines import line_plot
from openbook.report.series import Bars, Series
from openbook.report.svg import Svg

DISTANCE = "√KL from the supervised policy, nats a reply"


def plots(outcome: Outcome) -> dict[str, Svg]:
    """By a short name: true, proxy, wins, length, different; and hacked, helped of what climbed too far."""
    drawn: dict[str, Svg] = {}
    if outcome.hacked:
        drawn["hacked"] = _hacked(outcome.hacked[0], outcome.supervised, outcome.scales[TRUE].deviation)
    if len(outcome.hacked) > 1:
        lines = [_line(climb, lambda m: m.rewards[TRUE]) for climb in outcome.hacked]
        title = "The true reward of each run against how far it went"
        drawn["helped"] = line_plot(title, lines, x_label=DISTANCE, y_label="true reward")
    if outcome.climbs:
        drawn |= {
            "true": _rewards(outcome, TRUE, "The true reward against how far the policy went", "true reward"),
            "proxy": _rewards(outcome, PROXY, "The same, by the reward model that was climbed", "proxy reward"),
            "wins": _wins(outcome),
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

    lines = [line("true reward", TRUE, unit), line("reward that it climbs", climb.climbs, 1.0)]
    title = f"GRPO, {climb.name}: what it climbs and what that is worth"
    return line_plot(title, lines, x_label="replies learnt from", y_label="gain, in standard deviations")


def _wins(outcome: Outcome) -> Svg:
    """At the end, of every method and of the best of the most replies."""
    found = [(climb.name, interval(climb.end.measured.wins)) for climb in outcome.climbs]
    found += [(f"best of {one.n}", interval(one.wins)) for one in outcome.best_of[-1:]]
    names, ends = zip(*found, strict=True)
    shown = Bars("", names, [o.value for o in ends], [o.low for o in ends], [o.high for o in ends])
    title = "Wins against supervised replies, by true reward"
    return bar_plot(title, [shown], x_label="share of pairs, a tie half; .5 is no better")


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
