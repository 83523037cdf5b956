"""The loss over the steps, as an SVG, from the metrics of a run."""

from collections.abc import Sequence
from typing import Any

from openbook.report.files import write_whole
from openbook.report.lines import line_plot
from openbook.report.series import Series
from openbook.train.folder import RunFolder


def draw(folder: RunFolder, rows: Sequence[dict[str, Any]], unit: str = "nats a token") -> None:
    """Write ``loss.svg``: training loss, and validation loss where it was measured."""
    drawn = [
        Series(name, [row["step"] for row in found], [row[key] for row in found])
        for name, key in (("training", "loss"), ("validation", "validation_loss"))
        if (found := [row for row in rows if key in row])
    ]
    if drawn:
        plot = line_plot("Loss", drawn, x_label="step", y_label=unit)
        write_whole(folder.plot, plot.text)
