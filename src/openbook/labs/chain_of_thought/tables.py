"""The outcome as tables: accuracy by number of operations, strategies and what they spend, votes beside the best."""

from openbook.evaluate.intervals import Interval
from openbook.labs.chain_of_thought.outcome import Outcome, against_steps, by_steps, share, vote_against_best
from openbook.labs.chain_of_thought.task import MODULUS
from openbook.labs.chain_of_thought.ways import BEST, STEPS, VOTE, Way
from openbook.report.tables import Column, Table


def tables(outcome: Outcome) -> dict[str, Table]:
    """By a short name: steps, ways, votes."""
    return {"steps": _steps(outcome), "ways": _ways(outcome), "votes": _votes(outcome)}


def _steps(outcome: Outcome) -> Table:
    rows = tuple(
        (
            f"{k}" if k <= outcome.trained else f"{k}, longer",
            interval(share(outcome.direct[k])),
            interval(share(outcome.worked[k])),
            p_value(compared.p),
            f"{len(outcome.direct[k])}",
        )
        for k, compared in zip(outcome.worked, by_steps(outcome), strict=True)
    )
    note = (
        f"Share right of problems kept from training (all of one operation are in it), by two decoders of "
        f"{outcome.weights:,} weights that each read {outcome.tokens:,} tokens; guessing: {1 / MODULUS:.2f}. "
        "Wilson's 95% intervals over problems, one model each. Longer: than any problem of training. p: no difference; "
        "paired randomisation, Holm over the rows."
    )
    names = ("operations", "answer alone", "with steps", "p", "n")
    return Table("The answer alone, or steps before it", _columns(*names), rows, note)


def _ways(outcome: Outcome) -> Table:
    compared = against_steps(outcome)
    plain = outcome.ways[Way(STEPS)].tokens
    rows = tuple(
        (
            way.shown,
            interval(share(found.right)),
            f"{sum(found.silent) / len(found.silent):.2f}",
            f"{found.tokens:,.0f}",
            f"{found.tokens / plain:.1f}x",
            p_value(compared[way].p) if way in compared else "",
        )
        for way, found in outcome.ways.items()
    )
    n = len(outcome.ways[Way(STEPS)].right)
    note = (
        f"{n} problems of {outcome.asked} operations kept from training. Answers alone are asked of the model trained "
        "on them, all else of the one trained on steps. "
        f"Votes and the best of n draw at temperature {outcome.temperature:g}, the others take the likeliest token. "
        "Tokens: read and written for a problem; cost: against one chain of thought. p: as good as that one; paired "
        "randomisation, Holm over the rows."
    )
    names = ("strategy", "right", "unread", "tokens", "cost", "p")
    return Table("Strategies", _columns(*names), rows, note)


def _votes(outcome: Outcome) -> Table:
    rows = tuple(
        (
            one.first,
            interval(share(outcome.ways[Way(VOTE, int(one.first))].right)),
            interval(share(outcome.ways[Way(BEST, int(one.first))].right)),
            f"{one.difference:+.3f}",
            p_value(one.p),
        )
        for one in vote_against_best(outcome)
    )
    note = "The same texts. Best: of the largest mean log-probability of a token. p: no difference, Holm over the rows."
    return Table("The vote or the likeliest text", _columns("texts", "vote", "best", "vote - best", "p"), rows, note)


def interval(found: Interval) -> str:
    """``0.81 (.74–.86)``"""
    low, high = (f"{bound:.2f}".removeprefix("0") for bound in (found.low, found.high))
    return f"{found.value:.2f} ({low}–{high})"


def p_value(value: float) -> str:
    return "<.001" if value < 0.001 else f"{value:.3f}".removeprefix("0")


def _columns(first: str, *others: str) -> tuple[Column, ...]:
    return (Column(first), *(Column(name, "right") for name in others))
