"""A trained denoiser as a folder: the averaged weights, and what is needed to make and to ask the network.

``model.safetensors`` and ``diffusion.json``. Nothing is pickled, so a folder from elsewhere can run no code.
"""

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import torch

from openbook.diffusion.condition import ClassCondition, TextCondition
from openbook.diffusion.denoiser import Denoiser
from openbook.diffusion.dit import Dit
from openbook.diffusion.problems import DiffusionProblem
from openbook.diffusion.recipe import Process
from openbook.diffusion.shapes import DitShape, UnetShape
from openbook.diffusion.unet import Unet
from openbook.recipes import BadRecipe, build
from openbook.train.checkpoint import load_tensors, save_tensors
from openbook.train.problems import TrainProblem

DESCRIPTION = "diffusion.json"
WEIGHTS = "model.safetensors"
_LARGEST = 10_000_000
_FORMAT = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Described:
    """What a denoiser draws and how it was trained. classes: their names; none of one that is told texts or nothing.

    text_width: of the vectors of the encoder whose texts it is told, 0 where it is told none. Exactly one of unet, dit.
    """

    size: int
    channels: int
    diffusion: Process
    classes: tuple[str, ...] = ()
    tokens: int = 0
    text_width: int = 0
    unet: UnetShape | None = None
    dit: DitShape | None = None


def made(described: Described) -> Denoiser:
    """The denoiser, its weights as yet untrained. Raises DiffusionProblem where size and shape do not fit."""
    shape = described.unet or described.dit
    if shape is None:
        raise DiffusionProblem("a denoiser is made of a U-Net or of a DiT: give the shape of one")
    told = described.classes or described.text_width
    width = (4 * shape.width if isinstance(shape, UnetShape) else shape.width) if told else 0
    kind = Unet if isinstance(shape, UnetShape) else Dit
    network: Any = kind(shape, described.channels, described.size, width)  # pyright: ignore[reportArgumentType]
    if described.classes:
        return Denoiser(network, ClassCondition(len(described.classes), width))
    if described.text_width:
        return Denoiser(network, TextCondition(described.tokens, described.text_width, width))
    return Denoiser(network, None)


def save(folder: Path, denoiser: Denoiser, described: Described) -> None:
    """Write both files into a folder that is there. Raises TrainProblem where the disk does not let it."""
    save_tensors(folder / WEIGHTS, dict(denoiser.named_parameters()))
    content = {"format": _FORMAT, **asdict(described)}
    (folder / DESCRIPTION).write_text(json.dumps(content, indent=1), encoding="utf-8")


def load(folder: Path) -> tuple[Denoiser, Described]:
    """In evaluation mode. Raises DiffusionProblem for a folder that is missing, broken or of something else."""
    described = read_description(folder)
    denoiser = made(described)
    own = dict(denoiser.named_parameters())
    try:
        weights = load_tensors(folder / WEIGHTS)
    except TrainProblem as error:
        raise DiffusionProblem(f"cannot read the weights of {folder}: train it again, or name another") from error
    if {name: tensor.shape for name, tensor in weights.items()} != {name: p.shape for name, p in own.items()}:
        raise DiffusionProblem(f"{folder} holds the weights of another network than it says: train it again")
    with torch.no_grad():
        for name, parameter in own.items():
            parameter.copy_(weights[name])
    return denoiser.eval(), described


def read_description(folder: Path) -> Described:
    """Raises DiffusionProblem where there is none that can be used."""
    path = folder / DESCRIPTION
    try:
        with path.open("rb") as file:
            found: Any = json.loads(file.read(_LARGEST))
        if found.pop("format") != _FORMAT:
            raise DiffusionProblem(f"{path} was written by a newer openbook: upgrade")
        return build(found, Described, str(path))
    except OSError as error:
        raise DiffusionProblem(f"there is no denoiser in {folder} ({error.strerror}): name a run's model folder") from error
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError, BadRecipe) as error:
        raise DiffusionProblem(f"{path} is not what a run writes: train it again, or name another") from error
