"""The outcome as tables: accuracy by number of operations, strategies and what they spend, and what decides.

Those of the reward model and of self-correction alone are in ``tables_of_parts``.
"""

from openbook.evaluate.intervals import Interval
from openbook.labs.chain_of_thought.outcome import Outcome, against_drawn, against_steps, against_vote, by_steps, share
from openbook.labs.chain_of_thought.task import MODULUS
from openbook.labs.chain_of_thought.ways import STEPS, VOTE, Way
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
    return Table("The answer alone, or steps before it", columns(*names), rows, note)


def _ways(outcome: Outcome) -> Table:
    compared, drawn = against_steps(outcome), against_drawn(outcome)
    plain = outcome.ways[Way(STEPS)].tokens
    rows = tuple(
        (
            way.shown,
            interval(share(found.right)),
            f"{found.tokens:,.0f}",
            f"{found.tokens / plain:.1f}x",
            p_value(compared[way].p) if way in compared else "",
            p_value(drawn[way].p) if way in drawn else "",
        )
        for way, found in outcome.ways.items()
    )
    n = len(outcome.ways[Way(STEPS)].right)
    unread = max(sum(found.silent) / len(found.silent) for found in outcome.ways.values())
    note = (
        f"{n} problems of {outcome.asked} operations kept from training. Answers alone are asked of the model trained "
        "on them, self-correction of the one trained on steps that are mended, all else of the one trained on steps. "
        f"What votes, is best or is said to be drawn is drawn at temperature {outcome.temperature:g}, the others take "
        "the likeliest token. Tokens: read and written for a problem, a reward model's reading too; cost: against one "
        "chain of thought. p: as good as that one; drawn: as good as one chain drawn alike (self-consistency, 1); "
        f"paired randomisation, Holm over the rows. At most {unread:.2f} of a way's answers could not be read."
    )
    names = ("strategy", "right", "tokens", "cost", "p", "drawn")
    return Table("Strategies", columns(*names), rows, note)


def _votes(outcome: Outcome) -> Table:
    compared = against_vote(outcome)
    rows = tuple(
        (
            f"{way.n}",
            way.strategy,
            interval(share(found.right)),
            f"{compared[way].difference:+.3f}" if way in compared else "",
            p_value(compared[way].p) if way in compared else "",
        )
        for way, found in sorted(outcome.ways.items(), key=lambda one: one[0].n)
        if way in compared or (way.strategy == VOTE and way.n > 1)
    )
    note = (
        "The same texts. Best of n: of the largest mean log-probability of a token; by reward: of the largest reward, "
        "and votes that weigh as much as the reward's sigmoid. Behind the vote's, the difference from it. p: none; "
        "Holm over the rows."
    )
    return Table("What decides between texts", columns("texts", "decided by", "right", "difference", "p"), rows, note)


def interval(found: Interval) -> str:
    """``0.81 (.74–.86)``"""
    low, high = (f"{bound:.2f}".removeprefix("0") for bound in (found.low, found.high))
    return f"{found.value:.2f} ({low}–{high})"


def p_value(value: float) -> str:
    return "<.001" if value < 0.001 else f"{value:.3f}".removeprefix("0")


def columns(first: str, *others: str) -> tuple[Column, ...]:
    return (Column(first), *(Column(name, "right") for name in others))
