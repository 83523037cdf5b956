"""What follows from the figures, in sentences, and nothing else."""

from openbook.labs.chain_of_thought.outcome import (
    Outcome,
    against_drawn,
    against_steps,
    against_vote,
    by_steps,
    of_mends,
    share,
)
from openbook.labs.chain_of_thought.tables import interval
from openbook.labs.chain_of_thought.ways import DIRECT, FEW_WORKED, MENDS_DRAWN, SEVERAL, STEPS, VOTE, Way

LEVEL = 0.05


def advice(outcome: Outcome) -> list[str]:
    """On steps by the length of a problem, beyond training, strategies of one text, what is drawn and what decides, the
    reward model, and self-correction.
    """
    parts = (_steps, _beyond, _single, _votes, _drawn, _deciders, _reward, _mends)
    found = (part(outcome) for part in parts)
    return [line for line in found if line]


def _steps(outcome: Outcome) -> str:
    tests = [one for one in by_steps(outcome) if int(one.first) <= outcome.trained]
    better = [one.first for one in tests if one.p <= LEVEL and one.difference > 0]
    worse = [one.first for one in tests if one.p <= LEVEL and one.difference < 0]
    last = max(k for k in outcome.worked if k <= outcome.trained)
    told = [
        f"Steps are shown better than the answer alone at {_listed(better)}"
        if better
        else "Steps are not shown better",
        f"worse at {_listed(worse)}" if worse else "",
        f"at {last} operations {interval(share(outcome.worked[last]))} against {interval(share(outcome.direct[last]))}",
    ]
    return "; ".join(filter(None, told)) + "."


def _beyond(outcome: Outcome) -> str:
    beyond = [k for k in outcome.worked if k > outcome.trained]
    if not beyond:
        return ""
    told = ", ".join(
        f"{k} operations {share(outcome.worked[k]).value:.2f} (answer alone {share(outcome.direct[k]).value:.2f})"
        for k in beyond
    )
    return f"Longer than any problem of training: {told}."


def _single(outcome: Outcome) -> str:
    compared = against_steps(outcome)
    plain = share(outcome.ways[Way(STEPS)].right)
    others = [
        f"{way.shown} {share(outcome.ways[way].right).value:.2f} ({_shown(compared[way].p)})"
        for way in (Way(DIRECT), Way(FEW_WORKED))
    ]
    return f"Asked for steps, {interval(plain)} at {outcome.asked} operations; {'; '.join(others)}."


def _votes(outcome: Outcome) -> str:
    compared = against_steps(outcome)
    better = [
        f"{way.shown} ({outcome.ways[way].tokens / outcome.ways[Way(STEPS)].tokens:.1f} times its tokens)"
        for way, one in compared.items()
        if one.p <= LEVEL and one.difference > 0
    ]
    return f"Shown better than one chain of thought at temperature 0: {', '.join(better) or 'nothing'}."


def _drawn(outcome: Outcome) -> str:
    compared = against_drawn(outcome)
    one = interval(share(outcome.ways[Way(VOTE, 1)].right))
    told: list[str] = []
    for strategy in SEVERAL:
        ways = [way for way in compared if way.strategy == strategy]
        better = [way for way in ways if compared[way].p <= LEVEL and compared[way].difference > 0]
        if better:
            found = ", ".join(f"{way.n} {share(outcome.ways[way].right).value:.2f}" for way in better)
            told.append(f"{strategy} of {found}")
    end = f"shown better: {'; '.join(told)}" if told else "nothing drawn is shown better"
    return f"Drawn at temperature {outcome.temperature:g}, one chain is right in {one}; {end}."


def _deciders(outcome: Outcome) -> str:
    compared = against_vote(outcome)
    if not compared:
        return ""
    most = max(way.n for way in compared)
    told = [f"{way.strategy} {one.difference:+.2f} ({_shown(one.p)})" for way, one in compared.items() if way.n == most]
    return f"Against the vote of {most} texts: {'; '.join(told)}."


def _reward(outcome: Outcome) -> str:
    found = share(outcome.preferred)
    told = f"Of {len(outcome.preferred)} unseen pairs the reward model prefers the right text in {interval(found)}"
    return f"{told}{'' if found.low > 0.5 else ', no better than guessing'}."


def _mends(outcome: Outcome) -> str:
    greedy, drawn, without, _ = of_mends(outcome)
    found = outcome.noticed[MENDS_DRAWN]
    told = [
        f"at temperature 0 {greedy.difference:+.2f} ({_shown(greedy.p)})",
        f"drawn {drawn.difference:+.2f} ({_shown(drawn.p)})",
        f"drawn against itself without its word {without.difference:+.2f} ({_shown(without.p)})",
    ]
    seen = f"It takes back {found.caught} of {found.wrong} wrong words and {found.alarms} of {found.right:,} right ones"
    return f"Self-correction against plain steps: {'; '.join(told)}. {seen}."


def _listed(names: list[str]) -> str:
    return f"{', '.join(names)} operation{'' if names == ['1'] else 's'}"


def _shown(p: float) -> str:
    return "a difference shown" if p <= LEVEL else "no difference shown"
