"""A schedule: the levels that a denoiser is trained on, and which of them a sampler visits."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
from numpy.typing import NDArray

from openbook.diffusion.level import DATA, Floats, Level
from openbook.diffusion.problems import DiffusionProblem
from openbook.diffusion.weighting import LOGIT_NORMALS, Levels

Path = Literal["preserving", "exploding", "straight"]
"""alpha² + sigma² = 1 (Ho et al. 2020), alpha = 1 (Karras et al. 2022), alpha = 1 - sigma (Liu et al. 2022)."""

Spacing = Literal["leading", "trailing", "linspace", "karras"]

_RHO = 7.0  # Karras et al. 2022, table 1


@dataclass(frozen=True, slots=True, eq=False)
class Schedule:
    """alphas, sigmas, times: (levels,), from the least noise to the most, none of them without noise.

    Raises DiffusionProblem where they are of different lengths, are not finite, leave the path, or do not grow noisier.
    """

    name: str
    path: Path
    alphas: Floats
    sigmas: Floats
    times: Floats

    def __post_init__(self) -> None:
        parts = [np.array(part, dtype=np.float64) for part in (self.alphas, self.sigmas, self.times)]
        for name, part in zip(("alphas", "sigmas", "times"), parts, strict=True):
            part.flags.writeable = False
            object.__setattr__(self, name, part)
        one_length = {part.shape for part in parts} == {(parts[0].size,)} and parts[0].size > 0
        if not (one_length and all(np.isfinite(part).all() for part in parts)):
            raise DiffusionProblem(
                f"schedule {self.name!r} needs as many finite alphas, sigmas and times, at least one"
            )
        apart = np.abs(on_path(self.path, self.sigmas) - self.alphas).max() if self.sigmas.min() > 0 else np.inf
        if not apart < 1e-6 or (np.diff(self.ratios) <= 0).any() or (np.diff(self.times) <= 0).any():
            raise DiffusionProblem(
                f"schedule {self.name!r} is not {self.path}, growing noisier: mend its steps or ends"
            )

    def __len__(self) -> int:
        return self.alphas.size

    @property
    def ratios(self) -> Floats:
        """sigma / alpha; infinite where there is noise alone."""
        with np.errstate(divide="ignore"):
            return self.sigmas / self.alphas

    @property
    def levels(self) -> tuple[Level, ...]:
        return self.picked(range(len(self)))

    def picked(self, indices: Sequence[int] | NDArray[np.int64]) -> tuple[Level, ...]:
        """The levels at these indices, in their order."""
        return _levels(*(part[np.asarray(indices, np.int64)] for part in (self.alphas, self.sigmas, self.times)))

    def at(self, ratios: Floats) -> tuple[Level, ...]:
        """The levels of the path with these sigma / alpha; times between two levels by log ratio, as diffusers does.

        Beyond the least and the most noise the time stays that of the level there.
        """
        self._check_ratios()
        scaled = {"preserving": np.sqrt(1 + ratios**2), "exploding": np.ones_like(ratios), "straight": 1 + ratios}
        alphas = 1 / scaled[self.path]
        times = np.interp(np.log(ratios), np.log(self.ratios), self.times)
        return _levels(alphas, ratios * alphas, times)

    def spaced(self, steps: int, spacing: Spacing = "trailing") -> tuple[Level, ...]:
        """From noise to data in ``steps`` steps: steps + 1 levels, the last without noise.

        trailing: every (levels / steps)th from the most noise on. leading: every (levels // steps)th from the least on,
        which does not begin at the most noise (Lin et al. 2024, table 2, name all three). linspace: from the most to
        the least, evenly. karras: from the most to the least, evenly in (sigma / alpha)^(1/7) (Karras et al. 2022,
        eq. 5). Raises DiffusionProblem for fewer than 1 step, more steps than levels, and an unknown spacing.
        """
        if not 1 <= steps <= len(self):
            raise DiffusionProblem(f"{steps} steps over the {len(self)} levels of {self.name!r}: take 1 to {len(self)}")
        if spacing == "karras":
            self._check_ratios()
            return (*self.at(karras_ratios(steps, self.ratios[0], self.ratios[-1])), DATA)
        return (*self.picked(_indices(len(self), steps, spacing)), DATA)

    def _check_ratios(self) -> None:
        if not self.alphas[-1]:
            raise DiffusionProblem(f"schedule {self.name!r} ends in noise alone: space it 'trailing', without churn")

    def drawn(self, rng: np.random.Generator, count: int, seen: Levels = "uniform") -> NDArray[np.int64]:
        """Indices of levels to train on. (count,)"""
        evenly = rng.integers(len(self), size=count)
        if seen == "uniform":
            return evenly
        by = LOGIT_NORMALS[seen]
        places = 1 / (1 + np.exp(-rng.normal(by.mean, by.deviation, count)))
        found = np.minimum((places * len(self)).astype(np.int64), len(self) - 1)
        return np.where(rng.random(count) < by.even, evenly, found)


def check_steps(steps: int) -> None:
    """Raise DiffusionProblem unless a schedule of so many levels can be made."""
    if not 1 <= steps <= 100_000:
        raise DiffusionProblem(f"a schedule of {steps} levels: take 1 to 100,000")


def on_path(path: Path, sigmas: Floats) -> Floats:
    """The alphas that belong to these sigmas."""
    if path == "preserving":
        return np.sqrt(np.maximum(1 - sigmas**2, 0))
    return np.ones_like(sigmas) if path == "exploding" else 1 - sigmas


def karras_ratios(steps: int, low: float, high: float) -> Floats:
    """(high^(1/ρ) + i/(n - 1) · (low^(1/ρ) - high^(1/ρ)))^ρ, ρ = 7, from high to low (Karras et al. 2022, eq. 5)."""
    first, last = high ** (1 / _RHO), low ** (1 / _RHO)
    return (first + np.linspace(0, 1, steps) * (last - first)) ** _RHO


def _indices(levels: int, steps: int, spacing: str) -> NDArray[np.int64]:
    # the order of these operations is diffusers': it decides which way halves are rounded
    if spacing == "trailing":
        return np.arange(levels, 0, -levels / steps)[:steps].round().astype(np.int64) - 1
    if spacing == "leading":
        return np.arange(steps, dtype=np.int64)[::-1] * (levels // steps)
    if spacing == "linspace":
        even = np.linspace(0, levels - 1, steps) if steps > 1 else np.array([levels - 1.0])
        return even.round()[::-1].astype(np.int64)
    raise DiffusionProblem(f"there is no spacing {spacing!r}: name one of {', '.join(get_args(Spacing))}")


def _levels(alphas: Floats, sigmas: Floats, times: Floats) -> tuple[Level, ...]:
    parts = (alphas.tolist(), sigmas.tolist(), times.tolist())
    return tuple(Level(alpha, sigma, time) for alpha, sigma, time in zip(*parts, strict=True))
