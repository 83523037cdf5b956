"""How near does a trained denoiser come to the true score, where that is known? Ten Gaussians that look like digits.

A mixture of Gaussians with the means and covariances of scikit-learn's digits, a little widened: 8 by 8 pixels, whose
score is exact at every level. The same DiT learns from endless draws to predict the noise, the data, the velocity or
the flow; and from a thousand draws, seen again and again. Asked is, level by level, how far its score is from the true
one, beside the score of a single Gaussian with the mixture's moments, which is the best that a linear denoiser can do;
and how far what it draws is from exact draws. Writes evidence/diffusion_score.json and docs/diffusion-score.svg.
Run: python -m benchmarks.diffusion_score
"""

import argparse
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
import torch

from benchmarks.data import ROOT
from benchmarks.publish import columns, publish
from openbook.diffusion.denoise import Denoise
from openbook.diffusion.described import Process
from openbook.diffusion.distance import sliced_wasserstein
from openbook.diffusion.film import noise_share
from openbook.diffusion.forward import noised
from openbook.diffusion.learn.begin import begin, describe
from openbook.diffusion.learn.denoiser import denoise_of
from openbook.diffusion.learn.digits import digits
from openbook.diffusion.learn.pictures import Noisy, Pictures
from openbook.diffusion.learn.recipe import Data, DiffusionRecipe
from openbook.diffusion.level import Array, Floats, Level
from openbook.diffusion.mixture import Mixture
from openbook.diffusion.prediction import Prediction
from openbook.diffusion.samplers.names import named
from openbook.diffusion.samplers.sample import sample
from openbook.diffusion.schedule import Schedule
from openbook.diffusion.shapes import DitShape
from openbook.report.lines import line_plot
from openbook.report.record import Figure
from openbook.report.series import Series
from openbook.report.tables import Table
from openbook.train.group import Group
from openbook.train.loop import rate_at, update
from openbook.train.optimise import set_rate
from openbook.train.recipe import Optimiser, Out, Train
from openbook.train.recipe import Schedule as Rates

PLOT = ROOT / "docs" / "diffusion-score.svg"
SIDE, DIM = 8, 64
WIDER = 0.02
"""Added to every pixel's variance: most pixels at the edge of a digit never change."""

STEPS, BATCH, RATE, SEEDS = 2000, 128, 1e-3, (1, 2)
FEW = 1000
PLACES = (0, 20, 50, 100, 200, 300, 400, 500, 600, 700, 800, 900, 999)
TESTED, DRAWS, DRAW_STEPS, FLOORS, RAYS = 4000, 2000, 50, 40, 64


@dataclass(frozen=True, slots=True)
class Way:
    """few: learnt from so many draws, 0 for endless ones."""

    prediction: Prediction
    few: int = 0


WAYS: Mapping[str, Way] = {
    "noise": Way("noise"),
    "data": Way("data"),
    "velocity": Way("velocity"),
    "flow": Way("flow"),
    f"velocity, {FEW:,} draws": Way("velocity", FEW),
}


def mixture() -> tuple[Mixture, Mixture]:
    """The ten Gaussians, and one with the moments of them all."""
    pictures = digits()
    data = pictures.data(np.arange(len(pictures.values))).reshape(-1, DIM).astype(np.float64)
    parts = [data[pictures.labels == label] for label in range(10)]
    weights = np.array([len(part) for part in parts]) / len(data)
    means = np.stack([part.mean(axis=0) for part in parts])
    covariances = np.stack([np.cov(part, rowvar=False) + WIDER * np.eye(DIM) for part in parts])
    ten = Mixture(weights, means, (covariances + np.swapaxes(covariances, 1, 2)) / 2)
    mean = weights @ means
    around = means - mean
    whole = np.einsum("k,kij->ij", weights, ten.covariances + around[:, :, None] * around[:, None, :])
    return ten, Mixture(np.ones(1), mean[None], ((whole + whole.T) / 2)[None])


@dataclass(frozen=True, slots=True)
class Draws:
    """What is learnt from, as the loop of training asks: new draws at every step, or ``kept`` ones over again."""

    of: Mixture
    schedule: Schedule
    kept: Floats | None

    unit: ClassVar[str] = "pictures"

    def training(self, seed: int, step: int, rows: int, first: int, last: int) -> Noisy:
        rng = np.random.default_rng([seed, step, 41])
        data = self.of.drawn(rng, rows) if self.kept is None else self.kept[rng.integers(len(self.kept), size=rows)]
        levels = self.schedule.drawn(rng, rows, "uniform")
        noise = rng.standard_normal((rows, DIM))
        values = (self.schedule.alphas, self.schedule.sigmas, self.schedule.times)
        parts = [np.float32(part[first:last]) for part in (data, noise, *(each[levels] for each in values))]
        shown = [torch.from_numpy(part.reshape(-1, 1, SIDE, SIDE) if part.ndim == 2 else part) for part in parts]
        return Noisy((*shown, None, torch.ones(last - first, dtype=torch.bool)), last - first)


def learnt(way: Way, seed: int, ten: Mixture, steps: int) -> Denoise:
    """The average of the weights after all steps, as the samplers call it: (batch, 64) in and out."""
    recipe = DiffusionRecipe(
        data=Data("digits", SIDE, 1),
        out=Out("unused"),
        diffusion=Process(prediction=way.prediction, drop=0.0),
        dit=DitShape(96, 4, 4, 4),
        optimiser=Optimiser(rate=RATE, beta2=0.99, weight_decay=0.0),
        schedule=Rates(floor=0.0),
        train=Train(steps=steps, batch=BATCH, seed=seed),
    )
    none = Pictures(np.empty((0, 1, SIDE, SIDE), np.uint8), np.empty(0, np.int64))
    group = Group(0, 1, torch.device("cpu"))
    state = begin(recipe, describe(recipe, none), group)
    kept = ten.drawn(np.random.default_rng([seed, 42]), way.few) if way.few else None
    draws = Draws(ten, recipe.diffusion.schedule(), kept)
    objective: Any = state.objective
    while state.step < steps:
        set_rate(state.optimisers, rate_at(recipe, state.step))
        update(state, recipe, draws, group)
        state.step += 1
    return flat(denoise_of(objective.average, way.prediction))


def flat(denoise: Denoise) -> Denoise:
    return lambda x, level: denoise(x.reshape(-1, 1, SIDE, SIDE), level).reshape(-1, DIM)


def score_error(denoise: Denoise, ten: Mixture, level: Level, place: int) -> float:
    """√ of the mean squared error of the score over the mean squared score: (alpha · data - x) / sigma² is a score."""
    rng = np.random.default_rng([place, 43])
    x = noised(ten.drawn(rng, TESTED), rng.standard_normal((TESTED, DIM)), level)
    exact = ten.denoise(x, level)
    apart = level.alpha * (denoise(x, level) - exact)
    return float(np.sqrt(np.square(apart).sum() / np.square(level.alpha * exact - x).sum()))


def drawn(denoise: Denoise, ten: Mixture, schedule: Schedule, seed: int) -> float:
    """The sliced Wasserstein distance from exact draws of what DPM-Solver++ makes of exact draws of the first level."""
    rng = np.random.default_rng([seed, 44])
    levels = schedule.spaced(DRAW_STEPS)
    x = noised(ten.drawn(rng, DRAWS), rng.standard_normal((DRAWS, DIM)), levels[0])
    return apart(sample(denoise, levels, x, named("dpm-solver++"), rng).x, ten.drawn(rng, DRAWS))


def apart(one: Array, other: Array) -> float:
    return sliced_wasserstein(one, other, np.random.default_rng([0, 45]), RAYS)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--steps", type=int, default=STEPS)
    steps = parser.parse_args().steps
    ten, one = mixture()
    schedule = Process().schedule()
    levels = schedule.picked(PLACES)
    rng = np.random.default_rng([0, 46])
    floors = [apart(ten.drawn(rng, DRAWS), ten.drawn(rng, DRAWS)) for _ in range(FLOORS)]

    def measured(denoise: Denoise, seed: int) -> tuple[list[float], float]:
        errors = [score_error(denoise, ten, level, place) for level, place in zip(levels, PLACES, strict=True)]
        return errors, drawn(denoise, ten, schedule, seed)

    makers: dict[str, Callable[[int], Denoise]] = {
        name: lambda seed, way=way: learnt(way, seed, ten, steps) for name, way in WAYS.items()
    }
    makers |= {"one Gaussian, exact": lambda _seed: one.denoise, "the mixture, exact": lambda _seed: ten.denoise}
    errors: dict[str, list[list[float]]] = {}
    ends: dict[str, list[float]] = {}
    for name, maker in makers.items():
        found = [measured(maker(seed), seed) for seed in SEEDS]
        errors[name], ends[name] = [each for each, _ in found], [end for _, end in found]
        print(name, [f"{value:.3f}" for value in np.median(errors[name], axis=0)], ends[name], flush=True)
    report(errors, ends, levels, floors, steps)


def report(
    errors: Mapping[str, list[list[float]]],
    ends: Mapping[str, list[float]],
    levels: tuple[Level, ...],
    floors: list[float],
    steps: int,
) -> None:
    most = float(np.quantile(floors, 0.95))
    figures = [Figure("two exact sets: distance, 95% quantile", most, n=FLOORS)]
    shown = {name: each for name, each in errors.items() if name != "the mixture, exact"}
    middle = {name: np.median(each, axis=0) for name, each in shown.items()}
    for name, each in shown.items():
        figures += [
            Figure(f"{name}, level {place}: error of the score", float(np.median(values)), "", min(values), max(values))
            for place, values in zip(PLACES, zip(*each, strict=True), strict=True)
        ]
    figures += [
        Figure(f"{name}: distance of draws", float(np.median(each)), "", min(each), max(each), len(each))
        for name, each in ends.items()
    ]
    rows = tuple(
        (str(place), f"{noise_share(level):.4f}", *(f"{middle[name][row]:.3f}" for name in shown))
        for row, (place, level) in enumerate(zip(PLACES, levels, strict=True))
    )
    note = (
        f"Root of the mean squared error of the score over that of the score itself, at {TESTED:,} draws; medians of "
        f"{len(SEEDS)} trainings of {steps:,} steps of {BATCH}. noise: its share of the variance of x where the data's "
        "is 1. One Gaussian: the mixture's mean and covariance, of which the score is exact."
    )
    scores = Table("Error of a trained score by level", columns("level", "noise", *shown), rows, note)
    far = (
        f"Sliced Wasserstein distance from exact draws of {DRAWS:,} drawn by DPM-Solver++ in {DRAW_STEPS} steps; "
        f"median and range of {len(SEEDS)} trainings. Two exact sets are at most {most:.3f} apart in 95% of {FLOORS} "
        "pairs."
    )
    told = tuple((n, f"{np.median(each):.3f}", f"{min(each):.3f} to {max(each):.3f}") for n, each in ends.items())
    publish(
        "diffusion_score",
        figures,
        {
            "score": scores,
            "drawn": Table("Distance of what is drawn", columns("denoiser", "distance", "range"), told, far),
        },
        data=[],
        code=[],
        seeds=SEEDS,
    )
    lines = [Series(name, PLACES, [float(value) for value in each]) for name, each in middle.items()]
    plot = line_plot(
        "Error of a trained score by level", lines, x_label="level, of 1,000",
        y_label="error over the score", log_y=True,
    )  # fmt: skip
    PLOT.write_text(plot.text, encoding="utf-8")


if __name__ == "__main__":
    main()
