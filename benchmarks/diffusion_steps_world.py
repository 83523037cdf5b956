"""How many steps does a caption need? As ``diffusion_steps``, on combinations of the world that no training showed.

The denoiser of recipes/world-diffusion.toml in floats draws captions of the test part. Each picture is read back, and
the caption judged true or not; the Fréchet distance to rendered pictures of the same scenes is taken in the features of
a classifier (``world_features``). How much guidance is chosen on the validation part. Writes
evidence/diffusion_steps_world.json and two plots in docs/.
Run: python -m benchmarks.diffusion_steps_world [--model FOLDER] [--kept FOLDER]
"""

import argparse
import multiprocessing
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from benchmarks.data import ROOT
from benchmarks.diffusion_steps_tables import Found, Told, guided
from benchmarks.diffusion_sweep import Painter, report
from benchmarks.world_features import features, rendered, trained
from openbook.diffusion.learn.folder import load
from openbook.diffusion.texts import encoded
from openbook.diffusion.world.captions import plainly
from openbook.diffusion.world.read import seen_in
from openbook.diffusion.world.scene import Scene
from openbook.diffusion.world.splits import Part, drawn_scene
from openbook.diffusion.world.truth import verdict
from openbook.encode.token_states import open_token_encoder
from openbook.evaluate.intervals import wilson
from openbook.report.record import Figure

RECIPE = "recipes/world-diffusion.toml"
SCENES, CHOOSING = 400, 500
SEED, TAG, REFERENCE, FLOOR = 71, 906, 908, 909
GUIDANCES = (1.0, 1.5, 2.0, 3.0, 4.0)
CHOSEN_BY, CHOSEN_AT = ("ddim", "dpm-solver++", "euler"), 8


def scenes_of(part: Part, count: int) -> list[Scene]:
    return [drawn_scene(part, np.random.default_rng([SEED, n, TAG])) for n in range(count)]


def is_true(asked: tuple[NDArray[np.float32], Scene]) -> bool:
    picture, scene = asked
    return verdict(seen_in(picture), scene).true


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--model", type=Path, default=ROOT / "runs" / "world-diffusion" / "model")
    parser.add_argument("--kept", type=Path, default=ROOT / "runs" / "diffusion-steps-world", help="what was drawn")
    asked = parser.parse_args()
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    denoiser, described = load(asked.model)
    denoiser.to(device).eval()
    classifier, accuracy = trained(device)
    with ProcessPoolExecutor(mp_context=multiprocessing.get_context("spawn")) as pool:

        def read(scenes: Sequence[Scene], pictures: NDArray[np.float32], seconds: float) -> Found:
            true = list(pool.map(is_true, zip(pictures, scenes, strict=True), chunksize=25))
            return Found(np.array(true), features(classifier, pictures, device), seconds)

        def painter(part: Part, count: int) -> Painter:
            scenes = scenes_of(part, count)
            vectors = encoded([plainly(scene) for scene in scenes], described.tokens, open_token_encoder())
            given = torch.from_numpy(vectors.astype(np.float32)).to(device)
            return Painter(denoiser, described, given, lambda p, s: read(scenes, p, s), asked.kept / part, SEED)

        chooser = painter("validation", CHOOSING)
        shares = {(g, by): chooser.found(by, CHOSEN_AT, g).true for g in GUIDANCES for by in CHOSEN_BY}
        guidance, _ = max(shares, key=lambda way: shares[way].mean())
        tested = painter("test", SCENES)
        found = tested.sweep(guidance)
        scenes = scenes_of("test", SCENES)
        reference, floor = (read(scenes, rendered(scenes, tag), 0.0) for tag in (REFERENCE, FLOOR))
    of = f"{SCENES:,} scenes whose combinations no training showed, a guidance of {guidance:g}"
    told = Told(reference, floor, "True captions", of)
    table = guided({way: wilson(int(true.sum()), len(true)) for way, true in shares.items()}, CHOSEN_AT)
    figures = [
        Figure("guidance", guidance, text=f"{guidance:g}"),
        Figure("classifier: unseen scenes told wholly right", accuracy),
    ]
    report("diffusion_steps_world", tested, found, told, (figures, {"guidance": table}), RECIPE)


if __name__ == "__main__":
    main()
