"""What follows from the figures, in sentences, and nothing else."""

from openbook.labs.chain_of_thought.outcome import Outcome, against_steps, by_steps, share, vote_against_best
from openbook.labs.chain_of_thought.tables import interval
from openbook.labs.chain_of_thought.ways import DIRECT, FEW_WORKED, STEPS, VOTE, Way

LEVEL = 0.05


def advice(outcome: Outcome) -> list[str]:
    """On steps by the length of a problem, beyond training, strategies of one text, votes, and the best of n."""
    found = (part(outcome) for part in (_steps, _beyond, _single, _votes, _best))
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
    ways = [way for way in outcome.ways if way.strategy == VOTE]
    told = ", ".join(f"{way.n}: {share(outcome.ways[way].right).value:.2f}" for way in ways)
    better = [way for way in ways if compared[way].p <= LEVEL and compared[way].difference > 0]
    plain = outcome.ways[Way(STEPS)].tokens
    costs = ", ".join(f"{way.n} ({outcome.ways[way].tokens / plain:.1f} times its tokens)" for way in better)
    end = f"better with {costs}" if better else "better with none"
    return f"By votes, {told}; shown {end} than one chain of thought at temperature 0."


def _best(outcome: Outcome) -> str:
    tests = vote_against_best(outcome)
    if not tests:
        return ""
    last = tests[-1]
    told = f"Of {last.first} texts the vote is right {last.difference:+.2f} against the likeliest one"
    return f"{told} ({_shown(last.p)})."


def _listed(names: list[str]) -> str:
    return f"{', '.join(names)} operation{'' if names == ['1'] else 's'}"


def _shown(p: float) -> str:
    return "a difference shown" if p <= LEVEL else "no difference shown"
