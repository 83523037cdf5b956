"""A trained diffusion transformer to a folder that runs without torch: floats, or INT8 by rows and columns."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Literal, TypeAlias

from openbook.compress.linear_nodes import float_linear, row_wise_int8_linear
from openbook.compress.model_folder import write_model_folder
from openbook.compress.quantise import Array
from openbook.diffusion.denoiser_folder import KIND, MODEL, Edge, Sampling
from openbook.diffusion.described import Described
from openbook.diffusion.dit_graph import Asked, dit_graph
from openbook.diffusion.learn.denoiser import Denoiser
from openbook.diffusion.learn.dit import Dit
from openbook.diffusion.learn.folder import load
from openbook.diffusion.learn.time_embedding import rates
from openbook.diffusion.problems import DiffusionProblem
from openbook.encode.folder import SHIPPED, open_folder
from openbook.values import Json

DenoiserTarget: TypeAlias = Literal["fp32", "int8"]

_LINEAR = {"fp32": float_linear, "int8": row_wise_int8_linear}


@dataclass(frozen=True, slots=True)
class Told:
    """What the folder says besides. sampling: how it is asked by default. files: further ones, such as a card."""

    sampling: Sampling = field(default_factory=Sampling)
    files: Mapping[str, bytes] = field(default_factory=dict[str, bytes])


def compress_denoiser(source: Path, target: Path, to: DenoiserTarget, told: Told = Told()) -> None:
    """Write ``target``, all of it or nothing. source: the model folder of a run of diffusion. Raises OpenbookError."""
    denoiser, described = load(source)
    write_denoiser(denoiser, described, target, to, told)


def write_denoiser(
    denoiser: Denoiser, described: Described, target: Path, to: DenoiserTarget, told: Told = Told()
) -> None:
    """The same of a denoiser that is loaded. Raises DiffusionProblem for a U-Net."""
    if described.dit is None or not isinstance(denoiser.network, Dit):
        raise DiffusionProblem("a U-Net cannot be compressed yet: train a DiT, a recipe with a table [dit]")
    asked = Asked(
        described.size, described.channels, len(described.classes), described.tokens, described.text_width
    )  # fmt: skip
    model = dit_graph(described.dit, asked, weights_of(denoiser, denoiser.network), _LINEAR[to])
    process = described.diffusion
    said = Edge(
        size=described.size,
        channels=described.channels,
        prediction=process.prediction,
        noise=process.noise,
        levels=process.levels,
        classes=described.classes,
        tokens=described.tokens,
        text_width=described.text_width,
        texts=open_folder(SHIPPED).digest if described.tokens else "",
        world=described.world,
        bits=32 if to == "fp32" else 8,
        sampling=replace(
            told.sampling,
            steps=min(told.sampling.steps, process.levels),
            guidance=told.sampling.guidance if described.classes or described.tokens else 1.0,
        ),
    )
    settings: dict[str, Json] = {"kind": KIND, KIND: {**asdict(said), "classes": list(said.classes)}}
    write_model_folder(target, {**told.files, MODEL: model.SerializeToString(deterministic=True)}, settings)


def weights_of(denoiser: Denoiser, network: Dit) -> dict[str, Array]:
    """As ``dit_graph`` takes them: (out, in) each, FP32."""
    weights: dict[str, Array] = {name: each.detach().cpu().numpy() for name, each in denoiser.named_parameters()}  # pyright: ignore[reportUnknownMemberType]
    weights["rates"] = rates(network.time.waves // 2).numpy()  # pyright: ignore[reportUnknownMemberType]
    weights["places"] = network.places.cpu().numpy()  # pyright: ignore[reportUnknownMemberType]
    return weights
