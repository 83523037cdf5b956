"""LoRA here beside PEFT with transformers' Trainer: tokens a second, peak memory and final loss, on a CPU.

Two Llama-shaped models with random weights, the same for all, kept in FP32 files; grade-school questions with worked
answers; adapters on every linear layer. Each run is a process of its own: openbook, PEFT with Trainer's defaults, and
PEFT with the best settings found for it (``--tune`` tries them one by one). Tokens are those of the examples: padding
does not count. Writes evidence/lora_peft.json. Run: python -m benchmarks.lora_peft
"""

import argparse
import json
import os
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
from benchmarks.model_shapes import PIECES, SHAPE_30M, Shape

DATA = "reasoning/gsm8k_train.jsonl.gz"
RANK, ALPHA, RATE = 8, 16, 2e-3
BATCH = 8  # Trainer's default
SEEDS = (0, 1, 2)
HELD_OUT = 48
WARM = 2  # steps not timed


@dataclass(frozen=True, slots=True)
class Size:
    """The shape of a model, and how many steps a run takes."""

    shape: Shape
    steps: int


SIZES = {
    "30M": Size(SHAPE_30M, 40),
    "135M": Size(Shape(30, 576, 9, 3, 1536, 49152), 16),  # SmolLM-135M's
}
DEFAULTS: dict[str, Any] = {}
BEST: dict[str, Any] = {"dtype": "bfloat16", "adapters": "bfloat16", "flatten": True}
OURS: dict[str, dict[str, Any]] = {"openbook": {"checkpointing": True}, "openbook, all kept": {}}
OURS_TRIED: dict[str, dict[str, Any]] = {**OURS, "openbook, 4 examples at once": {"rows_at_once": 4}}
TRIED: dict[str, dict[str, Any]] = {
    "defaults": DEFAULTS,
    "BF16 autocast": {"autocast": True},
    "BF16 base, FP32 adapters": {"dtype": "bfloat16"},
    "BF16 base and adapters": {"dtype": "bfloat16", "adapters": "bfloat16"},
    "BF16 base, autocast": {"dtype": "bfloat16", "autocast": True},
    "BF16 both, eager attention": {"dtype": "bfloat16", "adapters": "bfloat16", "attention": "eager"},
    "BF16 both, grouped by length": {"dtype": "bfloat16", "adapters": "bfloat16", "group": True},
    "BF16 both, padding-free": {"dtype": "bfloat16", "adapters": "bfloat16", "flatten": True},
    "BF16 both, padding-free, eager": {
        "dtype": "bfloat16", "adapters": "bfloat16", "flatten": True, "attention": "eager",
    },
    "BF16 both, grouped, 16 examples": {"dtype": "bfloat16", "adapters": "bfloat16", "group": True, "batch": 16},
    "BF16 both, grouped, 4 examples": {"dtype": "bfloat16", "adapters": "bfloat16", "group": True, "batch": 4},
}  # fmt: skip


def prepare(folder: Path, size: Size) -> None:
    """The base with its tokenizer, and the examples as JSON lines: training ones first, then those held out."""
    import torch

    from openbook.model import Decoder, DecoderConfig, checkpoint
    from openbook.tokens import train_bpe

    rows = read_rows(DATA)
    texts = [f"{row['question']}\n{row['solution']}" for row in rows]
    order = np.random.default_rng(0).permutation(len(rows))[: size.steps * BATCH + HELD_OUT]
    lines = [json.dumps({"prompt": rows[n]["question"], "answer": rows[n]["solution"]}) for n in order]
    (folder / "examples.jsonl").write_text("\n".join(lines[:-HELD_OUT]) + "\n", encoding="utf-8")
    (folder / "held_out.jsonl").write_text("\n".join(lines[-HELD_OUT:]) + "\n", encoding="utf-8")
    torch.manual_seed(0)
    shape = size.shape
    model = Decoder(
        DecoderConfig(
            shape.vocabulary, shape.width, shape.layers, shape.heads, shape.inner, 2048, shape.key_value_heads
        )
    )
    checkpoint.save(folder / "base", model)
    train_bpe(texts, PIECES).save(folder / "base" / "tokenizer.json")


def examples(folder: Path, name: str) -> list[tuple[list[int], int]]:
    """Ids of each example, and how many of them are the prompt."""
    from openbook import tokens
    from openbook.train import answers

    tokenizer = tokens.load(folder / "base" / "tokenizer.json")
    found = [answers.encoded(p, tokenizer, "") for p in answers.read(folder / f"{name}.jsonl", "{prompt}\n")]
    return [(example.ids.tolist(), int(example.counts.argmax())) for example in found]


def peak_megabytes() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e6


def ours(folder: Path, size: Size, seed: int, changes: Mapping[str, Any]) -> dict[str, float]:
    import torch

    from openbook.train import finetune
    from openbook.train.finetune_recipe import AnswerData, Base, FinetuneRecipe
    from openbook.train.group import Group
    from openbook.train.loop import update
    from openbook.train.lora_targets import LoraConfig
    from openbook.train.recipe import Optimiser, Out, Schedule, Train

    recipe: Any = FinetuneRecipe(
        Base(str(folder / "base"), precision="bf16"),
        AnswerData(str(folder / "examples.jsonl"), validation=0.0),
        Out(str(folder / "out")),
        LoraConfig(RANK, ALPHA),
        Optimiser(rate=RATE, beta2=0.999, weight_decay=0.0),
        Schedule("constant", warmup=0),
        Train(steps=size.steps, batch=BATCH, seed=seed, **changes),
    )
    group = Group(0, 1, torch.device("cpu"))
    model, training, _, _ = finetune.prepared(recipe)
    state = finetune.begin(recipe, model, group)
    tokens: list[int] = []
    times: list[float] = []
    answered: Any = training
    for step in range(size.steps):
        batch = answered.training(seed, step, BATCH, 0, BATCH)
        tokens.append(int((batch.documents > 0).sum()) + BATCH)  # an example's last token is no input
        update(state, recipe, answered, group)
        state.step += 1
        times.append(time.perf_counter())
    peak = peak_megabytes()
    held = [(torch.tensor([ids]), start) for ids, start in examples(folder, "held_out")]
    model.eval()
    with torch.inference_mode():
        loss = _held_out_loss([(model.logits(model(ids)), ids, start) for ids, start in held])
    return {"rate": _rate(tokens, times), "megabytes": peak, "loss": loss}


def theirs(folder: Path, size: Size, seed: int, settings: Mapping[str, Any]) -> dict[str, float]:
    import torch
    from peft import LoraConfig, get_peft_model
    from transformers import AutoModelForCausalLM, Trainer, TrainerCallback, TrainingArguments
    from transformers.data.data_collator import DataCollatorForSeq2Seq, DataCollatorWithFlattening
    from transformers.utils import logging

    logging.set_verbosity_error()
    torch.manual_seed(seed)
    batch = settings.get("batch", BATCH)
    base = AutoModelForCausalLM.from_pretrained(
        folder / "base",
        dtype=getattr(torch, settings.get("dtype", "float32")),
        attn_implementation=settings.get("attention", "sdpa"),
    )
    config = LoraConfig(r=RANK, lora_alpha=ALPHA, target_modules="all-linear", task_type="CAUSAL_LM")
    model = get_peft_model(base, config, autocast_adapter_dtype="adapters" not in settings)
    rows = [
        {"input_ids": ids, "labels": [-100] * start + ids[start:], "length": len(ids)}
        for ids, start in examples(folder, "examples")
    ]
    if settings.get("flatten"):
        inner: Any = DataCollatorWithFlattening()
    else:
        inner = DataCollatorForSeq2Seq(_Pad(), padding=True)
    tokens: list[int] = []
    times: list[float] = []

    def collate(features: Sequence[dict[str, Any]]) -> Any:
        tokens.append(sum(len(feature["input_ids"]) for feature in features))
        return inner([{key: row[key] for key in ("input_ids", "labels")} for row in features])

    class Clock(TrainerCallback):
        def on_step_end(self, *_: Any, **__: Any) -> None:
            times.append(time.perf_counter())

    more: dict[str, Any] = {"train_sampling_strategy": "group_by_length"} if settings.get("group") else {}
    arguments = TrainingArguments(
        output_dir=str(folder / "trainer"), use_cpu=True, per_device_train_batch_size=batch,
        max_steps=size.steps * BATCH // batch, learning_rate=RATE, lr_scheduler_type="constant", seed=seed,
        bf16=bool(settings.get("autocast")), report_to="none", save_strategy="no", logging_strategy="no",
        disable_tqdm=True, remove_unused_columns=False, **more,
    )  # fmt: skip
    trainer = Trainer(model=model, args=arguments, train_dataset=rows, data_collator=collate, callbacks=[Clock()])
    trainer.train()
    peak = peak_megabytes()
    held = [(torch.tensor([ids]), start) for ids, start in examples(folder, "held_out")]
    model.eval()
    with torch.inference_mode():
        loss = _held_out_loss([(model(input_ids=ids).logits, ids, start) for ids, start in held])
    return {"rate": _rate(tokens, times), "megabytes": peak, "loss": loss}


class _Pad:
    """The little that the collator asks of a tokenizer."""

    padding_side = "right"

    def __init__(self) -> None:
        self.deprecation_warnings: dict[str, bool] = {}

    def pad(self, features: Sequence[Mapping[str, Any]], **_: Any) -> Any:
        import torch
        from transformers import BatchEncoding

        wide = max(len(row["input_ids"]) for row in features)
        filled = {
            "input_ids": [[*row["input_ids"], *[0] * (wide - len(row["input_ids"]))] for row in features],
            "attention_mask": [[1] * len(row["input_ids"]) + [0] * (wide - len(row["input_ids"])) for row in features],
        }
        if "labels" in features[0]:
            filled["labels"] = [list(row["labels"]) for row in features]
        return BatchEncoding({key: torch.tensor(value) for key, value in filled.items()})


def _rate(tokens: Sequence[int], times: Sequence[float]) -> float:
    """Tokens a second, from the end of the last warm-up step to the end of the last."""
    return sum(tokens[WARM : len(times)]) / (times[-1] - times[WARM - 1])


def _held_out_loss(scored: Sequence[tuple[Any, Any, int]]) -> float:
    """Nats a token of the answers."""
    import torch

    total, count = 0.0, 0
    for logits, ids, start in scored:
        answer = torch.nn.functional.cross_entropy(logits[0, start - 1 : -1].float(), ids[0, start:], reduction="sum")
        total, count = total + float(answer), count + ids.shape[1] - start
    return total / count


def run(system: str, name: str, folder: Path, seed: int, settings: Mapping[str, Any]) -> dict[str, float]:
    """One run in a fresh process."""
    command = [sys.executable, "-m", "benchmarks.lora_peft", "--worker", system, name, str(folder), str(seed)]
    found = subprocess.run(
        [*command, json.dumps(settings)], check=True, capture_output=True, text=True, cwd=ROOT, env=os.environ
    )
    return json.loads(found.stdout.splitlines()[-1])


def worker(arguments: Sequence[str]) -> None:
    system, name, folder, seed, settings = arguments
    if system == "openbook":
        found = ours(Path(folder), SIZES[name], int(seed), json.loads(settings))
    else:
        found = theirs(Path(folder), SIZES[name], int(seed), json.loads(settings))
    print(json.dumps(found))


def tune(sizes: Sequence[str]) -> None:
    """Each of the peer's settings once, on one seed, with ours beside it."""
    for name in sizes:
        with tempfile.TemporaryDirectory() as place:
            folder = Path(place)
            prepare(folder, SIZES[name])
            for label, settings in {**OURS_TRIED, **TRIED}.items():
                found = run("openbook" if label in OURS_TRIED else "peft", name, folder, 0, settings)
                print(
                    f"{name:5} {label:32} {found['rate']:7.0f} tokens/s {found['megabytes']:6.0f} MB "
                    f"loss {found['loss']:.4f}", flush=True,
                )  # fmt: skip


def measure(name: str) -> dict[str, list[dict[str, float]]]:
    """Each system's runs, one a seed, in turn."""
    systems = {**OURS, "PEFT, defaults": DEFAULTS, "PEFT, best": BEST}
    runs: dict[str, list[dict[str, float]]] = {label: [] for label in systems}
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        prepare(folder, SIZES[name])
        for seed in SEEDS:
            for label, settings in systems.items():
                runs[label].append(run("openbook" if label in OURS else "peft", name, folder, seed, settings))
    return runs


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--worker", nargs=5)
    parser.add_argument("--tune", action="store_true")
    parser.add_argument("--sizes", nargs="+", default=list(SIZES), choices=list(SIZES))
    given = parser.parse_args()
    if given.worker:
        worker(given.worker)
    elif given.tune:
        tune(given.sizes)
    else:
        report({name: measure(name) for name in given.sizes})


def report(measured: Mapping[str, Mapping[str, list[dict[str, float]]]]) -> None:
    import importlib.metadata

    from benchmarks.publish import columns, publish
    from openbook.report.record import Figure
    from openbook.report.tables import Table

    figures: list[Figure] = []
    rows: list[tuple[str, ...]] = []
    for name, systems in measured.items():
        middle = {
            label: {key: float(np.median([run[key] for run in runs])) for key in ("rate", "megabytes", "loss")}
            for label, runs in systems.items()
        }
        mine = middle["openbook"]
        for label, found in middle.items():
            losses = [run["loss"] for run in systems[label]]
            speed, memory = mine["rate"] / found["rate"], mine["megabytes"] / found["megabytes"]
            figures += [
                Figure(f"{name} {label} tokens/s", found["rate"]),
                Figure(f"{name} {label} peak MB", found["megabytes"]),
                Figure(
                    f"{name} {label} loss", float(np.mean(losses)), low=min(losses), high=max(losses), n=len(losses)
                ),
            ]
            if label != "openbook":
                figures += [
                    Figure(f"{name} speed over {label}", speed, "x", text=f"{speed:.2f}x"),
                    Figure(f"{name} memory share of {label}", memory, "x", text=f"{memory:.2f}x"),
                ]
            spread = f"{np.mean(losses):.3f} ({min(losses):.3f} to {max(losses):.3f})"
            ratios = ("", "") if label == "openbook" else (f"{speed:.2f}x", f"{memory:.2f}x")
            rows.append(
                (name, label, f"{found['rate']:.0f}", ratios[0], f"{found['megabytes']:.0f}", ratios[1], spread)
            )
    note = (
        f"LoRA of rank {RANK} on every linear layer, {BATCH} examples a step; medians of {len(SEEDS)} seeds, each run "
        "a process of its own. 30M: 9 layers, 512 wide, 8 heads, 4 key-value heads, inner 1408, vocabulary 8192; 135M: "
        "SmolLM's shape. openbook: BF16 base, FP32 adapters; activations computed again on the way back, or all kept. "
        "PEFT, best: BF16 base and adapters, padding-free batches. Loss: held-out answers, nats a token, mean and "
        "range over the seeds."
    )
    names = columns("model", "system", "tokens/s", "ours over", "peak MB", "ours of", "loss")
    versions = {each: importlib.metadata.version(each) for each in ("torch", "transformers", "peft", "accelerate")}
    publish(
        "lora_peft", figures, {"lora-peft": Table("LoRA beside PEFT", names, tuple(rows), note)}, data=[DATA],
        code=["src/openbook/train", "src/openbook/model"], versions=versions, seeds=SEEDS,
    )  # fmt: skip


if __name__ == "__main__":
    main()
