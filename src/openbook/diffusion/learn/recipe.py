"""What a recipe of diffusion says: the pictures, the process, one of two networks, and how samples are drawn.

The tables ``[optimiser]``, ``[schedule]`` (of the rate), ``[train]`` and ``[out]`` are those of every training.
"""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from openbook.diffusion.denoise import MOST_GUIDANCE
from openbook.diffusion.described import Process
from openbook.diffusion.problems import DiffusionProblem
from openbook.diffusion.samplers.names import named
from openbook.diffusion.shapes import DitShape, UnetShape
from openbook.diffusion.sheet import Sheet
from openbook.train.recipe import Optimiser, Out, Schedule, Train, check_ranges, check_tables, path_of

DIGITS, WORLD = "digits", "world"
WORLD_SIZE = 32
MOST_EXAMPLES = 1_000_000
LARGEST_SIZE = 1024


@dataclass(frozen=True, slots=True)
class Data:
    """pictures: "digits", scikit-learn's; "world", scenes of captioned shapes; or a folder; $NAME comes from the
    environment. size: pixels a side. channels: 1 grey, 3 colours. examples, seed: of the world's scenes; plain: the
    share of them whose captions are as ``imagine`` says each again, the rest is told in one of many ways.

    condition: "class", the digit, or the folder inside ``pictures`` that one lies in; "text", the caption, or NAME.txt
    beside NAME.png. tokens: of a text at most. validation: the share kept from training.
    """

    pictures: str
    size: int = 32
    channels: int = 3
    condition: Literal["none", "class", "text"] = "none"
    tokens: int = 32
    validation: float = 0.1
    examples: int = 20_000
    seed: int = 0
    plain: float = 0.0

    @property
    def source(self) -> Path | None:
        """The folder, where it is one."""
        return None if self.pictures in (DIGITS, WORLD) else path_of(self.pictures)


@dataclass(frozen=True, slots=True, kw_only=True)
class DiffusionRecipe:
    """Exactly one of unet and dit. train.batch: pictures a step."""

    data: Data
    out: Out
    diffusion: Process = field(default_factory=Process)
    unet: UnetShape | None = None
    dit: DitShape | None = None
    sheet: Sheet = field(default_factory=Sheet)
    optimiser: Optimiser = field(default_factory=lambda: Optimiser(weight_decay=0.0, beta2=0.99))
    schedule: Schedule = field(default_factory=Schedule)
    train: Train = field(default_factory=lambda: Train(batch=128))

    def __post_init__(self) -> None:
        check_tables(self.train, self.schedule, self.optimiser, self.out)
        check_ranges(
            ("data.size", self.data.size, 1, LARGEST_SIZE),
            ("data.tokens", self.data.tokens, 1, 512),
            ("data.validation", self.data.validation, 0, 0.9),
            ("data.plain", self.data.plain, 0, 1),
            ("data.examples", self.data.examples, 1, MOST_EXAMPLES),
            ("data.seed", self.data.seed, 0, 2**63 - 1),
            ("diffusion.levels", self.diffusion.levels, 2, 100_000),
            ("diffusion.drop", self.diffusion.drop, 0, 1),
            ("diffusion.average", self.diffusion.average, 0, 0.999999),
            ("sheet.steps", self.sheet.steps, 1, self.diffusion.levels),
            ("sheet.guidance", self.sheet.guidance, -MOST_GUIDANCE, MOST_GUIDANCE),
            ("sheet.columns", self.sheet.columns, 1, 64),
            ("sheet.seed", self.sheet.seed, 0, 2**63 - 1),
        )
        if self.data.channels not in (1, 3):
            raise DiffusionProblem(f"data.channels is {self.data.channels}: take 1, grey, or 3, colours")
        if not self.out.folder or not self.data.pictures:
            raise DiffusionProblem("data.pictures and out.folder must not be empty")
        self._check_pictures()
        if (shape := self.unet or self.dit) is None or (self.unet and self.dit):
            raise DiffusionProblem("a recipe of diffusion has one network: give a table [unet] or a table [dit]")
        shape.check(self.data.size)
        self._check_process()
        self._check_train()

    def _check_pictures(self) -> None:
        data = self.data
        if data.pictures == DIGITS and ((data.size, data.channels) != (8, 1) or data.condition == "text"):
            raise DiffusionProblem('the digits have data.size = 8, data.channels = 1, and no data.condition = "text"')
        if data.pictures == WORLD and ((data.size, data.channels) != (WORLD_SIZE, 3) or data.condition == "class"):
            raise DiffusionProblem(
                f'the world has data.size = {WORLD_SIZE}, data.channels = 3, and no data.condition = "class"'
            )

        if self.dit is not None and self.dit.text_layers > 0 and data.condition != "text":
            raise DiffusionProblem(
                'dit.text_layers are over the tokens of a text: leave it out, or set data.condition = "text"'
            )

    def _check_process(self) -> None:
        named(self.sheet.sampler)
        schedule = self.diffusion.schedule()
        if self.diffusion.prediction == "noise" and not schedule.alphas.min():
            raise DiffusionProblem(
                f'diffusion.noise = "{self.diffusion.noise}" ends in noise alone, of which a noise prediction tells no '
                "data: set diffusion.prediction to data, velocity or flow"
            )

    def _check_train(self) -> None:
        if self.optimiser.kind == "muon" and self.dit is None:
            raise DiffusionProblem('optimiser.kind = "muon" is for the blocks of a [dit]: take "adamw" for a [unet]')
        if self.train.compile == "blocks":
            raise DiffusionProblem('train.compile must be "no" or "whole" here: blocks are a decoder\'s')
        for key in ("checkpointing", "chunked_loss"):
            if getattr(self.train, key) != getattr(Train(), key):
                raise DiffusionProblem(f"train.{key} is for training on texts: leave it out of a recipe of diffusion")
