"""What ``openbook compress`` shows: the model in floats beside what was made of it."""

from dataclasses import asdict
from typing import Any

from openbook.cli.compressing import Compressed, Truth
from openbook.cli.screen import console
from openbook.evaluate.intervals import Interval
from openbook.report import terminal
from openbook.report.page import Section
from openbook.report.tables import Column, Table


def show(found: Compressed) -> None:
    screen = console()
    if found.truth is None:
        screen.print(f"{found.bytes / 1e6:.1f} MB")
        return
    screen.print(terminal.text(table(found, found.truth), screen.width), markup=False, highlight=False)


def sections(found: Compressed) -> list[Section]:
    return [] if found.truth is None else [Section("", [table(found, found.truth)])]


def as_values(found: Compressed) -> dict[str, Any]:
    told = {**asdict(found.asked), "model": str(found.asked.model), "out": str(found.asked.out)}
    return {"asked": told, "bytes": found.bytes, "truth": None if found.truth is None else asdict(found.truth)}


def table(found: Compressed, truth: Truth) -> Table:
    """A line for each thing that is measured."""
    said, fp32, made = truth.fidelity, truth.fp32, truth.made
    rows = (
        ("size", _mb(fp32.weights), _mb(made.weights), f"{fp32.weights / made.weights:.2f} times smaller"),
        ("perplexity", f"{said.original:.3f}", f"{said.perplexity:.3f}", _percent(said.change)),
        ("divergence", "0", f"{said.divergence:.1e}", _within(said.divergence_interval, ".1e")),
        ("same first choice", "", f"{said.same_first.value:.1%}", _within(said.same_first, ".1%")),
        *(
            (name, f"{before:,.0f}/s", f"{after:,.0f}/s", f"{after / before:.2f} times as fast")
            for name, before, after in (
                ("prompt", fp32.prompt, made.prompt),
                ("writing, one", fp32.one, made.one),
                ("writing, eight", fp32.eight, made.eight),
            )
        ),
        ("weights read", _gb(fp32.bytes_per_second), _gb(made.bytes_per_second), f"of {_gb(truth.bandwidth)}"),
    )
    loses = [row[0] for row in rows[4:7] if row[3].startswith("0.")]
    note = (
        f"{said.tokens:,} tokens of {truth.where}; divergence in nats a token; speed on {truth.threads} cores;"
        " weights read while writing in one row, beside what a plain sum reads."
        + (f" {found.asked.to} is slower for: {', '.join(loses)}." if loses else "")
    )
    columns = (Column(""), Column("fp32", "right"), Column(found.asked.to, "right"), Column("", "left"))
    return Table(f"{found.asked.model.name} as {found.asked.to}", columns, rows, note)


def _mb(size: int) -> str:
    return f"{size / 1e6:.1f} MB"


def _gb(rate: float) -> str:
    return f"{rate / 1e9:.1f} GB/s"


def _percent(change: Interval | None) -> str:
    return "" if change is None else f"{change.value:+.2%} ({change.low:+.2%} to {change.high:+.2%})"


def _within(interval: Interval | None, form: str) -> str:
    return "" if interval is None else f"{interval.low:{form}} to {interval.high:{form}}"
