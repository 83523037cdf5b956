"""LoRA against full fine-tuning on a real task: which of six kinds of answer a question asks for (TREC, coarse).

MiniLM with a linear head over the mean of its tokens: the head alone, LoRA at ranks 1 to 64 on every linear layer, and
all weights. Three seeds choose the order and the first weights of head and adapter; one process a method, so that its
peak memory is its own. Rates were chosen on other questions (``--rates``). Writes evidence/lora_task.json.
Run: python -m benchmarks.lora_task
"""

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.data import ROOT, read_rows

DATA = "classify/trec_train.jsonl.gz"
SEEDS = (0, 1, 2)
RANKS = (1, 2, 4, 8, 16, 32, 64)
TRAIN, TEST = 1200, 600
BATCH, EPOCHS, LONGEST = 32, 2, 64
RATES = {"head": 1e-2, "lora": 2e-3, "full": 2e-4}
TRIED = {"head": (3e-3, 1e-2, 3e-2), "lora": (5e-4, 1e-3, 2e-3, 4e-3), "full": (5e-5, 1e-4, 2e-4, 4e-4)}


@dataclass(frozen=True, slots=True)
class Run:
    """One seed. right: of each test question; seconds: training."""

    right: list[bool]
    seconds: float
    trainable: int
    all: int


def prepare(folder: Path) -> None:
    """MiniLM's own files."""
    from openbook.compress.recipe import read_recipe
    from openbook.compress.source import fetch

    for name, content in fetch(read_recipe(ROOT / "recipes" / "minilm-int8.toml").source).items():
        (folder / name).write_bytes(content)


def questions(folder: Path) -> list[tuple[list[int], int]]:
    """Ids with [CLS] and [SEP], and the kind, in one fixed shuffled order."""
    from openbook import tokens

    tokenizer = tokens.load(folder / "tokenizer.json")
    first, last = tokenizer.id_of("[CLS]"), tokenizer.id_of("[SEP]")
    rows = read_rows(DATA)
    kinds = sorted({str(row["coarse"]) for row in rows})
    order = np.random.default_rng(0).permutation(len(rows))
    texts = tokenizer.ids_batch([str(rows[n]["text"]) for n in order])
    return [
        ([first, *ids[: LONGEST - 2], last], kinds.index(str(rows[n]["coarse"])))
        for ids, n in zip(texts, order, strict=True)
    ]


def train(folder: Path, method: str, seed: int, rate: float, test: Sequence[Any], learnt: Sequence[Any]) -> Run:
    """method: head, full, or lora-RANK."""
    import torch
    from torch import nn

    from openbook.model import checkpoint
    from openbook.train import lora
    from openbook.train.lora_targets import LoraConfig

    torch.manual_seed(seed)
    loaded, config = checkpoint.load(folder, dtype=torch.float32)
    model: Any = loaded
    if method.startswith("lora-"):
        rank = int(method.removeprefix("lora-"))
        lora.add(model, LoraConfig(rank, 2 * rank, targets=("query", "key", "value", "output", "up", "down")))
    elif method == "head":
        model.requires_grad_(requires_grad=False)
    head = nn.Linear(config.width, 6)
    both = nn.ModuleList([model, head])
    share = lora.trainable_share(both)
    weights = [p for p in both.parameters() if p.requires_grad]
    optimiser = torch.optim.AdamW(weights, lr=rate, weight_decay=0.01)
    steps = EPOCHS * len(learnt) // BATCH
    plan = torch.optim.lr_scheduler.LambdaLR(optimiser, lambda step: min((step + 1) / 8, 1 - step / steps))

    def scores(rows: Sequence[tuple[list[int], int]]) -> Any:
        wide = max(len(ids) for ids, _ in rows)
        ids = torch.tensor([ids + [0] * (wide - len(ids)) for ids, _ in rows])
        present = torch.tensor([[place < len(ids) for place in range(wide)] for ids, _ in rows])
        hidden = model(ids, present=present) * present[..., None]
        return head(hidden.sum(1) / present.sum(1, keepdim=True))

    both.train()
    rng = np.random.default_rng(seed)
    started = time.perf_counter()
    for _ in range(EPOCHS):
        order = rng.permutation(len(learnt))
        for start in range(0, len(learnt) - BATCH + 1, BATCH):
            rows = [learnt[n] for n in order[start : start + BATCH]]
            loss = nn.functional.cross_entropy(scores(rows), torch.tensor([kind for _, kind in rows]))
            loss.backward()
            optimiser.step()
            plan.step()
            optimiser.zero_grad()
    seconds = time.perf_counter() - started
    both.eval()
    right: list[bool] = []
    with torch.inference_mode():
        for start in range(0, len(test), 100):
            rows = test[start : start + 100]
            right += (scores(rows).argmax(1) == torch.tensor([kind for _, kind in rows])).tolist()
    return Run(right, seconds, share.trainable, share.all)


def worker(folder: Path, method: str) -> None:
    """All seeds of a method, and the most memory it took."""
    rows = questions(folder)
    test, learnt = rows[:TEST], rows[TEST : TEST + TRAIN]
    rate = RATES[method.partition("-")[0]]
    runs = [train(folder, method, seed, rate, test, learnt) for seed in SEEDS]
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e6
    print(
        json.dumps(
            {
                "right": [run.right for run in runs],
                "seconds": [run.seconds for run in runs],
                "trainable": runs[0].trainable,
                "all": runs[0].all,
                "megabytes": peak,
            }
        )
    )


def rates(folder: Path) -> None:
    """The accuracy of each rate on questions that are neither trained on nor tested on."""
    rows = questions(folder)
    other, learnt = rows[TEST + TRAIN : TEST + TRAIN + TEST], rows[TEST : TEST + TRAIN]
    for method in ("head", "lora-8", "full"):
        for rate in TRIED[method.partition("-")[0]]:
            found = train(folder, method, 0, rate, other, learnt)
            print(f"{method:7} {rate:g}: {np.mean(found.right):.3f} in {found.seconds:.1f} s", flush=True)


def measure(folder: Path) -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = {}
    for method in ("head", *(f"lora-{rank}" for rank in RANKS), "full"):
        command = [sys.executable, "-m", "benchmarks.lora_task", "--worker", str(folder), method]
        done = subprocess.run(command, check=True, capture_output=True, text=True, cwd=ROOT)
        found[method] = json.loads(done.stdout.splitlines()[-1])
    return found


def report(measured: Mapping[str, Mapping[str, Any]]) -> None:
    from benchmarks.publish import columns, publish, with_interval
    from openbook.evaluate.intervals import bootstrap_mean
    from openbook.evaluate.significance import paired_randomisation
    from openbook.report.record import Figure
    from openbook.report.tables import Table

    groups = list(range(TEST)) * len(SEEDS)  # one question, three seeds
    every = {name: [float(hit) for run in found["right"] for hit in run] for name, found in measured.items()}
    figures: list[Figure] = []
    rows: list[tuple[str, ...]] = []
    for name, found in measured.items():
        interval = bootstrap_mean(every[name], groups=groups)
        assert interval is not None
        against = paired_randomisation(every[name], every["full"], groups=groups)
        seeds = [float(np.mean(run)) for run in found["right"]]
        share = found["trainable"] / found["all"]
        figures += [
            Figure(f"{name} accuracy", interval.value, low=interval.low, high=interval.high, n=TEST),
            Figure(f"{name} trainable share", share, text=f"{share:.2%}"),
            Figure(f"{name} seconds", float(np.median(found["seconds"])), "s"),
            Figure(f"{name} peak MB", found["megabytes"], "MB"),
        ]
        rows.append(
            (
                name, f"{share:.2%}", f"{np.median(found['seconds']):.1f} s", f"{found['megabytes']:.0f} MB",
                with_interval(interval), f"{min(seeds):.3f}–{max(seeds):.3f}",
                "" if name == "full" else f"{against.difference:+.3f} (p {against.p_value:.2f})",
            )
        )  # fmt: skip
    note = (
        f"{TRAIN:,} questions, {EPOCHS} passes, batches of {BATCH}; {TEST} others tested, 3 seeds. Intervals (95 %) "
        "and p values by question. Memory: the process's peak, MiniLM's 22.7 million weights and Python included."
    )
    names = columns("method", "trainable", "training", "memory", "accuracy", "seeds", "against full")
    code = ["src/openbook/train/lora.py", "src/openbook/train/lora_layer.py", "src/openbook/model"]
    table = Table("LoRA against full fine-tuning on TREC", names, tuple(rows), note)
    publish("lora_task", figures, {"lora-task": table}, data=[DATA], code=code, seeds=SEEDS)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--worker", nargs=2)
    parser.add_argument("--rates", action="store_true")
    given = parser.parse_args()
    if given.worker:
        worker(Path(given.worker[0]), given.worker[1])
        return
    with tempfile.TemporaryDirectory() as place:
        prepare(Path(place))
        if given.rates:
            rates(Path(place))
        else:
            report(measure(Path(place)))


if __name__ == "__main__":
    main()
