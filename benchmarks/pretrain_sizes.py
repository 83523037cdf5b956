"""The models that pretraining is timed on, and the recipe that trains each."""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.model_shapes import PIECES, SHAPE_30M, Shape
from benchmarks.shakespeare_worker import GPT2
from openbook import recipes
from openbook.train.recipe import TrainRecipe


@dataclass(frozen=True, slots=True)
class Size:
    """A model's shape, rows a step, and steps: those that warm up, compiling among them, and those timed after."""

    shape: Shape
    context: int
    batch: int
    gpt2: bool = False
    warm: int = 10
    timed: int = 50


SIZES = {
    "30M": Size(SHAPE_30M, 1024, 32),
    "124M": Size(Shape(12, 768, 12, 12, 3072, 50304), 1024, 32, gpt2=True),  # GPT-2's smallest, rounded up
    "tiny": Size(Shape(2, 64, 2, 1, 128, PIECES), 64, 4, warm=2, timed=4),
}


def recipe_of(folder: Path, size: Size, device: str, seed: int, changes: Sequence[str] = ()) -> TrainRecipe:
    """One long row of tokens, at a steady rate; nothing is written or evaluated on the way."""
    shape = size.shape
    keys = (
        f"data.path={folder / 'corpus'}", "data.validation=0", f"out.folder={folder / f'run-{time.time_ns()}'}",
        f"out.log_every={size.warm}", "out.evaluate_every=0", "out.checkpoint_every=0",
        f"model.layers={shape.layers}", f"model.width={shape.width}", f"model.heads={shape.heads}",
        f"model.key_value_heads={shape.key_value_heads}", f"model.inner={shape.inner}", f"model.context={size.context}",
        *(GPT2 if size.gpt2 else ()), "optimiser.rate=3e-4", "schedule.kind=constant", "schedule.warmup=0",
        f"train.steps={size.warm + size.timed}", f"train.batch={size.batch}", f"train.seed={seed}",
        f"train.device={device}", "train.precision=bf16", "train.compile=whole", *changes,
    )  # fmt: skip
    return recipes.build(recipes.changed({}, TrainRecipe, keys), TrainRecipe, "the benchmark")
