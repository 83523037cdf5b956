"""Diffusion transformers of random weights, none of them 0, as a trained one has: and their folders."""

from dataclasses import replace
from pathlib import Path
from typing import Literal

import torch

from openbook.diffusion.denoiser_folder import Sampling
from openbook.diffusion.described import Described, Process
from openbook.diffusion.learn.compress_denoiser import Told, write_denoiser
from openbook.diffusion.learn.denoiser import Denoiser
from openbook.diffusion.learn.folder import made, save
from openbook.diffusion.prediction import Prediction
from openbook.diffusion.schedules import ScheduleName
from openbook.diffusion.shapes import DitShape

SHAPE = DitShape(width=32, layers=2, heads=2, patch=4)
CLASSES = ("zero", "one", "two")
TEXT_WIDTH = 384

Kind = Literal["nothing", "classes", "texts"]


def described(
    told: Kind, size: int = 32, channels: int = 3, prediction: Prediction = "velocity", noise: ScheduleName = "cosine"
) -> Described:
    shape = replace(SHAPE, text_layers=2) if told == "texts" else SHAPE
    return Described(
        size=size, channels=channels, diffusion=Process(noise=noise, levels=100, prediction=prediction), dit=shape,
        classes=CLASSES if told == "classes" else (), tokens=12 if told == "texts" else 0,
        text_width=TEXT_WIDTH if told == "texts" else 0,
    )  # fmt: skip


def random_denoiser(said: Described, seed: int = 0) -> Denoiser:
    torch.manual_seed(seed)
    denoiser = made(said).eval()
    with torch.no_grad():
        for name, parameter in denoiser.named_parameters():
            if not parameter.any():  # what begins at 0 has learnt something by now
                parameter.normal_(std=0.02 if name.endswith("bias") else parameter.shape[-1] ** -0.5)
    return denoiser


def random_folder(
    path: Path, told: Kind, to: Literal["fp32", "int8"] = "fp32", world: bool = False, seed: int = 0
) -> Path:
    """A compressed one in ``path``, and what it was made of in ``path``-trained."""
    said = replace(described(told), world=world)
    denoiser = random_denoiser(said, seed)
    trained = path.with_name(f"{path.name}-trained")
    trained.mkdir()
    save(trained, denoiser, said)
    write_denoiser(denoiser, said, path, to, Told(Sampling("ddim", 4, 2.0)))
    return path
