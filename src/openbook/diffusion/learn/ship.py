"""A DiT trained on the world of captions as the INT8 folder that is shipped, with its card.

Run: python -m openbook.diffusion.learn.ship MODEL FOLDER --steps 8 --guidance 2 [--sampler dpm-solver++]
"""

import argparse
import sys
from pathlib import Path

from openbook.diffusion.denoiser_folder import Sampling
from openbook.diffusion.described import Described
from openbook.diffusion.learn.compress_denoiser import Told, write_denoiser
from openbook.diffusion.learn.folder import load
from openbook.diffusion.problems import DiffusionProblem
from openbook.diffusion.samplers.names import named
from openbook.diffusion.world.layout import SIDE
from openbook.diffusion.world.scene import COLOURS, KINDS, MOST, RELATIONS, SIZES
from openbook.errors import OpenbookError

_CARD = """# Imagine

A diffusion transformer of {parameters:,} parameters that draws captions of a small world, {side} by {side} pixels. It
is told the caption as the shipped encoder's token vectors. INT8: a scale for each column of a matrix and each row of
activations.

## What it can be told

One group of shapes, or two and how they lie to each other. Any other word is refused.

| kinds | {kinds} |
|---|---|
| colours | {colours} |
| of a group | 1 to {most} |
| sizes, where one is said | {sizes} |
| relations | {relations} |

## Recipe

`make imagine`: recipes/world-diffusion.toml, from random weights. Trained to predict {prediction} on {levels:,} levels
of the {noise} schedule, on pictures that `diffusion/world/` renders, which are free of rights; the combinations of the
parts "validation" and "test" were in none of them. Apache-2.0, as all of openbook; the encoder that it is told captions
by is all-MiniLM-L6-v2's, see its own card.

## How it is asked

{steps} steps of {sampler} with a guidance of {guidance:g}, unless `openbook imagine` is told otherwise. How often its
pictures are as their captions say, and what is wrong with the others, `python -m benchmarks.diffusion_imagine`
measures: evidence/diffusion_imagine.json, docs/diffusion-edge.md.

## Known failures

It knows nothing but this world. Most wrong pictures have one shape too few or too many. What it draws is read back from
the pixels, and `openbook imagine` says where the caption is not true.
"""


def ship(model: Path, folder: Path, sampling: Sampling) -> None:
    """Write the folder. Raises OpenbookError, so for a denoiser whose pictures or texts are not the world's."""
    denoiser, described = load(model)
    if not described.world:
        raise DiffusionProblem(f"{model} was not trained on the world's captions: ship one that was")
    named(sampling.sampler)
    described.diffusion.schedule().spaced(sampling.steps)
    parameters = sum(each.numel() for each in denoiser.parameters())
    card = _card(described, sampling, parameters).encode()
    write_denoiser(denoiser, described, folder, "int8", Told(sampling, {"README.md": card}))


def _card(described: Described, sampling: Sampling, parameters: int) -> str:
    process = described.diffusion
    return _CARD.format(
        parameters=parameters, side=SIDE, kinds=", ".join(KINDS), colours=", ".join(COLOURS), most=MOST,
        sizes=", ".join(SIZES), relations=", ".join(RELATIONS), steps=sampling.steps, sampler=sampling.sampler,
        guidance=sampling.guidance, prediction=process.prediction, levels=process.levels, noise=process.noise,
    )  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("model", type=Path)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--steps", type=int, required=True)
    parser.add_argument("--guidance", type=float, required=True)
    parser.add_argument("--sampler", default=Sampling().sampler)
    given = parser.parse_args()
    try:
        ship(given.model, given.folder, Sampling(given.sampler, given.steps, given.guidance))
    except OpenbookError as error:
        sys.exit(f"openbook: {error}")


if __name__ == "__main__":
    main()
