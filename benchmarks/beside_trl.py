"""What the comparisons with TRL share: parity as a table, and speed and memory of runs in processes of their own."""

import json
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.data import ROOT
from benchmarks.differences import Found, shown, unless_impossible
from benchmarks.model_shapes import PIECES, SHAPE_30M
from openbook.report.record import Figure
from openbook.report.tables import Column, Table
from openbook.tokens import Tokenizer

END = "<|endoftext|>"
WARM = 2  # steps not timed
OURS = "openbook"


def bf16_products() -> bool:
    """Whether this processor has them; without, TRL's default of BF16 takes minutes a step, and is run in FP32."""
    import torch

    return bool(torch.ops.mkldnn._is_mkldnn_bf16_supported())  # noqa: SLF001


PRECISIONS = (
    "FP32 but for TRL's defaults, which are BF16 with activations computed again; TRL, best: FP32, activations kept."
    if bf16_products()
    else "All FP32, since this processor has no BF16 products and TRL's default of BF16 takes minutes a step; TRL, "
    "defaults: but for that, with activations computed again; TRL, best: activations kept."
)

Runs = Mapping[str, Sequence[Mapping[str, float]]]
"""Of each system, what each of its runs gave: rate (steps a second), megabytes, and what else it tells."""


def parity(
    checks: Mapping[tuple[str, str], Callable[[Path], Found]], title: str, note: str
) -> tuple[list[Figure], Table]:
    """checks: by what is compared here, and with what of TRL's."""
    found = {names: unless_impossible(check) for names, check in checks.items()}
    figures = [
        Figure(f"{what}: {reference}", each.difference, n=each.compared, text=shown(each))
        for (what, reference), each in found.items()
        if each is not None
    ]
    rows = tuple(
        (what, reference, "–" if each is None else f"{each.compared:,}", shown(each))
        for (what, reference), each in found.items()
    )
    heads = (Column("here"), Column("TRL"), Column("numbers", "right"), Column("difference", "right"))
    return figures, Table(title, heads, rows, note)


def base(folder: Path, texts: Sequence[str], context: int) -> Tokenizer:
    """A 30M model with random weights that all systems begin from, and a tokenizer of the texts, which it returns."""
    import torch

    from openbook.model import Decoder, DecoderConfig, checkpoint
    from openbook.tokens import train_bpe

    torch.manual_seed(0)
    shape = SHAPE_30M
    config = DecoderConfig(
        shape.vocabulary, shape.width, shape.layers, shape.heads, shape.inner, context, shape.key_value_heads
    )
    checkpoint.save(folder / "base", Decoder(config))
    tokenizer = train_bpe(texts, PIECES)
    tokenizer.save(folder / "base" / "tokenizer.json")
    return tokenizer


def peak_megabytes() -> float:
    """Of this program alone; ``getrusage`` would also count the one that started it."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return int(status.split("VmHWM:")[1].split()[0]) * 1024 / 1e6


def alone(module: str, *given: str) -> dict[str, float]:
    """One run of ``benchmarks.MODULE --worker`` in a process of its own, whose last line is what it found."""
    command = [sys.executable, "-m", f"benchmarks.{module}", "--worker", *given]
    done = subprocess.run(command, check=False, capture_output=True, text=True, cwd=ROOT)
    if done.returncode:
        sys.exit(f"{' '.join(given)} failed:\n{done.stderr[-2000:]}")
    return json.loads(done.stdout.splitlines()[-1])


def in_turn(systems: Mapping[str, Any], repeats: int, run: Callable[[str, Any], dict[str, float]]) -> Runs:
    """Each system's runs, one of each at a time, so that a slow minute meets all. run: of a system's name, settings."""
    runs: dict[str, list[dict[str, float]]] = {label: [] for label in systems}
    for _ in range(repeats):
        for label, settings in systems.items():
            runs[label].append(run(OURS if label == OURS else "trl", settings))
    return runs


def medians(runs: Runs) -> dict[str, dict[str, float]]:
    """Of everything that each system's runs tell."""
    return {
        label: {key: float(np.median([run[key] for run in found])) for key in found[0]} for label, found in runs.items()
    }


def compared(runs: Runs, prefix: str = "") -> tuple[list[Figure], dict[str, tuple[str, ...]]]:
    """Figures, and of each system its cells: steps a second, ours over it, peak memory, ours as a share of it."""
    figures: list[Figure] = []
    cells: dict[str, tuple[str, ...]] = {}
    middle = medians(runs)
    mine = middle[OURS]
    for label, found in middle.items():
        rates = [run["rate"] for run in runs[label]]
        speed, memory = mine["rate"] / found["rate"], mine["megabytes"] / found["megabytes"]
        figures += [
            Figure(f"{prefix}{label} steps/s", found["rate"], low=min(rates), high=max(rates), n=len(rates)),
            Figure(f"{prefix}{label} peak MB", found["megabytes"]),
        ]
        if label != OURS:
            figures += [
                Figure(f"{prefix}speed over {label}", speed, "x", text=f"{speed:.2f}x"),
                Figure(f"{prefix}memory share of {label}", memory, "x", text=f"{memory:.2f}x"),
            ]
        ratios = ("", "") if label == OURS else (f"{speed:.2f}x", f"{memory:.2f}x")
        cells[label] = f"{found['rate']:.3f}", ratios[0], f"{found['megabytes']:.0f}", ratios[1]
    return figures, cells
