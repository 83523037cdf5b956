"""DPO here beside TRL's DPOTrainer: steps a second, peak memory and loss, on a CPU.

One Llama-shaped model with random weights, the same for all, kept in an FP32 file; human preference pairs, a
transcript and two replies to it, the same pairs in the same steps. All weights learn, or an adapter does. Each run is a
process of its own: openbook, TRL with its defaults, and TRL with the best settings found for it (``--tune`` tries them
one by one). What the reference thinks of the pairs is part of the time, whenever it is computed; opening the model and
the pairs is not. Writes evidence/align_speed_dpo.json. Run: python -m benchmarks.align_speed_dpo
(with benchmarks/requirements-trl.txt)
"""

import argparse
import json
import tempfile
import time
from collections.abc import Mapping, Sequence
from importlib import metadata
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.beside_trl import (
    END,
    PRECISIONS,
    WARM,
    Runs,
    alone,
    base,
    bf16_products,
    compared,
    in_turn,
    medians,
    peak_megabytes,
)
from benchmarks.data import data_file
from benchmarks.publish import columns, publish
from openbook.report.record import Figure
from openbook.report.tables import Table

DATA = "preference/hh_harmless_train.jsonl.gz"
LONGEST = 384
"""Tokens of a prompt with its longer reply, at most."""

STEPS, BATCH, RATE, RANK, ALPHA = 5, 8, 1e-4, 8, 16
REPEATS = 2
BEST: dict[str, Any] = {"bf16": False, "gradient_checkpointing": False, "precompute_ref_log_probs": True}
TRIED: dict[str, dict[str, Any]] = {
    "defaults": {"bf16": True, "gradient_checkpointing": True},
    "FP32": {"bf16": False, "gradient_checkpointing": True},
    "FP32, activations kept": {"bf16": False, "gradient_checkpointing": False},
    "BF16, activations kept": {"bf16": True, "gradient_checkpointing": False},
    "BF16, kept, reference first": BEST | {"bf16": True},
    "FP32, kept, reference first": BEST,
    "FP32, reference first": BEST | {"gradient_checkpointing": True},
    "FP32, kept, reference first, eager": BEST | {"attention": "eager"},
}
SYSTEMS = {"openbook": {}, "TRL, defaults": TRIED["defaults" if bf16_products() else "FP32"], "TRL, best": BEST}


def prepare(folder: Path, steps: int) -> None:
    """The base with its tokenizer, and as many pairs as the steps learn from, each once."""
    from openbook.align.preferences import read_pairs, write_pairs

    pairs = read_pairs(data_file(DATA))
    tokenizer = base(folder, [f"{p.prompt}{p.chosen}{p.rejected}" for p in pairs], 1024)
    fitting = [
        pair
        for pair in pairs
        if max(len(ids) for ids in tokenizer.ids_batch([pair.prompt + pair.chosen, pair.prompt + pair.rejected]))
        < LONGEST - 8  # a text in two parts has a few tokens more
    ]
    order = np.random.default_rng(0).permutation(len(fitting))[: steps * BATCH]
    write_pairs(folder / "pairs.jsonl", [fitting[n] for n in order])


def begun(folder: Path, adapted: bool) -> tuple[Any, Any]:
    """The recipe, and the policy with its optimiser, before the first step."""
    import torch

    from openbook.align.dpo_recipe import DpoRecipe, PairData
    from openbook.align.policy import opened
    from openbook.align.run import Setting, Trainee
    from openbook.train.finetune_recipe import Base
    from openbook.train.lora_targets import LoraConfig
    from openbook.train.optimise import make
    from openbook.train.recipe import Optimiser, Out, Train
    from openbook.train.state import State

    steps = sum(1 for _ in (folder / "pairs.jsonl").open(encoding="utf-8")) // BATCH
    recipe = DpoRecipe(
        base=Base(str(folder / "base")),
        out=Out(str(folder / "out")),
        data=PairData(str(folder / "pairs.jsonl"), validation=0.0),
        lora=LoraConfig(RANK, ALPHA) if adapted else None,
        optimiser=Optimiser(rate=RATE, beta2=0.999, weight_decay=0.0),
        train=Train(steps=steps, batch=BATCH),
    )
    device = torch.device("cpu")
    policy = opened(recipe.base, recipe.lora, recipe.end, 0, device)
    trainee: Any = Trainee(policy.model, None).eval()
    return recipe, Setting(policy, State(trainee, trainee, make(recipe.optimiser, trainee)), None, device)


def ours(folder: Path, adapted: bool, _settings: Mapping[str, Any]) -> dict[str, float]:
    from openbook.align import pairs_run

    recipe, setting = begun(folder, adapted)
    start = time.perf_counter()
    method = pairs_run.begin(recipe, setting)
    before = time.perf_counter() - start
    times: list[float] = []
    losses: list[float] = []
    for step in range(recipe.train.steps):
        losses.append(method.take(step)["loss"])
        times.append(time.perf_counter())
    return _found(before, times, losses)


def theirs(folder: Path, adapted: bool, settings: Mapping[str, Any]) -> dict[str, float]:
    from transformers import TrainerCallback

    from benchmarks.trl_dpo import dpo_trainer
    from openbook.align.pair_groups import grouped, visited
    from openbook.align.preferences import read_pairs

    recipe, setting = begun(folder, adapted)
    groups = grouped(setting.policy, read_pairs(recipe.data.source), recipe.data, recipe.base.folder).training
    groups = [groups[n] for step in range(recipe.train.steps) for n in visited(len(groups), 0, step, BATCH)]
    del setting
    more = dict(settings)
    if adapted:
        from peft import LoraConfig

        more["adapter"] = LoraConfig(r=RANK, lora_alpha=ALPHA, target_modules="all-linear")
    start = time.perf_counter()
    trainer = dpo_trainer(
        folder / "base", groups, END, folder / "trl", max_steps=recipe.train.steps, per_device_train_batch_size=BATCH,
        learning_rate=RATE, weight_decay=0.0, logging_strategy="steps", logging_steps=1, **more,
    )  # fmt: skip
    before = time.perf_counter() - start if settings.get("precompute_ref_log_probs") else 0.0
    times: list[float] = []

    class Clock(TrainerCallback):
        def on_step_end(self, *_: Any, **__: Any) -> None:
            times.append(time.perf_counter())

    trainer.add_callback(Clock())
    trainer.train()
    return _found(before, times, [row["loss"] for row in trainer.state.log_history if "loss" in row])


def _found(before: float, times: Sequence[float], losses: Sequence[float]) -> dict[str, float]:
    """before: seconds that the reference took for all steps, where it is not part of them."""
    each = (times[-1] - times[WARM - 1]) / (len(times) - WARM) + before / len(times)
    return {"rate": 1 / each, "megabytes": peak_megabytes(), "first": losses[0], "last": float(np.mean(losses[-4:]))}


def run(system: str, folder: Path, adapted: bool, settings: Mapping[str, Any]) -> dict[str, float]:
    """One run in a fresh process."""
    return alone("align_speed_dpo", system, str(folder), str(int(adapted)), json.dumps(settings))


def tune(steps: int) -> None:
    """Each of the peer's settings once, with ours beside it."""
    with tempfile.TemporaryDirectory() as place:
        prepare(Path(place), steps)
        for adapted in (False, True):
            for label, settings in {"openbook": {}, **TRIED}.items():
                found = run("openbook" if label == "openbook" else "trl", Path(place), adapted, settings)
                print(
                    f"{'LoRA' if adapted else 'full'} {label:35} {found['rate']:.3f} steps/s "
                    f"{found['megabytes']:5.0f} MB loss {found['first']:.4f} {found['last']:.4f}", flush=True,
                )  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--worker", nargs=4)
    parser.add_argument("--tune", action="store_true")
    parser.add_argument("--steps", type=int, default=STEPS)
    given = parser.parse_args()
    if given.worker:
        system, folder, adapted, settings = given.worker
        found = (ours if system == "openbook" else theirs)(Path(folder), adapted == "1", json.loads(settings))
        print(json.dumps(found))
    elif given.tune:
        tune(given.steps)
    else:
        with tempfile.TemporaryDirectory() as place:
            prepare(Path(place), given.steps)
            folder = Path(place)
            report(
                {
                    adapted: in_turn(
                        SYSTEMS, REPEATS, lambda system, settings, a=adapted: run(system, folder, a, settings)
                    )
                    for adapted in (False, True)
                }
            )


def report(measured: Mapping[bool, Runs]) -> None:
    figures: list[Figure] = []
    rows: list[tuple[str, ...]] = []
    for adapted, runs in measured.items():
        what = "LoRA" if adapted else "all weights"
        told, cells = compared(runs, f"{what} ")
        figures += told
        for label, found in medians(runs).items():
            figures.append(Figure(f"{what} {label} loss of the last steps", found["last"]))
            rows.append((what, label, *cells[label], f"{found['last']:.4f}"))
    note = (
        f"{BATCH} human pairs a step of at most {LONGEST} tokens, {STEPS} steps; medians of {REPEATS} runs, each a "
        "process of its own. 30M: 9 layers, 512 wide, 8 heads, 4 key-value heads, inner 1408, vocabulary 8192. "
        f"{PRECISIONS} The reference is computed before the first step in TRL, best. LoRA of rank {RANK} on every "
        "linear layer. Loss: of the last steps."
    )
    names = columns("learns", "system", "steps/s", "ours over", "peak MB", "ours of", "loss")
    publish(
        "align_speed_dpo",
        figures,
        {"speed": Table("DPO on a CPU, beside TRL", names, tuple(rows), note)},
        data=[DATA],
        code=["benchmarks/trl_dpo.py"],
        versions={name: metadata.version(name) for name in ("torch", "transformers", "trl", "peft")},
    )


if __name__ == "__main__":
    main()
