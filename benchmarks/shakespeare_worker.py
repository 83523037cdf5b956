"""One training run of the Shakespeare model, in a process of its own, by us or by transformers' Trainer. Prints JSON.

python -m benchmarks.shakespeare_worker openbook|trainer FOLDER SEED SHAPE [key=value]...
FOLDER holds corpus/ (token shards) and start-SHAPE-SEED/ (the weights that both begin from); key=value changes the
recipe, or for the Trainer its arguments.
"""

import json
import sys
import time
from pathlib import Path
from typing import Any

import torch

from benchmarks.data import ROOT
from openbook import recipes
from openbook.model import checkpoint
from openbook.train.batches import Windows
from openbook.train.recipe import TrainRecipe
from openbook.train.run import run
from openbook.train.shards import open_shards
from openbook.train.watch import Watch

RECIPE = ROOT / "recipes" / "shakespeare.toml"
GPT2 = ("model.positions=learned", "model.norm=layer", "model.activation=gelu_tanh", "model.biases=true")
"""nanoGPT's own shape."""


def recipe_of(folder: Path, seed: int, shape: str, changes: list[str]) -> TrainRecipe:
    """The shipped recipe on the prepared corpus; nothing is written or evaluated before the end."""
    return recipes.read(
        RECIPE,
        TrainRecipe,
        [
            *(GPT2 if shape == "gpt2" else ()),
            f"data.path={folder / 'corpus'}",
            f"train.seed={seed}",
            f"out.folder={folder / f'run-{shape}-{seed}-{len(changes)}-{time.time_ns()}'}",
            "out.evaluate_every=0",
            "out.checkpoint_every=0",
            *changes,
        ],
    )


def windows(folder: Path, recipe: TrainRecipe) -> tuple[Windows, Windows]:
    shards = open_shards(folder / "corpus")
    boundary = int(shards.tokens * (1 - recipe.data.validation))
    context = recipe.model.context
    return Windows(shards, 0, boundary, context), Windows(shards, boundary, shards.tokens, context)


def ours(folder: Path, seed: int, shape: str, changes: list[str]) -> dict[str, float]:
    recipe = recipe_of(folder, seed, shape, [f"model.start={folder / f'start-{shape}-{seed}'}", *changes])
    result = run(recipe, Watch(_nothing, _nothing, _nothing))
    assert result.validation_loss is not None
    return {"seconds": result.seconds, "steps": result.step, "validation": result.validation_loss}


def _nothing(_: object) -> None: ...


def trainer(folder: Path, seed: int, shape: str, changes: list[str]) -> dict[str, float]:
    """The same weights, rows, order, loss, optimiser and schedule; nothing logged, saved or evaluated on the way."""
    from transformers import AutoModelForCausalLM, Trainer, TrainingArguments

    recipe = recipe_of(folder, seed, shape, [change for change in changes if "." in change])
    training, validation = windows(folder, recipe)
    plan = recipe.train

    class Rows(torch.utils.data.IterableDataset):
        def __iter__(self) -> Any:
            for step in range(plan.steps):
                batch = training.training(seed, step, plan.batch, 0, plan.batch)
                for ids, targets in zip(batch.ids, batch.targets, strict=True):
                    yield {"input_ids": ids, "labels": targets, "shift_labels": targets}

    model = AutoModelForCausalLM.from_pretrained(str(folder / f"start-{shape}-{seed}"))
    extra: dict[str, Any] = {
        key: json.loads(value) for key, value in (change.split("=") for change in changes if "." not in change)
    }
    arguments = TrainingArguments(
        output_dir=str(folder / "trainer"),
        max_steps=plan.steps,
        per_device_train_batch_size=plan.batch,
        learning_rate=recipe.optimiser.rate,
        adam_beta2=recipe.optimiser.beta2,
        weight_decay=recipe.optimiser.weight_decay,
        max_grad_norm=recipe.optimiser.clip,
        lr_scheduler_type="cosine_with_min_lr",
        lr_scheduler_kwargs={"min_lr_rate": recipe.schedule.floor},
        warmup_steps=recipe.schedule.warmup,
        seed=seed,
        use_cpu=True,
        report_to=[],
        save_strategy="no",
        disable_tqdm=True,
        remove_unused_columns=False,
        **extra,
    )
    runner = Trainer(model=model, args=arguments, train_dataset=Rows())
    started = time.perf_counter()
    runner.train()
    seconds = time.perf_counter() - started
    return {"seconds": seconds, "steps": plan.steps, "validation": validated(model, validation)}


def validated(model: Any, validation: Windows) -> float:
    """The mean loss over every token of the validation part."""
    model.eval()
    total = count = 0.0
    with torch.inference_mode():
        for first in range(0, validation.evaluations, 128):
            batch = validation.evaluation(first, min(first + 128, validation.evaluations))
            logits = model(input_ids=batch.ids).logits.float()
            total += float(
                torch.nn.functional.cross_entropy(logits.flatten(0, 1), batch.targets.flatten(), reduction="sum")
            )
            count += batch.count
    return total / count


def start(folder: Path, seed: int, shape: str, changes: list[str]) -> dict[str, float]:
    """Write the weights that both begin from."""
    from openbook.model import Decoder

    recipe = recipe_of(folder, seed, shape, changes)
    torch.manual_seed(seed)
    model = Decoder(recipe.model.config(open_shards(folder / "corpus").vocabulary))
    checkpoint.save(folder / f"start-{shape}-{seed}", model)
    return {"parameters": sum(p.numel() for p in model.parameters())}


def main() -> None:
    system, folder, seed, shape, *changes = sys.argv[1:]
    began = time.perf_counter()
    do = {"openbook": ours, "trainer": trainer, "start": start}[system]
    found = do(Path(folder), int(seed), shape, changes)
    status = Path("/proc/self/status").read_text(encoding="ascii")
    found["megabytes"] = int(status.split("VmHWM:")[1].split()[0]) / 1024
    found["whole"] = time.perf_counter() - began
    print(json.dumps(found))


if __name__ == "__main__":
    main()
