"""The tables of benchmarks/decoding.py, and what a reader must know of each."""

from collections.abc import Sequence

from benchmarks.decoding_worker import SHORT, THREADS
from benchmarks.publish import columns
from openbook.report.tables import Table

Rows = Sequence[tuple[str, ...]]


def tables(rows: Rows, told: Rows, peers: Rows, starts: Rows, processes: int) -> dict[str, Table]:
    """Those that have rows. processes: how many each median of peers and starts is of."""
    names = columns("model", "MB", "prompt/s", "written/s", "beside", "eight/s", "bandwidth")
    note = (
        f"Tokens a second on {THREADS} cores, medians of rounds: a prompt of {SHORT}, writing one row, and eight "
        "rows together. Beside: transformers' writing. Bandwidth: bytes of weights read, of what a plain sum reads."
    )
    kinds = columns("weights", "MB", "perplexity", "change", "divergence", "same first choice")
    told_note = (
        "The 0.8-million-parameter character model of recipes/shakespeare.toml on text kept from training; change of "
        "perplexity against FP32 on the same windows, 95% intervals over them; divergence in nats a character. "
        "Activations are rounded to INT8 too, where it does not say weights alone."
    )
    beside = columns("model", "MB", "256/s", "2,048/s", "written/s")
    beside_note = (
        f"Tokens a second on {THREADS} cores, medians of {processes} processes each, in turn: prompts of 256 and 2,048 "
        "read 512 at a time, and writing after 256. In brackets: over llama.cpp's kind of the same bits (F32, Q8_0, "
        "Q4_0), whose keys and values are FP16 and whose Q4_0 leaves some tensors finer; ours hold FP32."
    )
    first = columns("model", "first token", "beside", "resident", "peak")
    first_note = (
        f"A new process until the first token of a prompt of a few words, medians of {processes}, in turn; what it "
        "holds in memory then, a mapped file's pages included, and at most before. Beside: transformers' time."
    )
    found = {
        "speed": Table("A decoder at work", names, tuple(rows), note),
        "quality": Table("What rounding costs", kinds, tuple(told), told_note),
        "llama": Table("Beside llama.cpp", beside, tuple(peers), beside_note),
        "start": Table("Decoding start", first, tuple(starts), first_note),
    }
    return {name: table for name, table in found.items() if table.rows}
