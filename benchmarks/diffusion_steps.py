"""How many steps does a picture need? Every sampler at many numbers of them, on combinations that no training showed.

The denoiser of recipes/world-diffusion.toml in floats draws captions of the test part. Each picture is read back, and
the caption judged true or not; and the Fréchet distance to rendered pictures of the same scenes is taken in features
of a classifier (``world_features``). How much guidance is chosen on the validation part. Within noise of DDPM in 1,000
steps: the share of true captions is not shown lower (randomisation paired by scene, Holm), nor the distance larger (95%
of a bootstrap over scenes). On a GPU in minutes. Writes evidence/diffusion_steps.json and two plots in docs/.
Run: python -m benchmarks.diffusion_steps [--model FOLDER] [--kept FOLDER]
"""

import argparse
import multiprocessing
import sys
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from importlib import metadata
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from benchmarks.data import ROOT
from benchmarks.diffusion_steps_tables import Found, guided, tables
from benchmarks.publish import publish
from benchmarks.world_features import features, rendered, trained
from openbook.diffusion.draw import levels_of
from openbook.diffusion.learn.folder import load
from openbook.diffusion.learn.samples import drawn
from openbook.diffusion.samplers.names import SAMPLERS, calls
from openbook.diffusion.sheet import Sheet
from openbook.diffusion.texts import encoded
from openbook.diffusion.world.captions import caption
from openbook.diffusion.world.read import seen_in
from openbook.diffusion.world.scene import Scene
from openbook.diffusion.world.splits import Part, drawn_scene
from openbook.diffusion.world.truth import verdict
from openbook.evaluate.intervals import wilson
from openbook.report.record import Figure

RECIPE = "recipes/world-diffusion.toml"
SCENES, CHOOSING = 1000, 500
SEED, TAG, REFERENCE, FLOOR = 71, 907, 908, 909
GUIDANCES = (1.0, 1.5, 2.0, 3.0, 4.0)
CHOSEN_AT = 8
STEPS = (2, 4, 6, 8, 10, 15, 20, 50)
LONG = {"ddpm": (100, 250, 1000)}


def scenes_of(part: Part, count: int) -> list[Scene]:
    return [drawn_scene(part, np.random.default_rng([SEED, n, TAG])) for n in range(count)]


def is_true(asked: tuple[NDArray[np.float32], Scene]) -> bool:
    picture, scene = asked
    return verdict(seen_in(picture), scene).true


class Painter:
    """The trained denoiser, the classifier, and the processes that read pictures back."""

    def __init__(self, model: Path, kept: Path, pool: ProcessPoolExecutor) -> None:
        self.device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
        self.denoiser, self.described = load(model)
        self.denoiser.to(self.device).eval()
        self.kept, self.pool = kept, pool
        self.classifier, self.accuracy = trained(self.device)
        self.noise = np.random.default_rng([SEED, TAG, 1]).standard_normal((SCENES, 3, 32, 32), np.float32)

    def given(self, scenes: Sequence[Scene]) -> torch.Tensor:
        vectors = encoded([caption(scene) for scene in scenes], self.described.tokens)
        return torch.from_numpy(vectors.astype(np.float32)).to(self.device)

    def read(self, pictures: NDArray[np.float32], scenes: Sequence[Scene], seconds: float) -> Found:
        true = list(self.pool.map(is_true, zip(pictures, scenes, strict=True), chunksize=25))
        return Found(np.array(true), features(self.classifier, pictures, self.device), seconds)

    def found(self, part: Part, scenes: Sequence[Scene], given: torch.Tensor, wanted: Sheet) -> Found:
        """Drawn, or as it was kept."""
        name = f"{part}-{wanted.sampler}-{wanted.steps}-{wanted.guidance:g}.npz"

        def make() -> Found:
            begin = time.perf_counter()
            process = self.described.diffusion
            pictures = drawn(
                self.denoiser, process.prediction, process.schedule(), given, self.noise[: len(scenes)], wanted
            )
            return self.read(pictures.clip(-1, 1), scenes, time.perf_counter() - begin)

        return kept(self.kept / name, make)


def kept(path: Path, make: Callable[[], Found]) -> Found:
    if not path.exists():
        one = make()
        path.parent.mkdir(parents=True, exist_ok=True)
        np.savez_compressed(path, true=one.true, features=one.features.astype(np.float32), seconds=one.seconds)
        print(f"{path.stem}: {one.true.mean():.3f} true, {one.seconds:.1f} s", file=sys.stderr, flush=True)
    with np.load(path, allow_pickle=False) as file:
        return Found(file["true"], file["features"].astype(np.float64), float(file["seconds"]))


def draw(painter: Painter, guidances: dict[tuple[float, str], Found]) -> tuple[float, dict[tuple[str, int], Found]]:
    """How much guidance is best on the validation part, and what every sampler draws with it of the test part."""
    scenes = scenes_of("validation", CHOOSING)
    given = painter.given(scenes)
    for guidance in GUIDANCES:
        for sampler in ("ddim", "dpm-solver++", "euler"):
            wanted = Sheet(CHOSEN_AT, sampler, guidance)
            guidances[guidance, sampler] = painter.found("validation", scenes, given, wanted)
    guidance, _ = max(guidances, key=lambda way: guidances[way].true.mean())
    scenes = scenes_of("test", SCENES)
    given = painter.given(scenes)
    ways = [(sampler, steps) for sampler in SAMPLERS for steps in (*STEPS, *LONG.get(sampler, ()))]
    return guidance, {way: painter.found("test", scenes, given, Sheet(way[1], way[0], guidance)) for way in ways}


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--model", type=Path, default=ROOT / "runs" / "world-diffusion" / "model")
    parser.add_argument("--kept", type=Path, default=ROOT / "runs" / "diffusion-steps", help="what was drawn, by name")
    asked = parser.parse_args()
    with ProcessPoolExecutor(mp_context=multiprocessing.get_context("spawn")) as pool:
        painter = Painter(asked.model, asked.kept, pool)
        guidances: dict[tuple[float, str], Found] = {}
        guidance, found = draw(painter, guidances)
        scenes = scenes_of("test", SCENES)
        reference, floor = (painter.read(rendered(scenes, tag), scenes, 0.0) for tag in (REFERENCE, FLOOR))
    process = painter.described.diffusion
    asked_for = {way: calls(SAMPLERS[way[0]], levels_of(process.schedule(), way[1])) for way in found}
    made, figures, drawn_plots = tables(found, reference, floor, asked_for)
    shares = {way: wilson(int(one.true.sum()), len(one.true)) for way, one in guidances.items()}
    made["guidance"] = guided(shares, CHOSEN_AT)
    figures.append(Figure("guidance", guidance, text=f"{guidance:g}"))
    figures.append(Figure("classifier: unseen scenes told wholly right", painter.accuracy))
    for name, plot in drawn_plots.items():
        (ROOT / "docs" / f"diffusion-steps-{name}.svg").write_text(plot.text, encoding="utf-8")
    where = torch.cuda.get_device_name() if painter.device.type == "cuda" else "CPU"
    publish(
        "diffusion_steps",
        figures,
        made,
        data=[RECIPE],
        code=["src/openbook/diffusion", "src/openbook/model"],
        seeds=[SEED],
        versions={"torch": metadata.version("torch")},
        note=f"Drawn on: {where}. A guidance of {guidance:g}.",
    )


if __name__ == "__main__":
    main()
