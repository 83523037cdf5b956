"""Our training loop and transformers' Trainer, begun from the same weights, given the same rows in the same order.

Documents of very unequal lengths, a row each, so that rows and passes hold unequal counts of targets.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from openbook import recipes
from openbook.model import checkpoint
from openbook.train.batches import Windows
from openbook.train.corpus import prepare
from openbook.train.group import Group
from openbook.train.loop import rate_at, update
from openbook.train.optimise import set_rate
from openbook.train.recipe import TrainRecipe
from openbook.train.run import begin, parts
from openbook.train.shards import write_shards
from openbook.train.state import State
from openbook.train.techniques import attention_kernel

VOCABULARY, STEPS, ROWS = 61, 6, 6
CLIP = 0.05
"""Far below the norms met here, so that every step is clipped."""

BASE = (
    "data.validation=0", "data.pack=false", "model.layers=2", "model.heads=2", "model.width=16", "model.context=16",
    "optimiser.rate=0.01", f"optimiser.clip={CLIP}", "schedule.kind=constant", "schedule.warmup=0",
    f"train.steps={STEPS}", f"train.batch={ROWS}", "train.device=cpu", "train.threads=1", "out.checkpoint_every=0",
)  # fmt: skip
SGD = ("optimiser.rate=1", "optimiser.weight_decay=0")
"""Of which gradients clipped or scaled wrongly would show; AdamW's steps hardly depend on their size."""

ALONE = Group(0, 1, torch.device("cpu"))
Weights = dict[str, Tensor]


@dataclass(frozen=True, slots=True)
class Ended:
    """Where some steps ended: the gradients' norms before clipping, and all weights by our names."""

    norms: Sequence[float]
    weights: Weights


def settings(place: Path, *changes: str, out: str = "run") -> list[str]:
    """A recipe as its changes of the defaults, on the corpus in ``place``, made where it is not there yet."""
    if not (place / "tokens").exists():
        rng = np.random.default_rng(0)
        write_shards(place / "tokens", [[rng.integers(0, VOCABULARY, 3 + 7 * n % 40)] for n in range(60)], VOCABULARY)
    return [*BASE, f"data.path={place / 'tokens'}", f"out.folder={place / out}", *changes]


def recipe_of(changes: Iterable[str]) -> TrainRecipe:
    return recipes.build(recipes.changed({}, TrainRecipe, tuple(changes)), TrainRecipe, "the benchmark")


def started(recipe: TrainRecipe) -> tuple[State, Windows]:
    corpus = prepare(recipe.data, recipe.data.source)
    state = begin(recipe, corpus, ALONE)
    return state, parts(recipe, corpus, state.model.config.context)[0]


def start(place: Path, *changes: str) -> str:
    """Write the weights that both sides begin from; returns the recipe's key for them."""
    checkpoint.save(place / "start", started(recipe_of(settings(place, *changes)))[0].model)
    return f"model.start={place / 'start'}"


def go_on(state: State, recipe: TrainRecipe, training: Windows, steps: int) -> list[float]:
    norms: list[float] = []
    with attention_kernel(recipe.train.attention):
        for _ in range(steps):
            set_rate(state.optimisers, rate_at(recipe, state.step))
            norms.append(float(update(state, recipe, training, ALONE)[1]))
            state.step += 1
    return norms


def here(changes: Sequence[str], *, sgd: bool = False) -> Ended:
    """Our loop, all steps."""
    recipe = recipe_of(changes)
    state, training = started(recipe)
    if sgd:
        state.optimisers = [torch.optim.SGD(state.model.parameters(), lr=recipe.optimiser.rate)]
    norms = go_on(state, recipe, training, recipe.train.steps)
    return Ended(norms, weights_of(state.model))


def weights_of(model: nn.Module) -> Weights:
    return {name: parameter.detach().clone() for name, parameter in model.named_parameters()}


def theirs_as_ours(model: Any, place: Path) -> Weights:
    """The weights of a model of transformers', by our names."""
    model.save_pretrained(place)
    return weights_of(checkpoint.load(place, dtype=torch.float32)[0])


def trainer(place: Path, changes: Sequence[str], *, passes: int = 1, **more: Any) -> Ended:
    """transformers' Trainer on the same rows in the same order, accumulating over ``passes`` a step."""
    from transformers import AutoModelForCausalLM, PrinterCallback, Trainer, TrainingArguments

    recipe = recipe_of(changes)
    _, training = started(recipe)
    plan, rule = recipe.train, recipe.optimiser

    class Rows(torch.utils.data.IterableDataset):
        def __iter__(self) -> Any:
            for step in range(plan.steps):
                batch = training.training(plan.seed, step, plan.batch, 0, plan.batch)
                for ids, targets in zip(batch.ids, batch.targets, strict=True):
                    yield {"input_ids": ids, "labels": targets, "shift_labels": targets}

    arguments = TrainingArguments(
        output_dir=str(place / "trainer"), max_steps=plan.steps, per_device_train_batch_size=plan.batch // passes,
        gradient_accumulation_steps=passes, learning_rate=rule.rate, adam_beta1=rule.beta1, adam_beta2=rule.beta2,
        adam_epsilon=rule.epsilon, weight_decay=rule.weight_decay, max_grad_norm=rule.clip,
        lr_scheduler_type="constant", use_cpu=True, report_to=[], save_strategy="no", logging_steps=1,
        disable_tqdm=True, remove_unused_columns=False, **more,
    )  # fmt: skip
    model = AutoModelForCausalLM.from_pretrained(recipe.model.start)
    runner = Trainer(model=model, args=arguments, train_dataset=Rows())
    runner.remove_callback(PrinterCallback)
    runner.train()
    norms = [row["grad_norm"] for row in runner.state.log_history if "grad_norm" in row]
    return Ended(norms, theirs_as_ours(model, place / f"theirs-{passes}"))
