"""What follows from the figures, in sentences, and nothing else: also where it is not what others found."""

from openbook.align.compare.arms import PAIRED
from openbook.align.compare.cells import p_value, signed
from openbook.align.compare.outcome import LEVEL, Climb, Fall, Outcome, fall, mean, share, tested, wins_tested
from openbook.align.compare.proxies import PROXY, TRUE
from openbook.evaluate.compare_all import compare_all


def findings(outcome: Outcome) -> list[str]:
    """On the proxy, the methods, over-optimisation, what helped against it, and the replies."""
    found = (part(outcome) for part in (_proxy, _methods, _highest, _forward, _hacked, _helps, _replies))
    return [line for line in found if line]


def _proxy(outcome: Outcome) -> str:
    if not outcome.judged or not outcome.annotation.unequal:
        return ""  # no pair has a truly better reply
    one = outcome.judged[0]
    agreed, truly = share(one.right, one.pairs), share(one.truly_right, one.unequal)
    own = share(outcome.annotation.better, outcome.annotation.unequal)
    return (
        f"The reward model agrees with unseen choices in {agreed.value:.0%} and finds the truly better reply in "
        f"{truly.value:.0%} (its annotators: {own.value:.0%}); a token more is worth "
        f"{signed(outcome.per_token(PROXY), 3)} of its standard deviations to it, and "
        f"{signed(outcome.per_token(TRUE), 3)} to the true reward."
    )


def _methods(outcome: Outcome) -> str:
    if not outcome.climbs:
        return ""
    tests = wins_tested({climb.name: climb.end.measured.wins for climb in outcome.climbs})
    better = [name for name, one in tests.items() if one.shown and one.difference > 0]
    worse = [name for name, one in tests.items() if one.shown and one.difference < 0]
    open_ = [name for name, one in tests.items() if not one.shown]
    return (
        f"Against the supervised policy's replies, by the true reward, these are shown to win: {_listed(better)}; to "
        f"lose: {_listed(worse)}. For the others no test shows a difference: {_listed(open_)}."
    )


def _highest(outcome: Outcome) -> str:
    """Holm over all pairs, so that naming the highest of them after the fact is paid for."""
    ends = {climb.name: climb.end.measured.rewards[TRUE] for climb in outcome.climbs}
    if len(outcome.best_of) > 1:
        ends[f"best of {outcome.best_of[-1].n}"] = outcome.best_of[-1].rewards[TRUE]
    if len(ends) < 2:
        return ""
    first = max(ends, key=lambda name: mean(ends[name]))
    pairs = {pair.second if pair.first == first else pair.first: pair.p_value for pair in compare_all(ends)
             if first in (pair.first, pair.second)}  # fmt: skip
    unlike = [name for name, p in pairs.items() if p <= LEVEL]
    alike = [name for name, p in pairs.items() if p > LEVEL]
    told = [
        f"tells it from {_listed(unlike)}" if unlike else "",
        f"does not tell it from {_listed(alike)}" if alike else "",
    ]
    tells = " and ".join(filter(None, told))
    return f"{first} ends with the highest true reward, {signed(mean(ends[first]))}; a test {tells}."


def _forward(outcome: Outcome) -> str:
    """How much of what the proxy gained is worth nothing."""
    fallen = [climb.name for climb in outcome.climbs if (found := fall(climb)) and found.hacked]
    if not outcome.climbs:
        return ""
    if not fallen:
        return "Within the budget no method is shown to lose true reward while its proxy still rises."
    blind = [name for name in fallen if name in PAIRED]
    told = f"Shown to lose true reward within the budget while the proxy still rises: {_listed(fallen)}."
    return (
        f"{told} ({_listed(blind)}: from pairs alone, so that this proxy was not what it climbed.)" if blind else told
    )


def _hacked(outcome: Outcome) -> str:
    if not outcome.hacked:
        return ""
    first = outcome.hacked[0]
    found = fall(first)
    if found is None:
        return f"GRPO, {first.name}: the true reward was highest at the end, so the proxy was not climbed too far."
    verdict = "hacked" if found.hacked else "not shown to be hacked"
    return f"GRPO, {first.name}: the proxy is {verdict}; {_moved(found, first)}."


def _helps(outcome: Outcome) -> str:
    if len(outcome.hacked) < 2:
        return ""
    first, *others = outcome.hacked
    tests = tested({c.name: c.end.measured.rewards["true"] for c in others}, first.end.measured.rewards["true"])
    parts = [
        f"{name} {'helps' if one.difference > 0 else 'harms'} by {signed(abs(one.difference))} (p {p_value(one.p)})"
        if one.shown
        else f"{name} is not shown to change the true reward at the end (p {p_value(one.p)})"
        for name, one in tests.items()
    ]
    lengths = ", ".join(f"{climb.name} {mean(climb.end.measured.length):.1f}" for climb in outcome.hacked)
    return "Against it: " + "; ".join(parts) + f". Tokens a reply at the end: {lengths}."


def _replies(outcome: Outcome) -> str:
    start = outcome.supervised
    if not outcome.climbs:
        return ""
    longest = max(outcome.climbs, key=lambda climb: mean(climb.end.measured.length))
    alike = min(outcome.climbs, key=lambda climb: mean(climb.end.measured.different))
    return (
        f"Replies have {mean(start.length):.1f} tokens at first and at most {mean(longest.end.measured.length):.1f} "
        f"({longest.name}); of a problem's replies {mean(start.different):.0%} are different at first and at least "
        f"{mean(alike.end.measured.different):.0%} ({alike.name})."
    )


def _moved(found: Fall, climb: Climb) -> str:
    return (
        f"from {found.peak.kl:.1f} to {climb.end.kl:.1f} nats the true reward moved by {signed(found.true.difference)} "
        f"(p {p_value(found.true.p_value)}) and the reward that it climbs by {signed(found.proxy.difference)} "
        f"(p {p_value(found.proxy.p_value)})"
    )


def _listed(names: list[str]) -> str:
    return ", ".join(names) if names else "none"
