"""A trained denoiser as a folder: the averaged weights, and what is needed to make and to ask the network.

``model.safetensors`` and ``diffusion.json``. Nothing is pickled, so a folder from elsewhere can run no code.
"""

from pathlib import Path

import torch

from openbook.diffusion.described import Described, read_description, write_description
from openbook.diffusion.learn.condition import ClassCondition, TextCondition
from openbook.diffusion.learn.denoiser import Denoiser
from openbook.diffusion.learn.dit import Dit
from openbook.diffusion.learn.unet import Unet
from openbook.diffusion.problems import DiffusionProblem
from openbook.diffusion.shapes import DitShape, UnetShape
from openbook.train.checkpoint import load_tensors, save_tensors
from openbook.train.problems import TrainProblem

WEIGHTS = "model.safetensors"


def made(described: Described) -> Denoiser:
    """The denoiser, its weights as yet untrained. Raises DiffusionProblem where size and shape do not fit."""
    shape, channels, size = described.shape, described.channels, described.size
    told = bool(described.classes or described.text_width)
    if isinstance(shape, UnetShape):
        width = 4 * shape.width if told else 0
        network: Unet | Dit = Unet(shape, channels, size, width)
    else:
        width = shape.width if told else 0
        network = Dit(shape, channels, size, width)
    if described.classes:
        return Denoiser(network, ClassCondition(len(described.classes), width))
    if described.text_width:
        layers = (shape.text_layers, shape.heads) if isinstance(shape, DitShape) else ()
        return Denoiser(network, TextCondition(described.tokens, described.text_width, width, *layers))
    return Denoiser(network, None)


def save(folder: Path, denoiser: Denoiser, described: Described) -> None:
    """Write both files into a folder that is there. Raises TrainProblem where the disk does not let it."""
    save_tensors(folder / WEIGHTS, dict(denoiser.named_parameters()))
    write_description(folder, described)


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
