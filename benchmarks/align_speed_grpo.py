"""GRPO here beside TRL's GRPOTrainer without vLLM: steps a second and peak memory, on a CPU.

One Llama-shaped model with random weights, the same for all, kept in an FP32 file; grade-school questions, the same in
the same steps, and replies that cannot end early, so that all write as many tokens. All weights learn, with a reference
held beside them. Each run is a process of its own: openbook, TRL with its defaults, and TRL with the best settings
found for it (``--tune`` tries them one by one). Opening the model is not timed. Writes evidence/align_speed_grpo.json.
Run: python -m benchmarks.align_speed_grpo (with benchmarks/requirements-trl.txt)
"""

import argparse
import json
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from importlib import metadata
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.beside_trl import (
    END,
    OURS,
    PRECISIONS,
    WARM,
    Runs,
    alone,
    base,
    bf16_products,
    compared,
    in_turn,
    peak_megabytes,
)
from benchmarks.data import read_rows
from benchmarks.publish import columns, publish
from openbook.report.record import Figure
from openbook.report.tables import Table

DATA = "reasoning/gsm8k_train.jsonl.gz"
LONGEST, LENGTH = 128, 64
"""Tokens of a question at most, and of every reply."""

STEPS, PROMPTS, REPLIES, RATE, BETA = 5, 4, 8, 1e-5, 0.04
REPEATS = 2
BEST: dict[str, Any] = {"bf16": False, "gradient_checkpointing": False}
TRIED: dict[str, dict[str, Any]] = {
    "defaults": {"bf16": True, "gradient_checkpointing": True},
    "FP32": {"bf16": False, "gradient_checkpointing": True},
    "FP32, activations kept": BEST,
    "BF16, activations kept": {"bf16": True, "gradient_checkpointing": False},
    "FP32, kept, eager": BEST | {"attention": "eager"},
    "FP32, kept, in two passes": BEST | {"passes": 2},
}
SYSTEMS = {"openbook": {}, "TRL, defaults": TRIED["defaults" if bf16_products() else "FP32"], "TRL, best": BEST}


def prepare(folder: Path, steps: int) -> None:
    """The base with its tokenizer, and as many questions as the steps need, each once."""
    rows = read_rows(DATA)
    tokenizer = base(folder, [f"{row['question']}\n{row['solution']}" for row in rows], 512)
    questions = [f"{row['question']}\n" for row in rows]
    fitting = [text for text, ids in zip(questions, tokenizer.ids_batch(questions), strict=True) if len(ids) <= LONGEST]
    order = np.random.default_rng(0).permutation(len(fitting))[: steps * PROMPTS]
    (folder / "prompts.json").write_text(json.dumps([fitting[n] for n in order]), encoding="utf-8")


def worth(text: str) -> float:
    """A reward that random replies differ in."""
    return text.count("e") / max(1, len(text))


def ours(folder: Path, prompts: Sequence[str], _settings: Mapping[str, Any]) -> dict[str, float]:
    import torch

    from openbook.align.online_recipe import Grpo, GrpoRecipe, Problems
    from openbook.align.online_run import begin_grpo
    from openbook.align.policy import opened
    from openbook.align.run import Setting, Trainee
    from openbook.align.task import Problem, Task
    from openbook.train.finetune_recipe import Base
    from openbook.train.optimise import make
    from openbook.train.recipe import Optimiser, Out, Train
    from openbook.train.state import State

    recipe = GrpoRecipe(
        base=Base(str(folder / "base")),
        out=Out(str(folder / "out")),
        task=Problems(name="questions", held=0),
        grpo=Grpo(replies=REPLIES, most=LENGTH, beta=BETA),
        optimiser=Optimiser(rate=RATE, beta2=0.999, weight_decay=0.0),
        train=Train(steps=len(prompts) // PROMPTS, batch=PROMPTS),
    )
    device = torch.device("cpu")
    policy = opened(recipe.base, None, END, 0, device)
    policy.end = -1  # no reply ends early
    trainee: Any = Trainee(policy.model, None).eval()
    setting = Setting(policy, State(trainee, trainee, make(recipe.optimiser, trainee)), None, device)
    left = iter(prompts)
    questions = Task(
        "questions", lambda _, size: Problem(next(left), "", "", size), lambda _, text: worth(text), (1, 1)
    )
    method = begin_grpo(recipe, setting, questions)
    times: list[float] = []
    drawing: list[float] = []
    for step in range(recipe.train.steps):
        found = method.take(step)
        times.append(time.perf_counter())
        drawing.append(found["drawing"])
    return {**_found(times, found["length"]), "drawing": float(np.mean(drawing[WARM:]))}


def theirs(folder: Path, prompts: Sequence[str], settings: Mapping[str, Any]) -> dict[str, float]:
    from transformers import TrainerCallback

    from benchmarks.trl_grpo import grpo_trainer

    more = dict(settings)
    passes = more.pop("passes", 1)
    lengths: list[float] = []

    def reward(completions: Sequence[str], completion_ids: Sequence[Sequence[int]], **_: Any) -> list[float]:
        lengths.append(float(np.mean([len(ids) for ids in completion_ids])))
        return [worth(text) for text in completions]

    trainer = grpo_trainer(
        folder / "base", prompts, reward, END, folder / "trl", max_steps=len(prompts) // PROMPTS, beta=BETA,
        per_device_train_batch_size=PROMPTS * REPLIES // passes, gradient_accumulation_steps=passes,
        num_generations=REPLIES, max_completion_length=LENGTH, generation_kwargs={"min_new_tokens": LENGTH},
        learning_rate=RATE, weight_decay=0.0, **more,
    )  # fmt: skip
    times: list[float] = []

    class Clock(TrainerCallback):
        def on_step_end(self, *_: Any, **__: Any) -> None:
            times.append(time.perf_counter())

    trainer.add_callback(Clock())
    trainer.train()
    return _found(times, lengths[-1])


def _found(times: Sequence[float], length: float) -> dict[str, float]:
    rate = (len(times) - WARM) / (times[-1] - times[WARM - 1])
    return {"rate": rate, "megabytes": peak_megabytes(), "length": length}


def run(system: str, folder: Path, settings: Mapping[str, Any]) -> dict[str, float]:
    """One run in a fresh process."""
    found = alone("align_speed_grpo", system, str(folder), json.dumps(settings))
    if found["length"] != LENGTH:
        sys.exit(f"{system} {settings}: replies of {found['length']} tokens, not {LENGTH}")
    return found


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--worker", nargs=3)
    parser.add_argument("--tune", action="store_true")
    parser.add_argument("--steps", type=int, default=STEPS)
    given = parser.parse_args()
    if given.worker:
        system, place, settings = given.worker
        prompts = json.loads((Path(place) / "prompts.json").read_text(encoding="utf-8"))
        print(json.dumps((ours if system == "openbook" else theirs)(Path(place), prompts, json.loads(settings))))
        return
    with tempfile.TemporaryDirectory() as place:
        prepare(Path(place), given.steps)
        if given.tune:
            for label, settings in {"openbook": {}, **TRIED}.items():
                found = run("openbook" if label == "openbook" else "trl", Path(place), settings)
                print(f"{label:28} {found['rate']:.3f} steps/s {found['megabytes']:5.0f} MB", flush=True)
            return
        report(in_turn(SYSTEMS, REPEATS, lambda system, settings: run(system, Path(place), settings)))


def report(runs: Runs) -> None:
    figures, cells = compared(runs)
    drawing = float(np.median([run["drawing"] for run in runs[OURS]]))
    figures.append(Figure("share of a step's time that drawing takes", drawing, text=f"{drawing:.0%}"))
    note = (
        f"{PROMPTS} questions a step of at most {LONGEST} tokens, {REPLIES} replies of {LENGTH} tokens to each, "
        f"{STEPS} steps; medians of {REPEATS} runs, each a process of its own. 30M: 9 layers, 512 wide, 8 heads, 4 "
        "key-value heads, inner 1408, vocabulary 8192. All weights learn, a copy as they were is held for the "
        f"divergence. {PRECISIONS} "
        f"Here {drawing:.0%} of a step's time is spent drawing the replies."
    )
    rows = tuple((label, *each) for label, each in cells.items())
    names = columns("system", "steps/s", "ours over", "peak MB", "ours of")
    publish(
        "align_speed_grpo",
        figures,
        {"speed": Table("GRPO on a CPU, beside TRL without vLLM", names, rows, note)},
        data=[DATA],
        code=["benchmarks/trl_grpo.py"],
        versions={name: metadata.version(name) for name in ("torch", "transformers", "trl")},
    )


if __name__ == "__main__":
    main()
