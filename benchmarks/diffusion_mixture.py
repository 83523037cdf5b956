"""How wrong is each sampler by the calls it makes of the denoiser, where the truth is known? A ring of eight Gaussians.

The denoiser is perfect, and each run begins at exact draws of the first level, so that what is measured is the sampler
alone: the sliced Wasserstein distance of what it ends in from exact draws, beside that of exact draws from others; and,
of samplers without chance, the distance of every point from where the exact flow leads it. Writes
evidence/diffusion_mixture.json and docs/diffusion-samplers.svg. Run: python -m benchmarks.diffusion_mixture
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from math import log2

import numpy as np

from benchmarks.data import ROOT
from benchmarks.publish import columns, publish
from openbook.diffusion.churn import churned
from openbook.diffusion.denoise import Denoise
from openbook.diffusion.distance import sliced_wasserstein
from openbook.diffusion.flow import exact_flow
from openbook.diffusion.forward import noised
from openbook.diffusion.karras import karras
from openbook.diffusion.level import DATA, Floats, Level
from openbook.diffusion.mixture import Mixture
from openbook.diffusion.samplers.names import named
from openbook.diffusion.samplers.sample import sample
from openbook.diffusion.samplers.units import in_data_units
from openbook.diffusion.schedule import Schedule
from openbook.diffusion.straight import straight
from openbook.diffusion.variance_preserving import linear
from openbook.report.lines import line_plot
from openbook.report.record import Figure
from openbook.report.series import Series
from openbook.report.tables import Table

PLOT = ROOT / "docs" / "diffusion-samplers.svg"
CALLS = (5, 9, 17, 33, 65, 129)
"""Odd, since n steps of Heun's take 2n - 1."""

DRAWS, POINTS, FLOORS, RAYS = 10_000, 2_000, 40, 64
SEEDS = range(1, 6)
LONG = 1000
LINEAR, KARRAS, STRAIGHT = linear(), karras(), straight()


def ring() -> Mixture:
    """Eight Gaussians on a circle, of unequal weight, narrow across it and wider along it; about unit spread in all."""
    angles = 2 * np.pi * np.arange(8) / 8
    out = np.stack([np.cos(angles), np.sin(angles)], axis=1)
    along = np.stack([-out[:, 1], out[:, 0]], axis=1)
    covariances = 0.05**2 * out[:, :, None] * out[:, None, :] + 0.2**2 * along[:, :, None] * along[:, None, :]
    weights = np.arange(4.0, 12.0)
    return Mixture(weights / weights.sum(), 1.4 * out, covariances)


RING = ring()


@dataclass(frozen=True, slots=True)
class Way:
    """A sampler on levels. levels: of a number of steps. units: whether it steps in x / alpha."""

    sampler: str
    schedule: Schedule
    levels: Callable[[int], tuple[Level, ...]]
    eta: float = 0.0
    units: bool = False
    chance: bool = False
    plotted: bool = True

    def steps(self, calls: int) -> int:
        return (calls + 1) // 2 if self.sampler == "heun" else calls


def _spaced(schedule: Schedule, spacing: str) -> Callable[[int], tuple[Level, ...]]:
    return lambda steps: schedule.spaced(steps, spacing)  # pyright: ignore[reportArgumentType]


def _churned(steps: int) -> tuple[Level, ...]:
    """With EDM's own settings for ImageNet (Karras et al. 2022, table 5), without its S_noise."""
    return churned(KARRAS, KARRAS.spaced(steps, "karras"), 40, 0.05, 50)


WAYS: Mapping[str, Way] = {
    "DDPM, linear": Way("ddpm", LINEAR, _spaced(LINEAR, "trailing"), chance=True),
    "DDIM eta 0.5, linear": Way("ddim", LINEAR, _spaced(LINEAR, "trailing"), 0.5, chance=True, plotted=False),
    "DDIM, linear": Way("ddim", LINEAR, _spaced(LINEAR, "trailing")),
    "DDIM, linear, Karras spacing": Way("ddim", LINEAR, _spaced(LINEAR, "karras"), plotted=False),
    "DPM-Solver++ 2M, linear": Way("dpm-solver++", LINEAR, _spaced(LINEAR, "trailing")),
    "DPM-Solver++ 2M, linear, Karras spacing": Way("dpm-solver++", LINEAR, _spaced(LINEAR, "karras"), plotted=False),
    "Heun, linear, Karras spacing": Way("heun", LINEAR, _spaced(LINEAR, "karras"), plotted=False),
    "Heun in x/alpha, linear, Karras spacing": Way(
        "heun", LINEAR, _spaced(LINEAR, "karras"), units=True, plotted=False
    ),
    "Heun, EDM": Way("heun", KARRAS, _spaced(KARRAS, "karras")),
    "Heun, EDM, churn 40": Way("heun", KARRAS, _churned, chance=True, plotted=False),
    "DPM-Solver++ 2M, EDM": Way("dpm-solver++", KARRAS, _spaced(KARRAS, "karras")),
    "Euler, straight": Way("euler", STRAIGHT, _spaced(STRAIGHT, "trailing")),
    "Heun, straight": Way("heun", STRAIGHT, _spaced(STRAIGHT, "trailing")),
}  # fmt: skip


def ended(way: Way, steps: int, x: Floats, rng: np.random.Generator) -> Floats:
    """Where the sampler leads these x of the way's first level."""
    ask: Denoise = RING.denoise
    levels = way.levels(steps)
    if way.units:
        x = x / levels[0].alpha
        ask, levels = in_data_units(ask, levels)
    return np.asarray(sample(ask, levels, x, named(way.sampler, way.eta), rng).x, np.float64)


def distances(way: Way, calls: int) -> list[float]:
    """Of each seed, the sliced Wasserstein distance from exact draws."""
    found: list[float] = []
    for seed in SEEDS:
        rng = np.random.default_rng([seed, 31])
        first = way.schedule.levels[-1]
        x = noised(RING.drawn(rng, DRAWS), rng.standard_normal((DRAWS, 2)), first)
        found.append(apart(ended(way, way.steps(calls), x, rng), RING.drawn(rng, DRAWS)))
    return found


def apart(one: Floats, other: Floats) -> float:
    return sliced_wasserstein(one, other, np.random.default_rng([0, 32]), RAYS)


def floor() -> list[float]:
    """Distances of exact draws from other exact draws."""
    rng = np.random.default_rng([0, 33])
    return [apart(RING.drawn(rng, DRAWS), RING.drawn(rng, DRAWS)) for _ in range(FLOORS)]


def from_the_flow() -> dict[str, list[float]]:
    """Of each way without chance and each number of calls, the root of the mean squared distance."""
    rng = np.random.default_rng([0, 34])
    data, noise = RING.drawn(rng, POINTS), rng.standard_normal((POINTS, 2))
    truths = {
        schedule.name: exact_flow(RING, noised(data, noise, schedule.levels[-1]), schedule.levels[-1], DATA)
        for schedule in (LINEAR, KARRAS, STRAIGHT)
    }
    found: dict[str, list[float]] = {}
    for name, way in WAYS.items():
        if not way.chance:
            x, truth = noised(data, noise, way.schedule.levels[-1]), truths[way.schedule.name]
            ends = [ended(way, way.steps(calls), x, rng) for calls in CALLS]
            found[name] = [float(np.sqrt(np.square(end - truth).sum(axis=1).mean())) for end in ends]
    return found


def fewest(medians: Sequence[float], most: float) -> int | None:
    """The calls from which on every median is within ``most``."""
    within = [calls for place, calls in enumerate(CALLS) if all(value <= most for value in medians[place:])]
    return within[0] if within else None


def main() -> None:
    floors = floor()
    most = float(np.quantile(floors, 0.95))
    found = {name: [distances(way, calls) for calls in CALLS] for name, way in WAYS.items()}
    long = distances(WAYS["DDPM, linear"], LONG)
    flow = from_the_flow()
    figures = [
        Figure("two exact sets: distance", float(np.median(floors)), low=min(floors), high=max(floors), n=FLOORS),
        Figure("two exact sets: 95% quantile", most, n=FLOORS),
        Figure(
            f"DDPM, linear, {LONG} calls: distance", float(np.median(long)), low=min(long), high=max(long), n=len(long)
        ),
    ]
    rows: list[tuple[str, ...]] = []
    for name, by_calls in found.items():
        medians = [float(np.median(each)) for each in by_calls]
        enough = fewest(medians, most)
        rows.append((name, *(f"{value:.4f}" for value in medians), str(enough or "–")))
        figures += [
            Figure(f"{name}, {calls} calls: distance", median, low=min(each), high=max(each), n=len(each))
            for calls, median, each in zip(CALLS, medians, by_calls, strict=True)
        ]
        if enough:
            figures.append(Figure(f"{name}: fewest calls within the noise", enough))
    note = (
        f"Sliced Wasserstein distance of {DRAWS:,} draws from as many exact ones, the data's spread being about 1;"
        f" medians of {len(SEEDS)} seeds. Two exact sets are {np.median(floors):.4f} apart, 95% of {FLOORS} pairs at"
        f" most {most:.4f}; DDPM with {LONG:,} calls ends {np.median(long):.4f} away. Enough: so many calls or more are"
        " within that 95%."
    )
    names = tuple(str(calls) for calls in CALLS)
    tables = {
        "calls": Table(
            "Error of the samplers by calls of a perfect denoiser", columns("", *names, "enough"), tuple(rows), note
        ),
        "flow": flow_table(flow),
    }
    for name, values in flow.items():
        figures += [
            Figure(f"{name}, {calls} calls: from the flow", value, n=POINTS)
            for calls, value in zip(CALLS, values, strict=True)
        ]
    draw(found, float(np.median(floors)))
    publish("diffusion_mixture", figures, tables, data=[], code=[], seeds=SEEDS)


def flow_table(flow: Mapping[str, Sequence[float]]) -> Table:
    note = (
        f"Root of the mean squared distance of {POINTS:,} points from where the exact flow leads them. Order: how many"
        f" halvings one doubling of the calls brings, from {CALLS[-2]} to {CALLS[-1]}."
    )
    rows = tuple(
        (name, *(f"{v:.1e}" for v in values), f"{log2(values[-2] / values[-1]):.1f}") for name, values in flow.items()
    )
    names = tuple(str(calls) for calls in CALLS)
    return Table("Distance from the exact flow by calls", columns("", *names, "order"), rows, note)


def draw(found: Mapping[str, Sequence[Sequence[float]]], level: float) -> None:
    lines = [
        Series(name, CALLS, [float(np.median(each)) for each in by_calls])
        for name, by_calls in found.items()
        if WAYS[name].plotted
    ]
    lines.append(Series("two exact sets", (CALLS[0], CALLS[-1]), (level, level)))
    plot = line_plot(
        "Error by calls of a perfect denoiser", lines, x_label="calls of the denoiser",
        y_label="sliced Wasserstein distance", log_x=True, log_y=True,
    )  # fmt: skip
    PLOT.write_text(plot.text, encoding="utf-8")


if __name__ == "__main__":
    main()
