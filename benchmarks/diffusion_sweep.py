"""Pictures of one denoiser by every sampler at many numbers of steps, each drawn once and kept, and their report."""

import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from benchmarks.data import ROOT
from benchmarks.diffusion_steps_tables import Found, Told, Way, tables
from benchmarks.publish import publish
from openbook.diffusion.described import Described
from openbook.diffusion.draw import levels_of
from openbook.diffusion.learn.denoiser import Denoiser
from openbook.diffusion.learn.samples import drawn
from openbook.diffusion.samplers.names import SAMPLERS, calls
from openbook.diffusion.sheet import Sheet
from openbook.report.record import Figure
from openbook.report.tables import Table

STEPS = (2, 4, 6, 8, 10, 15, 20, 50)
LONG = {"ddpm": (100, 250, 1000)}
NOISE_TAG = 907


@dataclass(frozen=True, slots=True, eq=False)
class Painter:
    """given: what each picture is told. read: pictures (count, channels, size, size) within [-1, 1], and the seconds
    that they took, to what is found in them. kept: the folder of what was drawn before.
    """

    denoiser: Denoiser
    described: Described
    given: torch.Tensor
    read: Callable[[NDArray[np.float32], float], Found]
    kept: Path
    seed: int

    def found(self, sampler: str, steps: int, guidance: float) -> Found:
        """Drawn, or as it was kept. Every way begins with the same noise."""

        def make() -> Found:
            begin = time.perf_counter()
            process, said = self.described.diffusion, self.described
            shape = (len(self.given), said.channels, said.size, said.size)
            noise = np.random.default_rng([self.seed, NOISE_TAG]).standard_normal(shape, np.float32)
            wanted = Sheet(steps, sampler, guidance)
            pictures = drawn(self.denoiser, process.prediction, process.schedule(), self.given, noise, wanted)
            return self.read(pictures.clip(-1, 1), time.perf_counter() - begin)

        return _kept(self.kept / f"{sampler}-{steps}-{guidance:g}.npz", make)

    def sweep(self, guidance: float) -> dict[Way, Found]:
        ways = [(sampler, steps) for sampler in SAMPLERS for steps in (*STEPS, *LONG.get(sampler, ()))]
        return {(sampler, steps): self.found(sampler, steps, guidance) for sampler, steps in ways}


def _kept(path: Path, make: Callable[[], Found]) -> Found:
    if not path.exists():
        one = make()
        path.parent.mkdir(parents=True, exist_ok=True)
        np.savez_compressed(path, true=one.true, features=one.features.astype(np.float32), seconds=one.seconds)
        print(f"{path.stem}: {one.true.mean():.3f} true, {one.seconds:.1f} s", file=sys.stderr, flush=True)
    with np.load(path, allow_pickle=False) as file:
        return Found(file["true"], file["features"].astype(np.float64), float(file["seconds"]))


def report(
    name: str,
    painter: Painter,
    found: Mapping[Way, Found],
    told: Told,
    more: tuple[Sequence[Figure], Mapping[str, Table]],
    recipe: str,
) -> None:
    """Publish as ``name``, with two plots in docs/. more: figures and tables besides."""
    process = painter.described.diffusion
    asked = {way: calls(SAMPLERS[way[0]], levels_of(process.schedule(), way[1])) for way in found}
    made, figures, plots = tables(found, told, asked)
    for key, plot in plots.items():
        (ROOT / "docs" / f"{name.replace('_', '-')}-{key}.svg").write_text(plot.text, encoding="utf-8")
    device = next(painter.denoiser.parameters()).device
    where = torch.cuda.get_device_name() if device.type == "cuda" else "the CPU"
    publish(
        name,
        [*figures, *more[0]],
        {**made, **more[1]},
        data=[recipe],
        code=["src/openbook/diffusion", "src/openbook/model"],
        seeds=[painter.seed],
        versions={"torch": metadata.version("torch")},
        note=f"Drawn on {where}.",
    )
