"""What a run measured over its steps, an SVG for each measure, in the run's folder."""

from collections.abc import Sequence
from pathlib import Path

from openbook.report.files import write_whole
from openbook.report.lines import line_plot
from openbook.report.series import Series
from openbook.train.loop import Row

UNITS = {
    "loss": "",
    "reward": "reward of a reply",
    "true_reward": "reward of a reply",
    "kl": "nats a reply",
    "entropy": "nats a token",
    "clip_share": "share of tokens",
    "length": "tokens a reply",
    "ended": "share of replies",
    "equal": "share of groups",
    "drawing": "share of time",
    "accuracy": "share of pairs",
    "margin": "reward",
    "chosen_reward": "reward",
    "rejected_reward": "reward",
}
"""What is drawn where it was measured, and the unit it is in. A measure ``NAME`` taken on what was kept apart is called
``held_NAME``, and shares its plot.
"""


def draw(folder: Path, rows: Sequence[Row]) -> list[Path]:
    """Write ``NAME.svg`` for every measure that has two values or more, and return where."""
    drawn: list[Path] = []
    for name, unit in UNITS.items():
        series = [
            Series(shown, [row["step"] for row in found], [row[key] for row in found])
            for shown, key in (("training", name), ("held out", f"held_{name}"))
            if len(found := [row for row in rows if key in row]) > 1
        ]
        if series:
            write_whole(folder / f"{name}.svg", line_plot(name, series, x_label="step", y_label=unit).text)
            drawn.append(folder / f"{name}.svg")
    return drawn
