"""The folder of a denoiser that runs without torch: opened only if its files are those that its manifest names."""

import json
from dataclasses import asdict, dataclass, replace
from hashlib import sha256
from pathlib import Path
from typing import Literal

from openbook.diffusion.denoise import MOST_GUIDANCE
from openbook.diffusion.described import DESCRIPTION
from openbook.diffusion.prediction import Prediction
from openbook.diffusion.problems import DiffusionProblem
from openbook.diffusion.samplers.names import named
from openbook.diffusion.schedule import Schedule
from openbook.diffusion.schedules import ScheduleName, schedule
from openbook.diffusion.world.layout import SIDE
from openbook.errors import OpenbookError
from openbook.json_lines import shortened
from openbook.manifests import MANIFEST, read_manifest, verified
from openbook.recipes import build

KIND = "denoiser"
MODEL = "model.onnx"
SHIPPED = Path(__file__).parent.parent / "weights" / "imagine"

_AGAIN = "name a folder that openbook compress made of a trained DiT"
_MOST_BYTES = 2_000_000_000


@dataclass(frozen=True, slots=True)
class Sampling:
    """How a denoiser is asked unless somebody says otherwise."""

    sampler: str = "dpm-solver++"
    steps: int = 20
    guidance: float = 2.0

    def but(self, sampler: str | None, steps: int | None, guidance: float | None) -> "Sampling":
        """With what is given instead."""
        return replace(
            self,
            sampler=self.sampler if sampler is None else sampler,
            steps=self.steps if steps is None else steps,
            guidance=self.guidance if guidance is None else guidance,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Edge:
    """What a manifest states. size: pixels a side. classes: what it can be told, by name; or tokens of a text and the
    width of their vectors; or nothing.

    texts: the digest of the encoder whose vectors it learnt from. world: its texts are captions of ``world/``, where no
    other word has a meaning. bits: of a weight. Raises DiffusionProblem for what no denoiser can be.
    """

    size: int
    channels: int
    prediction: Prediction
    noise: ScheduleName
    levels: int
    classes: tuple[str, ...] = ()
    tokens: int = 0
    text_width: int = 0
    texts: str = ""
    world: bool = False
    bits: Literal[8, 32]
    sampling: Sampling

    def __post_init__(self) -> None:
        named(self.sampling.sampler)
        for name, number, least, most in (
            ("size", self.size, 1, 1024),
            ("channels", self.channels, 1, 3),
            ("levels", self.levels, 1, 100_000),
            ("sampling.steps", self.sampling.steps, 1, self.levels),
            ("sampling.guidance", self.sampling.guidance, -MOST_GUIDANCE, MOST_GUIDANCE),
            ("tokens", self.tokens, 0, 512),
            ("text_width", self.text_width, 0, 65_536),
        ):
            if not least <= number <= most:
                raise DiffusionProblem(f"{name} is {number:,}, and {least:,} to {most:,} can be")
        if self.channels == 2:
            raise DiffusionProblem("channels is 2, and 1, grey, or 3, colours, can be")
        if self.prediction == "noise" and not self.schedule().alphas.min():
            raise DiffusionProblem(
                f"noise {self.noise!r} ends in noise alone, of which a noise prediction tells no data"
            )
        if bool(self.tokens) != bool(self.text_width) or (self.classes and self.tokens):
            raise DiffusionProblem("classes, or tokens with a text_width, or neither tell a denoiser what to draw")
        if self.world and (self.size, self.channels, bool(self.tokens)) != (SIDE, 3, True):
            raise DiffusionProblem(f"a world is drawn in 3 channels of {SIDE} pixels a side, by texts")

    @property
    def shape(self) -> tuple[int, int, int]:
        """channels, height, width"""
        return self.channels, self.size, self.size

    @property
    def told(self) -> bool:
        """Whether it has a condition, without which there is nothing to be guided by."""
        return bool(self.classes or self.tokens)

    def schedule(self) -> Schedule:
        return schedule(self.noise, self.levels)


@dataclass(frozen=True, slots=True)
class DenoiserFolder:
    """digest: SHA-256 over all that decides a picture."""

    path: Path
    said: Edge
    digest: str

    @property
    def model(self) -> Path:
        return self.path / MODEL


def open_denoiser_folder(path: Path) -> DenoiserFolder:
    """Nothing is loaded yet. Raises OpenbookError for a folder that ``compress`` did not make, or that has changed."""
    if (path / DESCRIPTION).is_file() and not (path / MANIFEST).exists():
        raise DiffusionProblem(f"{path} is as training left it: openbook compress {path} FOLDER, and name that folder")
    if (path / "model" / DESCRIPTION).is_file():
        raise DiffusionProblem(f"{path} is a run: openbook compress {path / 'model'} FOLDER, and name that folder")
    manifest = read_manifest(path / MANIFEST, _AGAIN)
    if manifest.get("kind") != KIND:
        raise DiffusionProblem(f"{path} holds no compressed denoiser: {_AGAIN}")
    if not isinstance(manifest.get(KIND), dict):
        raise DiffusionProblem(f"{path / MANIFEST} does not tell of a denoiser: {_AGAIN}")
    try:
        said = build(manifest[KIND], Edge, KIND)
    except (OverflowError, OpenbookError) as error:
        why = shortened(str(error), 200)
        raise DiffusionProblem(f"{path / MANIFEST} tells of no denoiser ({why}): {_AGAIN}") from error
    model = verified(path, MODEL, manifest, _AGAIN)
    if (path / MODEL).stat().st_size > _MOST_BYTES:
        raise DiffusionProblem(f"{path / MODEL} is larger than {_MOST_BYTES:,} bytes: {_AGAIN}")
    digest = sha256(json.dumps([asdict(said), model], sort_keys=True).encode()).hexdigest()
    return DenoiserFolder(path, said, digest)
