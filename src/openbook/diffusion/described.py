"""What a trained denoiser says of itself, in the ``diffusion.json`` beside its weights: all that asking it needs."""

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from openbook.diffusion.prediction import Prediction
from openbook.diffusion.problems import DiffusionProblem
from openbook.diffusion.schedule import Schedule
from openbook.diffusion.schedules import ScheduleName, schedule
from openbook.diffusion.shapes import DitShape, UnetShape
from openbook.diffusion.weighting import Levels, Weighting
from openbook.recipes import BadRecipe, build

DESCRIPTION = "diffusion.json"
_LARGEST = 10_000_000
_FORMAT = 1


@dataclass(frozen=True, slots=True)
class Process:
    """noise: the schedule, of so many levels. prediction: what the network is asked for. weighting: of its error at
    each level. seen: the levels of training. drop: the chance that a condition is left out in training. average: the
    decay of the weights' moving average, 0 for the last weights.
    """

    noise: ScheduleName = "linear"
    levels: int = 1000
    prediction: Prediction = "noise"
    weighting: Weighting = "uniform"
    seen: Levels = "uniform"
    drop: float = 0.1
    average: float = 0.999

    def schedule(self) -> Schedule:
        return schedule(self.noise, self.levels)


@dataclass(frozen=True, slots=True, kw_only=True)
class Described:
    """size: pixels a side. classes: their names; none of a denoiser that is told texts, or nothing.

    tokens, text_width: of the vectors that a text is told as; 0 where none is. world: its texts are captions of
    ``world/``. Exactly one of unet and dit.
    """

    size: int
    channels: int
    diffusion: Process
    classes: tuple[str, ...] = ()
    tokens: int = 0
    text_width: int = 0
    world: bool = False
    unet: UnetShape | None = None
    dit: DitShape | None = None

    @property
    def shape(self) -> UnetShape | DitShape:
        """Raises DiffusionProblem unless there is one."""
        if (found := self.unet or self.dit) is None or (self.unet and self.dit):
            raise DiffusionProblem("a denoiser is made of a U-Net or of a DiT: give the shape of one")
        return found


def write_description(folder: Path, described: Described) -> None:
    content = json.dumps({"format": _FORMAT, **asdict(described)}, indent=1)
    (folder / DESCRIPTION).write_text(content, encoding="utf-8")


def read_description(folder: Path) -> Described:
    """Raises DiffusionProblem where there is none that can be used."""
    path = folder / DESCRIPTION
    try:
        with path.open("rb") as file:
            found: Any = json.loads(file.read(_LARGEST))
        if found.pop("format") != _FORMAT:
            raise DiffusionProblem(f"{path} was written by a newer openbook: upgrade")
        described = build(found, Described, str(path))
        described.shape.check(described.size)
    except OSError as error:
        raise DiffusionProblem(f"there is no denoiser in {folder} ({error.strerror}): name a model folder") from error
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError, BadRecipe) as error:
        raise DiffusionProblem(f"{path} is not what a run writes: train it again, or name another") from error
    return described
