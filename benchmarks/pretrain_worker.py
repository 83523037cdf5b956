"""Some steps of pretraining, in a process of its own, by us or by transformers' Trainer. Prints JSON.

python -m benchmarks.pretrain_worker start|openbook|trainer FOLDER SIZE DEVICE SEED [key=value]...
FOLDER holds corpus/ (token shards) and start-SIZE/ (the weights that both begin from); key=value changes our recipe, or
the Trainer's arguments.
"""

import json
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import torch

from benchmarks.model_flops import multiplied
from benchmarks.pretrain_sizes import SIZES, Size, recipe_of
from openbook.model import Decoder, checkpoint
from openbook.train.batches import Windows
from openbook.train.run import run
from openbook.train.shards import open_shards
from openbook.train.watch import Watch


class Enough(Exception):
    """All steps are timed; what a run does at its end is not."""


class Clock:
    """When warming up ended and when the last step did, the loss then, and the most memory between."""

    def __init__(self, size: Size, device: str) -> None:
        self.size, self.device = size, device
        self.times: list[float] = []
        self.loss = 0.0

    def look(self, step: int, loss: float) -> None:
        """Called after a step whose loss was read, so that a GPU has done all up to it."""
        if step not in (self.size.warm, self.size.warm + self.size.timed):
            return
        self.times.append(time.perf_counter())
        self.loss = loss
        if self.device == "cuda" and len(self.times) == 1:
            torch.cuda.reset_peak_memory_stats()

    def found(self) -> dict[str, float]:
        begun, ended = self.times
        tokens = self.size.timed * self.size.batch * self.size.context
        return {"rate": tokens / (ended - begun), "megabytes": self._megabytes(), "loss": self.loss}

    def _megabytes(self) -> float:
        if self.device == "cuda":
            return torch.cuda.max_memory_allocated() / 1e6
        status = Path("/proc/self/status").read_text(encoding="ascii")
        return int(status.split("VmHWM:")[1].split()[0]) * 1024 / 1e6


def start(folder: Path, name: str, device: str, seed: int, changes: Sequence[str]) -> Mapping[str, float]:
    """Write the weights that both begin from."""
    size = SIZES[name]
    torch.manual_seed(seed)
    model = Decoder(recipe_of(folder, size, device, seed, changes).model.config(size.shape.vocabulary))
    checkpoint.save(folder / f"start-{name}", model)
    return {"parameters": sum(p.numel() for p in model.parameters()), "multiplied": multiplied(model)}


def ours(folder: Path, name: str, device: str, seed: int, changes: Sequence[str]) -> Mapping[str, float]:
    size = SIZES[name]
    clock = Clock(size, device)

    def record(row: Mapping[str, Any]) -> None:
        clock.look(row["step"], row["loss"])
        if row["step"] == size.warm + size.timed:
            raise Enough

    recipe = recipe_of(folder, size, device, seed, [f"model.start={folder / f'start-{name}'}", *changes])
    try:
        run(recipe, Watch(_nothing, _nothing, record))
    except Enough:
        return clock.found()
    raise RuntimeError("the run ended before its last step was timed")


def _nothing(_: object) -> None: ...


class Rows(torch.utils.data.IterableDataset):
    """The rows of our loop, in its order."""

    def __init__(self, windows: Windows, size: Size, seed: int) -> None:
        self.windows, self.size, self.seed = windows, size, seed

    def __iter__(self) -> Any:
        for step in range(self.size.warm + self.size.timed):
            batch = self.windows.training(self.seed, step, self.size.batch, 0, self.size.batch)
            for ids, targets in zip(batch.ids, batch.targets, strict=True):
                yield {"input_ids": ids, "labels": targets, "shift_labels": targets}


def trainer(folder: Path, name: str, device: str, seed: int, changes: Sequence[str]) -> Mapping[str, float]:
    """The same weights, rows, order, loss and optimiser; a second process makes the batches."""
    from transformers import AutoModelForCausalLM, PrinterCallback, Trainer, TrainerCallback, TrainingArguments

    size = SIZES[name]
    clock = Clock(size, device)
    plan = recipe_of(folder, size, device, seed)
    shards = open_shards(folder / "corpus")
    rows = Rows(Windows(shards, 0, shards.tokens, size.context), size, seed)

    class Look(TrainerCallback):
        def on_log(self, _arguments: Any, state: Any, _control: Any, logs: Any = None, **_: Any) -> None:
            if "loss" in logs:
                clock.look(state.global_step, logs["loss"])

    extra = {key: json.loads(value) for key, value in (change.split("=") for change in changes)}
    if device == "cuda":
        extra["tf32"] = True
    arguments = TrainingArguments(
        output_dir=str(folder / "trainer"), max_steps=size.warm + size.timed, per_device_train_batch_size=size.batch,
        learning_rate=plan.optimiser.rate, adam_beta1=plan.optimiser.beta1, adam_beta2=plan.optimiser.beta2,
        weight_decay=plan.optimiser.weight_decay, max_grad_norm=plan.optimiser.clip, optim="adamw_torch_fused",
        lr_scheduler_type="constant", seed=seed, bf16=True, use_cpu=device == "cpu", dataloader_num_workers=1,
        logging_steps=size.warm, logging_nan_inf_filter=False, report_to=[], save_strategy="no", disable_tqdm=True,
        remove_unused_columns=False, **extra,
    )  # fmt: skip
    model = AutoModelForCausalLM.from_pretrained(folder / f"start-{name}", dtype=torch.float32, use_cache=False)
    runner = Trainer(model=model, args=arguments, train_dataset=rows, callbacks=[Look()])
    runner.remove_callback(PrinterCallback)
    runner.train()
    return clock.found()


def main() -> None:
    system, folder, name, device, seed, *changes = sys.argv[1:]
    do = {"start": start, "openbook": ours, "trainer": trainer}[system]
    print(json.dumps(do(Path(folder), name, device, int(seed), changes)))


if __name__ == "__main__":
    main()
