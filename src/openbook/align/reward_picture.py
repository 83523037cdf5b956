"""What a reward model is worth on pairs kept apart, as two SVGs beside the run's plots: calibration, and length."""

from pathlib import Path

from openbook.align.reward_report import RewardReport
from openbook.evaluate.intervals import wilson
from openbook.report.bars import bar_plot
from openbook.report.files import write_whole
from openbook.report.lines import line_plot
from openbook.report.series import Bars, Series
from openbook.report.svg import Svg

CALIBRATION, LENGTH = "calibration.svg", "right.svg"


def draw(folder: Path, found: RewardReport) -> list[Path]:
    """Write both, and return where."""
    drawn = {CALIBRATION: calibration(found), LENGTH: by_length(found)}
    for name, plot in drawn.items():
        write_whole(folder / name, plot.text)
    return [folder / name for name in drawn]


def calibration(found: RewardReport) -> Svg:
    """The share right over σ(|margin|), part by part; a model whose sureness is true lies on the line."""
    parts = found.reliability
    shares = [wilson(round(part.correct * part.n), part.n) for part in parts]
    here = Series(
        "pairs kept apart, with 95% intervals",
        [part.confidence for part in parts],
        [part.correct for part in parts],
        [min(share.low, part.correct) for share, part in zip(shares, parts, strict=True)],
        [max(share.high, part.correct) for share, part in zip(shares, parts, strict=True)],
    )
    return line_plot(
        f"Is its sureness true? Expected calibration error {found.error:.3f}",
        [here, Series("as sure as right", [0.5, 1.0], [0.5, 1.0])],
        x_label="sureness, σ of the margin",
        y_label="share of pairs right",
        y_range=(0.0, 1.0),
    )


def by_length(found: RewardReport) -> Svg:
    """The share right of all pairs, and by which reply is the longer: who follows length alone fails in one of both."""
    shares = {
        "all": found.accuracy,
        "the longer is preferred": found.longer,
        "the shorter is preferred": found.shorter,
    }
    there = {name: share for name, share in shares.items() if share is not None}
    bars = Bars(
        "",
        list(there),
        [share.value for share in there.values()],
        [share.low for share in there.values()],
        [share.high for share in there.values()],
    )
    return bar_plot("Right on pairs kept apart", [bars], x_label="share of pairs right, with 95% intervals")
