"""What ``openbook compress`` shows of a denoiser: the rows of its table, and the note below them."""

import statistics

from openbook.cli.compress_denoiser import DenoiserTruth
from openbook.cli.screen import plural
from openbook.cli.show_compress_parts import megabytes, slower_line, smaller, times


def denoiser_table(truth: DenoiserTruth, size: int, to: str) -> tuple[tuple[tuple[str, ...], ...], str]:
    said = truth.distance
    before, after = statistics.median(truth.fp32), statistics.median(truth.made)
    rows = (
        ("size", megabytes(truth.bytes), megabytes(size), smaller(truth.bytes, size)),
        ("error of a prediction", "0", f"{said.prediction:.2%}", f"at most {said.largest_prediction:.2%} at a level"),
        ("shades apart", "0", f"{said.shades:.2f}", f"of 255, in pictures; at most {said.most_shades:.0f}"),
        ("calls", f"{before:,.1f}/s", f"{after:,.1f}/s", times(truth.speed)),
    )
    note = (
        f"Error: root mean square, as a part of the prediction's own, over {said.levels} levels of noise; pictures: "
        f"{said.pictures} in {said.steps} steps of DDIM from equal noise, told nothing; calls of one picture a second "
        f"on {plural(truth.threads, 'core')}, and how many times as fast in the middle, worst and best of "
        f"{truth.speed.rounds} rounds. " + slower_line(to, [("calls", truth.speed)])
    )
    return rows, note
