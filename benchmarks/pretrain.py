"""Pretraining on a GPU beside transformers' Trainer: tokens a second, the share of the GPU's peak, memory, and loss.

A Llama-shaped model of 30M parameters and GPT-2's smallest, in BF16 with torch.compile, each run a process of its own,
the systems in turn; what is compiled is compiled while warming up. Writes evidence/pretrain.json, and needs a CUDA
device. Run: python -m benchmarks.pretrain (--cpu: a tiny model, to see that all of it works)
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from importlib import metadata
from pathlib import Path

import torch

from benchmarks.data import EVIDENCE, ROOT, read_rows
from benchmarks.model_flops import flops_per_token, peak_of
from benchmarks.model_shapes import PIECES
from benchmarks.pretrain_sizes import SIZES
from benchmarks.publish import columns, publish
from openbook.report.record import Figure
from openbook.report.tables import Table
from openbook.tokens import train_bpe
from openbook.train.shards import write_shards

TEXTS = ("lm/wikitext2_valid.jsonl.gz", "lm/docs_markdown.jsonl.gz")
SEEDS = (0, 1, 2)
SYSTEMS = {
    "openbook": ("openbook",),
    "Trainer, compiled": ("trainer", "torch_compile=true"),
    "Trainer": ("trainer",),
}
Run = Mapping[str, float]


def prepare(folder: Path) -> None:
    """All texts as one row of tokens: documents kept apart would need a mask, which the Trainer's do without."""
    import numpy as np

    texts = [str(row["text"]) for name in TEXTS for row in read_rows(name)]
    ids = train_bpe(texts, PIECES).ids_batch(texts)
    write_shards(folder / "corpus", [[np.concatenate([np.array(each) for each in ids])]], PIECES)


def worker(folder: Path, system: str, size: str, device: str, seed: int, *changes: str) -> Run | None:
    """One run in a fresh process; None, and the reason said, where it failed."""
    command = [sys.executable, "-m", "benchmarks.pretrain_worker", system, str(folder), size, device, str(seed)]
    environment = {
        **os.environ,
        "CUDA_VISIBLE_DEVICES": os.environ.get("CUDA_VISIBLE_DEVICES", "0").partition(",")[0],  # the Trainer takes all
        "TORCHINDUCTOR_CACHE_DIR": str(folder / "compiled"),
        "HF_HUB_OFFLINE": "1",
    }
    done = subprocess.run([*command, *changes], check=False, capture_output=True, text=True, cwd=ROOT, env=environment)
    if done.returncode:
        print("missing:", size, system, *changes, *done.stderr.strip().splitlines()[-1:], file=sys.stderr)
        return None
    found: Run = json.loads(done.stdout.splitlines()[-1])
    print(size, system, seed, *changes, found, file=sys.stderr)
    return found


def measure(folder: Path, size: str, device: str, seeds: Sequence[int]) -> dict[str, list[Run]]:
    """Every system's runs, one a seed, in turn; those that failed are left out."""
    runs: dict[str, list[Run]] = {name: [] for name in SYSTEMS}
    for seed in seeds:
        for name, (system, *changes) in SYSTEMS.items():
            if (found := worker(folder, system, size, device, seed, *changes)) is not None:
                runs[name].append(found)
    return runs


def report(size: str, runs: Mapping[str, Sequence[Run]], cost: int, peak: float | None) -> tuple[list[Figure], list]:
    """Figures and the table's rows of one size. cost: FLOPs a token; peak: FLOP/s, where it is known."""
    figures: list[Figure] = []
    rows: list[tuple[str, ...]] = []
    middle = {name: statistics.median(run["rate"] for run in found) for name, found in runs.items() if found}
    for name, found in runs.items():
        if not found:
            rows.append((size, name, *["missing"] * 5))
            continue
        rates = [run["rate"] for run in found]
        memory = statistics.median(run["megabytes"] for run in found)
        losses = [run["loss"] for run in found]
        figures += [
            Figure(f"{size} {name} tokens/s", middle[name], "", min(rates), max(rates), len(rates)),
            Figure(f"{size} {name} peak MB", memory, "MB"),
            Figure(f"{size} {name} loss", statistics.mean(losses), "nats", min(losses), max(losses), len(losses)),
        ]
        share = None if peak is None else middle[name] * cost / peak
        if share is not None:
            figures.append(Figure(f"{size} {name} MFU", share, text=f"{share:.1%}"))
        over = ""
        if name != "openbook" and "openbook" in middle:
            ratio = middle["openbook"] / middle[name]
            over = f"{ratio:.2f}x"
            figures.append(Figure(f"{size} speed over {name}", ratio, "x", text=over))
        spread = f" ({min(rates):,.0f}–{max(rates):,.0f})" if rates[1:] else ""
        rows.append(
            (
                size, name, f"{middle[name]:,.0f}{spread}", over,
                "–" if share is None else f"{share:.1%}", f"{memory:,.0f}", f"{statistics.mean(losses):.3f}",
            )
        )  # fmt: skip
    return figures, rows


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--cpu", action="store_true", help="a tiny model for a few steps; writes nothing without --out")
    parser.add_argument(
        "--size", action="append", choices=[name for name in SIZES if name != "tiny"], help="only these"
    )
    parser.add_argument("--runs", type=int, choices=(1, 2, 3), default=len(SEEDS), help="runs of each, a seed each")
    parser.add_argument("--out", type=Path, help="the folder to write the evidence into (default: evidence)")
    given = parser.parse_args()
    if not given.cpu and not torch.cuda.is_available():
        sys.exit("pretraining is timed on a CUDA device, and torch sees none: run it where there is one, or try --cpu")
    if given.out:
        given.out.mkdir(parents=True, exist_ok=True)
    device, sizes, seeds = (
        ("cpu", ["tiny"], SEEDS[:1]) if given.cpu else ("cuda", given.size or ["30M", "124M"], SEEDS[: given.runs])
    )
    where = "a CPU" if given.cpu else torch.cuda.get_device_name()
    figures: list[Figure] = []
    rows: list[tuple[str, ...]] = []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        prepare(folder)
        for size in sizes:
            made = worker(folder, "start", size, "cpu", 0)
            if made is None:
                sys.exit(f"the model of {size} could not be made, for the reason above")
            shape = SIZES[size].shape
            cost = flops_per_token(int(made["multiplied"]), shape.layers, shape.width, SIZES[size].context)
            found = report(size, measure(folder, size, device, seeds), cost, peak_of(where))
            figures += found[0]
            rows += found[1]
    last = SIZES[sizes[-1]]
    runs = f"medians of {len(seeds)}, lowest to highest" if seeds[1:] else "one run of each"
    note = (
        f"{last.batch} rows of {last.context:,} tokens a step, {last.timed} steps timed after {last.warm}; {runs}. Both"
        " with fused AdamW and the same rows in one order, cut from real text that runs on, whose content speed does"
        " not depend on. MFU: (6N + 12·layers·width·context) FLOPs a token (Chowdhery et al. 2022, appendix B) as a"
        " share of the device's dense BF16 peak. Memory: the most that torch held while timed. Loss: of the last steps."
    )
    names = columns("model", "system", "tokens/s", "ours over", "MFU", "peak MB", "loss")
    publish(
        "pretrain",
        figures,
        {"pretrain": Table(f"Pretraining in BF16 on {where}", names, tuple(rows), note)},
        data=TEXTS,
        code=["benchmarks/model_flops.py", "benchmarks/model_shapes.py", "benchmarks/pretrain_sizes.py",
              "benchmarks/pretrain_worker.py", "src/openbook/train", "src/openbook/model"],
        seeds=seeds,
        versions={name: metadata.version(name) for name in ("torch", "transformers", "accelerate")},
        note=f"Device: {where}.",
        folder=given.out or (None if given.cpu else EVIDENCE),
    )  # fmt: skip


if __name__ == "__main__":
    main()
