"""What ``openbook compress`` shows of a sentence encoder: the rows of its table, and the note below them."""

import statistics

from openbook.cli.compress_encoder import EncoderTruth
from openbook.cli.screen import one_line, plural
from openbook.cli.show_compress_parts import megabytes, slower_line, smaller, times, within
from openbook.json_lines import shortened


def encoder_table(truth: EncoderTruth, size: int, to: str) -> tuple[tuple[tuple[str, ...], ...], str]:
    said = truth.fidelity
    before, after = statistics.median(truth.fp32), statistics.median(truth.made)
    cosine, kept = said.cosine, said.neighbours
    rows = (
        ("size", megabytes(truth.bytes), megabytes(size), smaller(truth.bytes, size)),
        ("cosine to fp32", "1", "" if cosine is None else f"{cosine.value:.4f}", within(cosine, ".4f")),
        ("lowest cosine", "1", f"{said.lowest:.4f}", shortened(one_line(truth.furthest), 34)),
        (
            f"top {said.nearest} kept",
            "",
            "" if kept is None else f"{kept.value:.1%}",
            within(kept, ".1%"),
        ),
        ("same nearest", "", f"{said.same_nearest.value:.1%}", within(said.same_nearest, ".1%")),
        ("texts", f"{before:,.0f}/s", f"{after:,.0f}/s", times(truth.speed)),
    )
    note = (
        f"{said.texts:,} passages of {truth.where}, and {truth.calibrated} others to calibrate on; neighbours among"
        f" these passages; 95% intervals; texts a second on {plural(truth.threads, 'core')}, and how many times as fast"
        f" in the middle, worst and best of {truth.speed.rounds} rounds. " + slower_line(to, [("texts", truth.speed)])
    )
    return rows, note
