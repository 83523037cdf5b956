"""What a folder's own threshold gives, as a table and as a curve."""

import sys
from collections.abc import Mapping
from pathlib import Path

from openbook.answer.calibrate import FEWEST, Kind, Suited
from openbook.evaluate.abstention import risk_coverage
from openbook.report import terminal
from openbook.report.files import write_whole
from openbook.report.lines import line_plot
from openbook.report.series import Series
from openbook.report.tables import Column, Table
from openbook.values import Json

IN_WORDS: Mapping[Kind, str] = {
    "answerable": "answerable",
    "absent": "on a document that was hidden",
    "swapped": "on names that stand nowhere",
    "unanswerable": "without an answer",
}


def show(found: Suited, *, made: bool, most_wrong: float | None = None) -> None:
    rows = [
        (words, str(n), _percent(found.share_answered(found.before, [kind])), _percent(share))
        for kind, words in IN_WORDS.items()
        if (n := sum(a.question.kind == kind for a in found.asked))
        and (share := found.share_answered(found.threshold, [kind])) is not None
    ]
    right, was = found.share_right(found.threshold), found.share_right(found.before)
    rows.append(("of the answers given, right", "", _percent(was), _percent(right)))
    names = ("questions", "n", f"answered from {found.before:.3f}", f"from {found.threshold:.3f}")
    columns = tuple(Column(name, "left" if place == 0 else "right") for place, name in enumerate(names))
    note = "Made here from the documents; a person asks otherwise." if made else "Your own."
    sys.stdout.write(terminal.text(Table("", columns, tuple(rows), note)) + "\n\n")
    if found.few:
        few = ", ".join(f"{sum(a.question.kind == kind for a in found.asked)} {IN_WORDS[kind]}" for kind in found.few)
        sys.stdout.write(f"Not set lower: only {few}, and {FEWEST} are needed; raise --count, or give your own.\n")
    if most_wrong is not None:
        wrong = found.share_wrong(found.threshold)
        sys.stdout.write(f"Wrongly answered: {wrong:.1%} of these; of new ones, {most_wrong:.1%} at most on average.\n")
    sys.stdout.write(f"From now on `ask` answers from these documents at {found.threshold:.3f} and above.\n")


def summary(found: Suited) -> Mapping[str, Json]:
    """For machines."""
    return {
        "threshold": found.threshold,
        "before": found.before,
        "questions": len(found.asked),
        "too_few": list(found.few),
        "answered": {kind: found.share_answered(found.threshold, [kind]) for kind in IN_WORDS},
        "answered_before": {kind: found.share_answered(found.before, [kind]) for kind in IN_WORDS},
        "right": found.share_right(found.threshold),
        "curve": [
            {"threshold": p.threshold, "coverage": p.coverage, "risk": p.risk} for p in risk_coverage(*_judged(found))
        ],
    }


def draw(found: Suited, path: Path) -> None:
    """The share of wrong answers by the share of questions answered."""
    points = risk_coverage(*_judged(found))
    curve = Series("this folder", [p.coverage for p in points], [p.risk for p in points])
    drawn = line_plot(
        "Wrong answers by share of questions answered",
        [curve],
        x_label="share of questions answered",
        y_label="share of the answers that are wrong",
        y_range=(0.0, 1.0),
    )
    write_whole(path, drawn.text)


def _judged(found: Suited) -> tuple[list[float], list[float]]:
    return [a.confidence for a in found.asked], [float(a.right) for a in found.asked]


def _percent(share: float | None) -> str:
    return "–" if share is None else f"{share:.0%}"
