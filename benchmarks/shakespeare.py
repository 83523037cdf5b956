"""Character-level Shakespeare at nanoGPT's CPU setting: the loss reached, and the time beside transformers' Trainer.

Both train the same weights on the same rows in the same order with the same loss, optimiser and schedule, each in a
process of its own, in turn, over three seeds. Writes evidence/shakespeare.json. Run: python -m benchmarks.shakespeare
"""

import json
import os
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from importlib import metadata
from pathlib import Path

from benchmarks.data import ROOT, data_file
from benchmarks.publish import columns, publish
from openbook.report.record import Figure
from openbook.report.tables import Table
from openbook.train.corpus import prepare
from openbook.train.recipe import Data

TEXT = "lm/tinyshakespeare.jsonl.gz"
SEEDS = (0, 1, 2)
COMPILED = ("train.compile=blocks",)
PLAIN = ("train.precision=fp32", "train.attention=fused", "train.compile=no")
"""Our loop with none of the techniques that the recipe turns on."""

Run = Mapping[str, float]


def worker(system: str, folder: Path, seed: int, shape: str, *changes: str) -> Run:
    command = [sys.executable, "-m", "benchmarks.shakespeare_worker", system, str(folder), str(seed), shape, *changes]
    with tempfile.TemporaryDirectory() as cache:  # what is compiled is compiled anew, and its time counts
        environment = {**os.environ, "TORCHINDUCTOR_CACHE_DIR": cache, "HF_HUB_OFFLINE": "1"}
        done = subprocess.run(command, check=True, capture_output=True, text=True, cwd=ROOT, env=environment)
    found: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    print(system, shape, seed, *changes, found, file=sys.stderr)
    return found


def measure() -> dict[str, list[Run]]:
    """Every system's runs, by seed: the two compared over all seeds in turn, the others once."""
    runs: dict[str, list[Run]] = {}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        prepare(Data(str(data_file(TEXT))), folder / "corpus")
        for seed in SEEDS:
            worker("start", folder, seed, "llama")
            for system in ("openbook", "trainer"):
                changes = COMPILED if system == "openbook" else ()
                runs.setdefault(system, []).append(worker(system, folder, seed, "llama", *changes))
        runs["openbook, not compiled"] = [worker("openbook", folder, 0, "llama")]
        runs["openbook, no techniques"] = [worker("openbook", folder, 0, "llama", *PLAIN)]
        runs["trainer, bf16"] = [worker("trainer", folder, 0, "llama", "bf16=true")]
        runs["trainer, compiled"] = [worker("trainer", folder, 0, "llama", "torch_compile=true")]
        worker("start", folder, 0, "gpt2")
        runs["openbook, GPT-2 shape"] = [worker("openbook", folder, 0, "gpt2", *COMPILED)]
        runs["trainer, GPT-2 shape"] = [worker("trainer", folder, 0, "gpt2")]
    return runs


def main() -> None:
    runs = measure()

    def median(system: str, key: str) -> float:
        return statistics.median(run[key] for run in runs[system])

    ours, theirs = runs["openbook"], runs["trainer"]
    ratios = [other["seconds"] / own["seconds"] for own, other in zip(ours, theirs, strict=True)]
    best = min(median(name, "seconds") for name in runs if name.startswith("trainer") and "GPT" not in name)
    shape = median("trainer, GPT-2 shape", "seconds") / median("openbook, GPT-2 shape", "seconds")
    losses = [run["validation"] for run in ours]
    figures = [
        Figure(
            "validation loss",
            max(losses),
            "nats",
            min(losses),
            max(losses),
            len(losses),
            "the worst of the seeds",
            f"{max(losses):.3f}",
        ),
        Figure("trainer validation loss", max(run["validation"] for run in theirs), "nats"),
        Figure("seconds", median("openbook", "seconds"), "s", text=f"{median('openbook', 'seconds'):.0f} s"),
        Figure("trainer seconds", median("trainer", "seconds"), "s", text=f"{median('trainer', 'seconds'):.0f} s"),
        Figure(
            "speed over trainer",
            statistics.median(ratios),
            "x",
            min(ratios),
            max(ratios),
            len(ratios),
            text=f"{statistics.median(ratios):.1f}x",
        ),
        Figure(
            "speed over trainer's best",
            best / median("openbook", "seconds"),
            "x",
            text=f"{best / median('openbook', 'seconds'):.1f}x",
        ),
        Figure("speed over trainer in GPT-2's shape", shape, "x", text=f"{shape:.1f}x"),
        Figure("peak MB", median("openbook", "megabytes"), "MB"),
        Figure("trainer peak MB", median("trainer", "megabytes"), "MB"),
    ]
    rows = tuple(
        (
            name,
            str(len(found)),
            f"{median(name, 'seconds'):.1f} s",
            f"{found[0]['steps'] * 12 * 64 / median(name, 'seconds'):,.0f}",
            f"{median(name, 'megabytes'):.0f} MB",
            " ".join(f"{run['validation']:.3f}" for run in found),
        )
        for name, found in runs.items()
    )
    note = (
        "2,000 steps of 12 rows of 64 characters; loss over the whole last tenth of the text. Seconds: medians of the "
        "training loops alone, what they compile included; start-up, encoding and validation left out for both. The "
        "Trainer logs, saves and evaluates nothing on the way. Memory: peak resident of the process."
    )
    names = columns("", "seeds", "training", "tokens/s", "memory", "validation loss")
    publish(
        "shakespeare",
        figures,
        {"shakespeare": Table("Shakespeare by character, beside transformers' Trainer", names, rows, note)},
        data=[TEXT],
        code=[
            "benchmarks/shakespeare_worker.py",
            "src/openbook/train",
            "src/openbook/model",
            "recipes/shakespeare.toml",
        ],
        seeds=SEEDS,
        versions={name: metadata.version(name) for name in ("torch", "transformers", "accelerate")},
    )


if __name__ == "__main__":
    main()
