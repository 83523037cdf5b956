"""What a reward model is worth on pairs that it has not seen, as tables."""

import sys

from openbook.align.reward_report import RewardReport
from openbook.evaluate.intervals import Interval
from openbook.report import terminal
from openbook.report.tables import Column, Table


def show(found: RewardReport) -> None:
    for table in tables(found):
        sys.stdout.write(terminal.text(table) + "\n\n")


def tables(found: RewardReport) -> tuple[Table, Table]:
    """What it gets right, and whether its sureness is true."""
    rows = [
        ("all", _share(found.accuracy), f"{found.accuracy.n:,}"),
        ("whose preferred reply is the longer", _share(found.longer), _n(found.longer)),
        ("whose preferred reply is the shorter", _share(found.shorter), _n(found.shorter)),
    ]
    of_length = "" if found.length is None else f" Reward and length of a reply: Spearman's {found.length:+.2f}."
    right = Table(
        "Right on pairs kept apart",
        (Column("pairs"), Column("right", "right"), Column("n", "right")),
        tuple(rows),
        f"95% intervals (Wilson's, pairs of one prompt counted as alike).{of_length}",
    )
    sure = Table(
        "Is its sureness true?",
        (Column("sure, σ of the margin", "right"), Column("right", "right"), Column("n", "right")),
        tuple((f"{part.confidence:.3f}", f"{part.correct:.3f}", f"{part.n:,}") for part in found.reliability),
        f"Pairs in order of sureness, in parts of equal count. Expected calibration error {found.error:.3f}.",
    )
    return right, sure


def _share(share: Interval | None) -> str:
    return "–" if share is None else f"{share.value:.3f} ({share.low:.3f} to {share.high:.3f})"


def _n(share: Interval | None) -> str:
    return "0" if share is None else f"{share.n:,}"
