"""Does training here do what it does elsewhere? PEFT, transformers, torch and scikit-learn on the same numbers.

Each row: what was computed here and by the reference, the largest difference, and of how many numbers; small models and
random texts on a CPU. What cannot run here is shown as missing. Writes evidence/parity_training.json.
Run: python -m benchmarks.parity_training
"""

import logging
import warnings
from collections.abc import Callable, Mapping
from functools import partial
from importlib import metadata
from pathlib import Path

import torch

from benchmarks import parity_training_classifiers as classifiers
from benchmarks import parity_training_loop as loop
from benchmarks import parity_training_lora as lora
from benchmarks import parity_training_parts as parts
from benchmarks.differences import Found, shown, unless_impossible
from benchmarks.publish import columns, publish
from benchmarks.shakespeare_worker import GPT2
from benchmarks.training_peers import Ended, here, trainer
from openbook.report.record import Figure
from openbook.report.tables import Column, Table

TRAINER = "transformers' Trainer"
PEERS = ("torch", "transformers", "accelerate", "peft", "scikit-learn")
Check = Callable[[Path], Found]


def accumulating(place: Path, changes: list[str], passes: int) -> Ended:
    return trainer(place, changes, passes=passes, optim="sgd")


def at_once(_place: Path, changes: list[str], _passes: int) -> Ended:
    return here(changes, sgd=True)


def alone(compare: Callable[[], Found]) -> Check:
    """A check that writes nothing."""
    return lambda _place: compare()


CHECKS: Mapping[tuple[str, str], Check] = {
    ("six steps of AdamW, Llama's shape", TRAINER): loop.steps_of_adamw,
    ("six steps of AdamW, GPT-2's shape", TRAINER): lambda place: loop.steps_of_adamw(place, *GPT2),
    ("norms of the gradients", TRAINER): loop.norms,
    ("six steps of SGD, gradients clipped", TRAINER): loop.clipped,
    ("six steps of SGD in passes, unequal counts", TRAINER): partial(loop.accumulated, reference=accumulating),
    ("six steps of SGD in passes, unequal counts", "one pass, here"): partial(loop.accumulated, reference=at_once),
    ("answers' loss, examples packed: a step", "transformers, a row each"): loop.answers,
    ("packed documents: gradients", "a row each, here"): loop.packed,
    ("two processes: six steps", "one, here"): loop.two_processes,
    ("stopped, saved, resumed: six steps", "uninterrupted, here"): loop.resumed,
    ("activations computed again: six steps", "kept, here"): partial(loop.technique, change="train.checkpointing=true"),
    ("attention by products: six steps", "the kernel, here"): partial(loop.technique, change="train.attention=plain"),
    ("cross-entropy in chunks, FP64: gradients", "torch"): alone(partial(parts.loss, torch.float64, parts.torchs_loss)),
    ("cross-entropy in chunks: gradients", "transformers"): alone(
        partial(parts.loss, torch.float32, parts.transformers_loss)
    ),
    ("rates, constant", "transformers"): alone(partial(parts.schedule, "constant", "constant_with_warmup")),
    ("rates, cosine", "transformers"): alone(partial(parts.schedule, "cosine", "cosine_with_min_lr", "min_lr_rate")),
    ("rates, warm-up, stable, decay", "transformers"): alone(
        partial(parts.schedule, "wsd", "warmup_stable_decay", "min_lr_ratio", decay_type="1-sqrt")
    ),
    ("five steps of Muon", "torch, kept in FP32"): alone(partial(parts.muon, full=True)),
    ("five steps of Muon", "torch, BF16 inside"): alone(partial(parts.muon, full=False)),
    ("Newton-Schulz", "its equation"): alone(parts.orthogonal),
    ("LoRA layer, FP64: gradients", "its equation"): alone(parts.lora_product),
    ("LoRA on INT8, a scale a row: three steps", "on the weights meant"): alone(partial(parts.quantised, None)),
    ("LoRA on INT8, groups of 8: three steps", "on the weights meant"): alone(partial(parts.quantised, 8)),
    ("naive Bayes, FP64", "scikit-learn"): alone(classifiers.naive_bayes),
    ("logistic regression, FP64", "scikit-learn"): alone(classifiers.logistic_regression),
}


def main() -> None:
    torch.set_num_threads(1)
    warnings.simplefilter("ignore")  # of tied embeddings, and of the peers' own calls
    logging.disable(logging.WARNING)
    adapters = lora.compare()
    found = {names: unless_impossible(check) for names, check in CHECKS.items()}
    figures = [
        Figure(f"{what}: {reference}", each.difference, n=each.compared, text=shown(each))
        for (what, reference), each in found.items()
        if each is not None
    ]
    for name in lora.CHECKS:
        done = [each for cells in adapters.values() if (each := cells.get(name)) is not None]
        if done:
            worst = max(done, key=lambda each: each.difference)
            total = sum(each.compared for each in done)
            figures.append(Figure(f"LoRA {name}: PEFT", worst.difference, n=total, text=shown(worst)))
    publish(
        "parity_training",
        figures,
        {"parity": parity_table(found), "lora": lora_table(adapters)},
        data=[],
        code=["benchmarks/lora_peers.py", "benchmarks/training_peers.py"],
        versions={name: version for name in PEERS if (version := _version(name))},
    )  # fmt: skip


def parity_table(found: Mapping[tuple[str, str], Found | None]) -> Table:
    rows = tuple(
        (what, reference, "–" if each is None else f"{each.compared:,}", shown(each))
        for (what, reference), each in found.items()
    )
    note = (
        "Largest absolute difference. Steps: of all weights after them; gradients: of these and of the loss or output;"
        " rates: as a share of the peak. FP32 where nothing else is said. Trainer's rows are ours in the same order,"
        " clipped at 0.05. transformers' schedules begin at a rate of 0, and ours a step later."
    )
    heads = (Column("here"), Column("reference"), Column("numbers", "right"), Column("difference", "right"))
    return Table("Training beside the references", heads, rows, note)


def lora_table(found: Mapping[tuple[str, str], lora.Cells]) -> Table:
    rows = tuple(
        (family, target, *(shown(cells[name]) if name in cells else "–" for name in lora.CHECKS))
        for (family, target), cells in found.items()
    )
    note = (
        f"FP32, rank {lora.RANK}, no dropout. Trained, rank-stabilised: the adapter's weights after {lora.STEPS} steps"
        " of AdamW, scaled by α/r and α/√r. Read: outputs with PEFT's files here. Written: with ours in PEFT. Merged:"
        " all weights of the model; refused here (–) where the output layer shares the table."
    )
    names = (Column("family"), Column("target"), *columns("", *lora.CHECKS)[1:])
    return Table(f"Largest difference from PEFT {_version('peft') or '(not installed)'}", names, rows, note)


def _version(package: str) -> str:
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return ""


if __name__ == "__main__":
    main()
