"""Tables of the reward model on pairs it did not see, and of self-correction: what it is worth, and what it notices."""

from openbook.labs.chain_of_thought.outcome import Outcome, of_mends, share
from openbook.labs.chain_of_thought.tables import columns, interval, p_value
from openbook.report.tables import Table


def tables_of_parts(outcome: Outcome) -> dict[str, Table]:
    """By a short name: reward, mends, noticed."""
    return {"reward": _reward(outcome), "mends": _mends(outcome), "noticed": _noticed(outcome)}


def _reward(outcome: Outcome) -> Table:
    some = [(f"{shared}", right) for shared, right in sorted(outcome.judged.items())]
    rows = tuple((name, interval(share(right)), f"{len(right)}") for name, right in [*some, ("all", outcome.preferred)])
    note = (
        f"Pairs of a right and a wrong text that the decoder drew at temperature {outcome.temperature:g} for problems "
        f"kept from training. It learnt from {outcome.pairs:,} pairs for problems of training. Preferred: the right "
        "one is worth more; guessing: 0.50. Wilson's 95%."
    )
    return Table("The reward model on pairs it did not see", columns("steps shared", "preferred", "pairs"), rows, note)


def _mends(outcome: Outcome) -> Table:
    rows = tuple(
        (one.first, "chain of thought, drawn" if one.second.endswith(", 1") else one.second, f"{one.difference:+.3f}",
         p_value(one.p))
        for one in of_mends(outcome)
    )  # fmt: skip
    note = (
        f"Shares right, the first less the second, on the problems of the strategies. Drawn: at temperature "
        f"{outcome.temperature:g}, else the likeliest tokens. p: no difference; paired randomisation, Holm over the "
        "rows."
    )
    names = ("trained to mend", "against", "difference", "p")
    return Table("Self-correction", columns(*names), rows, note)


def _noticed(outcome: Outcome) -> Table:
    rows = tuple(
        (
            name,
            f"{found.right + found.wrong:,}",
            _share(found.wrong, found.right + found.wrong),
            _share(found.caught, found.wrong),
            _share(found.mended, found.caught),
            _share(found.alarms, found.right),
        )
        for name, found in outcome.noticed.items()
    )
    note = (
        f"Words of the steps of all texts drawn at temperature {outcome.temperature:g}, of each up to the first wrong "
        "one that is let stand. Noticed: of the wrong ones, those behind which the step is taken back; mended: of "
        "these, those whose place is next filled rightly; false alarms: of the right ones, those taken back."
    )
    names = ("texts of", "words", "wrong", "noticed", "mended", "false alarms")
    return Table("What is noticed", columns(*names), rows, note)


def _share(count: int, of: int) -> str:
    return f"{count / of:.3f}" if of else ""
