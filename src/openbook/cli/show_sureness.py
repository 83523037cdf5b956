"""What a confidence is worth, as a table of ``openbook eval ask``, with what few questions cannot say left open."""

from openbook.cli.ask_cells import columns, row
from openbook.evaluate.sureness import FEWEST, Sureness
from openbook.report.tables import Table


def confidence(sure: Sureness, size: int) -> Table:
    """Of so many questions."""
    rows = [row(one) for one in sure.measures]
    note = "All questions, however sure. The confidence was fitted on other people's questions."
    if sure.error is not None:
        rows.append(("calibration error", f"{size:,}", f"{sure.error:.3f}"))
        note += f" {_calibrated(sure, sure.error, size)}"
    rows += [(few.name, " + ".join(f"{n:,}" for n in few.counts), "too few to say") for few in sure.too_few]
    if sure.too_few:
        note += f" Too few: an AUROC takes {FEWEST} of both kinds, the others take {2 * FEWEST} questions."
    return Table("What the confidence is worth", columns(("", "n", "value (95 %)")), tuple(rows), note)


def _calibrated(sure: Sureness, error: float, size: int) -> str:
    """Whether the confidence says how often answers are right, and which way it errs."""
    said = sum(each.confidence * each.n for each in sure.bins) / size
    right = sum(each.correct * each.n for each in sure.bins) / size
    were = "were the confidence the share that is right, it would be"
    if error <= sure.at_most:
        return (
            f"The calibration error is no larger than chance makes it on so many questions: {were} {sure.chance:.3f} "
            f"on average, and up to {sure.at_most:.3f} in 95 % of draws."
        )
    return (
        f"The calibration error is larger than chance makes it on so many questions: {were} {sure.chance:.3f} on "
        f"average, and more than {sure.at_most:.3f} in 5 % of draws only. The confidence is {said:.2f} on average, and "
        f"{right:.2f} are right."
    )
