"""What ``openbook compress`` shows: the model in floats beside what was made of it."""

from dataclasses import asdict
from typing import Any

from openbook.cli.compress_decoder import Truth
from openbook.cli.compress_denoiser import DenoiserTruth
from openbook.cli.compress_encoder import EncoderTruth
from openbook.cli.compress_text import warning
from openbook.cli.compressing import Compressed
from openbook.cli.screen import console, plural
from openbook.cli.show_compress_denoiser import denoiser_table
from openbook.cli.show_compress_encoder import encoder_table
from openbook.cli.show_compress_parts import change, gigabytes, megabytes, slower_line, smaller, times, within
from openbook.report import terminal
from openbook.report.page import Section
from openbook.report.tables import Column, Table


def show(found: Compressed) -> None:
    screen = console()
    if found.truth is None:
        screen.print(f"{found.bytes / 1e6:.1f} MB")
        return
    screen.print(terminal.text(table(found), screen.width), markup=False, highlight=False)


def sections(found: Compressed) -> list[Section]:
    return [] if found.truth is None else [Section("", [table(found)])]


def as_values(found: Compressed) -> dict[str, Any]:
    told = {**asdict(found.asked), "model": str(found.asked.model), "out": str(found.asked.out)}
    truth: dict[str, Any] | None = None
    if found.truth is not None:
        truth = asdict(found.truth)
        if isinstance(found.truth, Truth):
            for name, speed in (("fp32", found.truth.fp32), ("made", found.truth.made)):
                truth[name] |= {"prompt": speed.prompt, "one": speed.one, "eight": speed.eight}
    return {"asked": told, "bytes": found.bytes, "replaced": found.replaced, "truth": truth}


def text_warning(found: Compressed) -> str | None:
    """Where much of the text that it was measured on is unknown to the model's tokenizer."""
    truth = found.truth
    return None if truth is None or isinstance(truth, DenoiserTruth) else warning(truth.unseen, truth.where)


def table(found: Compressed) -> Table:
    """A line for each thing that is measured."""
    truth, to = found.truth, found.asked.to
    assert truth is not None
    title = f"{found.asked.model.resolve().name} as {to}{', smoothed' if found.asked.smooth else ''}"
    if isinstance(truth, Truth):
        rows, note = _rows(truth, to)
    elif isinstance(truth, EncoderTruth):
        rows, note = encoder_table(truth, found.bytes, to)
    else:
        rows, note = denoiser_table(truth, found.bytes, to)
    columns = (Column(""), Column("fp32", "right"), Column(to, "right"), Column("", "left"))
    return Table(title, columns, rows, note)


def _rows(truth: Truth, to: str) -> tuple[tuple[tuple[str, ...], ...], str]:
    said, fp32, made = truth.fidelity, truth.fp32, truth.made
    speeds = (
        ("prompt", fp32.prompt, made.prompt, truth.prompt),
        ("writing 1 row", fp32.one, made.one, truth.one),
        ("writing 8 rows", fp32.eight, made.eight, truth.eight),
    )
    rows = (
        ("size", megabytes(fp32.weights), megabytes(made.weights), smaller(fp32.weights, made.weights)),
        ("perplexity", f"{said.original:.3f}", f"{said.perplexity:.3f}", change(said.change)),
        ("divergence", "0", f"{said.divergence:.1e}", within(said.divergence_interval, ".1e")),
        ("same first choice", "", f"{said.same_first.value:.1%}", within(said.same_first, ".1%")),
        *((name, f"{before:,.0f}/s", f"{after:,.0f}/s", times(fast)) for name, before, after, fast in speeds),
        (
            "weights read",
            gigabytes(fp32.bytes_per_second),
            gigabytes(made.bytes_per_second),
            f"of {gigabytes(truth.bandwidth)}",
        ),
    )
    note = (
        f"{said.tokens:,} tokens of {truth.where}; divergence in nats a token, 95% intervals; tokens a second on"
        f" {plural(truth.threads, 'core')}, and how many times as fast in the middle, worst and best of"
        f" {truth.prompt.rounds} rounds; weights read while writing 1 row, beside what a plain sum reads. "
        + slower_line(to, [(name, fast) for name, _, _, fast in speeds])
    )
    return rows, note
