"""The folder of a denoiser that runs without torch: opened only if its files are those that its manifest names."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from hashlib import sha256
from math import isfinite
from pathlib import Path
from typing import Any, get_args

from openbook.diffusion.prediction import Prediction
from openbook.diffusion.problems import DiffusionProblem
from openbook.diffusion.samplers.names import SAMPLERS
from openbook.diffusion.schedule import Schedule
from openbook.diffusion.schedules import ScheduleName, schedule
from openbook.diffusion.world.layout import SIDE
from openbook.errors import OpenbookError
from openbook.manifests import MANIFEST, read_manifest, verified

KIND = "denoiser"
MODEL = "model.onnx"
SHIPPED = Path(__file__).parent.parent / "weights" / "imagine"

_AGAIN = "name a folder that openbook compress made of a trained DiT"
_MOST = {"size": 1024, "levels": 100_000, "tokens": 512, "text_width": 65_536}
_MOST_BYTES = 2_000_000_000


@dataclass(frozen=True, slots=True)
class Sampling:
    """How a denoiser is asked unless somebody says otherwise."""

    sampler: str = "dpm-solver++"
    steps: int = 20
    guidance: float = 2.0

    def but(self, sampler: str | None, steps: int | None, guidance: float | None) -> "Sampling":
        """With what is given instead."""
        given = {"sampler": sampler, "steps": steps, "guidance": guidance}
        return replace(self, **{name: value for name, value in given.items() if value is not None})  # pyright: ignore[reportArgumentType]


@dataclass(frozen=True, slots=True)
class DenoiserFolder:
    """size: pixels a side. classes: what it can be told, by name; or tokens of a text and the width of their vectors.

    texts: the digest of the encoder whose vectors it learnt from. world: its texts are captions of ``world/``, where no
    other word has a meaning. bits: of a weight. digest: SHA-256 over all that decides a picture.
    """

    path: Path
    size: int
    channels: int
    prediction: Prediction
    noise: ScheduleName
    levels: int
    classes: tuple[str, ...]
    tokens: int
    text_width: int
    texts: str
    world: bool
    bits: int
    sampling: Sampling
    digest: str

    @property
    def model(self) -> Path:
        return self.path / MODEL

    @property
    def told(self) -> bool:
        """Whether it has a condition, without which there is nothing to be guided by."""
        return bool(self.classes or self.tokens)

    @property
    def shape(self) -> tuple[int, int, int]:
        """channels, height, width"""
        return self.channels, self.size, self.size

    def schedule(self) -> Schedule:
        return schedule(self.noise, self.levels)


def open_denoiser_folder(path: Path) -> DenoiserFolder:
    """Nothing is loaded yet. Raises OpenbookError for a folder that ``compress`` did not make, or that has changed."""
    manifest = read_manifest(path / MANIFEST, _AGAIN)
    if manifest.get("kind") != KIND:
        raise DiffusionProblem(f"{path} holds no compressed denoiser: {_AGAIN}")
    try:
        said = _read(manifest)
    except (KeyError, TypeError, ValueError, OpenbookError) as error:
        raise DiffusionProblem(f"{path / MANIFEST} is no whole manifest of a denoiser: {_AGAIN}") from error
    model = verified(path, MODEL, manifest, _AGAIN)
    if (path / MODEL).stat().st_size > _MOST_BYTES:
        raise DiffusionProblem(f"{path / MODEL} is larger than {_MOST_BYTES:,} bytes: {_AGAIN}")
    deciding = json.dumps([{name: value for name, value in manifest.items() if name != "files"}, model], sort_keys=True)
    return DenoiserFolder(path, **said, digest=sha256(deciding.encode()).hexdigest())


def _read(manifest: Mapping[str, Any]) -> dict[str, Any]:
    """The fields of a DenoiserFolder. Raises one of many errors where the manifest states something else."""
    numbers = {name: _number(manifest[name], most) for name, most in _MOST.items()}
    classes, how = manifest["classes"], manifest["sampling"]
    if type(classes) is not list or any(type(name) is not str for name in classes):
        raise ValueError("classes")
    if not (numbers["size"] and numbers["levels"]) or bool(numbers["tokens"]) != bool(numbers["text_width"]):
        raise ValueError("sizes")
    if (
        manifest["channels"] not in (1, 3)
        or manifest["prediction"] not in get_args(Prediction)
        or manifest["noise"] not in get_args(ScheduleName)
        or manifest["bits"] not in (8, 32)
        or (classes and numbers["tokens"])
        or (manifest["world"] and (numbers["size"], manifest["channels"], bool(numbers["tokens"])) != (SIDE, 3, True))
        or how["sampler"] not in SAMPLERS
        or not _number(how["steps"], numbers["levels"]) >= 1
        or not isfinite(how["guidance"])
    ):
        raise ValueError("choices")
    return {
        **numbers,
        "channels": manifest["channels"],
        "prediction": manifest["prediction"],
        "noise": manifest["noise"],
        "classes": tuple(classes),
        "texts": str(manifest["texts"]),
        "world": manifest["world"] is True,
        "bits": manifest["bits"],
        "sampling": Sampling(how["sampler"], how["steps"], float(how["guidance"])),
    }


def _number(said: object, most: int) -> int:
    if type(said) is not int or not 0 <= said <= most:
        raise ValueError(said)
    return said
