"""How many steps does a picture need? Every sampler at many numbers of them, on the digits of a small U-Net.

The denoiser of recipes/digits-diffusion.toml, trained first where it is missing, draws every digit as often, without
guidance. A classifier that learnt from the same real digits reads each picture: is it the digit that was asked? In the
features of its last layer but one, the Fréchet distance to real digits is taken. Within noise of DDPM in 1,000 steps:
the share read rightly is not shown lower (randomisation paired by picture, Holm), nor the distance larger (95% of a
bootstrap). In some twenty minutes of a core. Writes evidence/diffusion_steps.json and two plots in docs/.
Run: python -m benchmarks.diffusion_steps [--model FOLDER] [--kept FOLDER]
"""

import argparse
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn
from torch.nn.functional import cross_entropy

from benchmarks.data import ROOT
from benchmarks.diffusion_steps_tables import Found, Told
from benchmarks.diffusion_sweep import Painter, report
from openbook import recipes
from openbook.diffusion.learn.digits import digits
from openbook.diffusion.learn.folder import load
from openbook.diffusion.learn.pictures import parted
from openbook.diffusion.learn.recipe import DiffusionRecipe
from openbook.diffusion.learn.run import run
from openbook.report.record import Figure
from openbook.train.watch import Watch

RECIPE = "recipes/digits-diffusion.toml"
SEED = 71
EACH = 40
"""Pictures of each digit."""

PASSES, BATCH, RATE, FEATURES = 40, 50, 2e-3, 32


class Classifier(nn.Module):
    """features: what its last layer but one holds of a picture."""

    def __init__(self) -> None:
        super().__init__()
        self.features = nn.Sequential(
            nn.Conv2d(1, 32, 3, padding=1), nn.SiLU(), nn.Conv2d(32, 64, 3, 2, padding=1), nn.SiLU(), nn.Flatten(),
            nn.Dropout(0.3), nn.Linear(64 * 16, FEATURES), nn.Tanh(),
        )  # fmt: skip
        self.digit = nn.Linear(FEATURES, 10)

    def forward(self, pictures: torch.Tensor) -> torch.Tensor:
        return self.digit(self.features(pictures))


def trained(pictures: NDArray[np.float32], labels: NDArray[np.int64]) -> Classifier:
    torch.manual_seed(SEED)
    model = Classifier()
    optimiser = torch.optim.AdamW(model.parameters(), RATE, weight_decay=0.01)
    order = np.random.default_rng([SEED, 1])
    for _ in range(PASSES):
        for rows in np.array_split(order.permutation(len(labels)), len(labels) // BATCH):
            cross_entropy(model(torch.from_numpy(pictures[rows])), torch.from_numpy(labels[rows])).backward()
            optimiser.step()
            optimiser.zero_grad()
    return model.eval()


def reading(model: Classifier, pictures: NDArray[np.float32], labels: Sequence[int], seconds: float) -> Found:
    with torch.inference_mode():
        held = model.features(torch.from_numpy(pictures))
        read = model.digit(held).argmax(1).numpy()
    return Found(read == np.array(labels), held.double().numpy(), seconds)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--model", type=Path, default=ROOT / "runs" / "digits-diffusion" / "model")
    parser.add_argument("--kept", type=Path, default=ROOT / "runs" / "diffusion-steps", help="what was drawn, by name")
    given = parser.parse_args()
    torch.set_num_threads(1)
    recipe = recipes.read(ROOT / RECIPE, DiffusionRecipe, [f"out.folder={given.model.parent}"])
    if not given.model.exists():
        run(recipe, Watch(lambda _: None, lambda _: None, lambda _: None), lambda _: None)
    denoiser, described = load(given.model)
    real = digits()
    learnt, apart = parted(real, recipe.data.validation, replace(recipe.diffusion, drop=0.0))
    assert apart is not None
    classifier = trained(real.data(learnt.numbers), real.labels[learnt.numbers])
    unseen = reading(classifier, real.data(apart.numbers), real.labels[apart.numbers].tolist(), 0.0)
    rng = np.random.default_rng([SEED, 2])
    shuffled = [rng.permutation(np.flatnonzero(real.labels == digit)) for digit in range(10)]
    one, other = (np.concatenate([rows[part] for rows in shuffled]) for part in (slice(EACH), slice(EACH, 2 * EACH)))
    labels = [digit for digit in range(10) for _ in range(EACH)]
    reference, floor = (reading(classifier, real.data(rows), labels, 0.0) for rows in (one, other))
    painter = Painter(
        denoiser.eval(), described, torch.tensor(labels),
        lambda pictures, seconds: reading(classifier, pictures, labels, seconds), given.kept, SEED,
    )  # fmt: skip
    found = painter.sweep(1.0)
    told = Told(reference, floor, "Read as the digit asked", f"{len(labels)} pictures, each digit as often")
    figures = [Figure("classifier: unseen real digits read rightly", float(unseen.true.mean()), n=len(unseen.true))]
    report("diffusion_steps", painter, found, told, (figures, {}), RECIPE)


if __name__ == "__main__":
    main()
