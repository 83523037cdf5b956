"""What a fine-tuning recipe says: a base, answers to learn, and whether an adapter or all of its weights learn."""

import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from openbook.train.base_folder import base_folder
from openbook.train.lora_targets import LoraConfig
from openbook.train.problems import TrainProblem
from openbook.train.recipe import Optimiser, Out, Schedule, Train, check_ranges, check_tables


@dataclass(frozen=True, slots=True)
class Base:
    """model: the folder of the model to start from, with its tokenizer.json, be it a checkpoint or what ``openbook
    compress`` wrote; or "writer", the shipped one. recipe: the recipe that makes it where it is missing.

    precision: how its weights are held. "bf16" halves and "int8" quarters the memory; both are for adapters, which stay
    in FP32 themselves. BF16 needs a processor with BF16 products to be quick.
    """

    model: str
    recipe: str = ""
    precision: Literal["fp32", "bf16", "int8"] = "fp32"

    @property
    def folder(self) -> Path:
        return base_folder(os.path.expandvars(self.model))


@dataclass(frozen=True, slots=True)
class AnswerData:
    """path: JSON lines as in ``answers.py``. end: the control token after each answer. validation: the last share.

    context: tokens a row at most; 0: as many as the base can read.
    """

    path: str
    template: str = "{prompt}\n"
    end: str = ""
    validation: float = 0.1
    context: int = 0

    @property
    def source(self) -> Path:
        return Path(os.path.expandvars(self.path)).expanduser()


@dataclass(frozen=True, slots=True)
class FinetuneRecipe:
    """With ``[lora]`` an adapter learns and the base stays; without it all weights do. train.batch: examples."""

    base: Base
    data: AnswerData
    out: Out
    lora: LoraConfig | None = None
    optimiser: Optimiser = field(default_factory=Optimiser)
    schedule: Schedule = field(default_factory=Schedule)
    train: Train = field(default_factory=Train)

    def __post_init__(self) -> None:
        if self.lora is None and self.base.precision != "fp32":
            raise TrainProblem(
                f"base.precision is {self.base.precision}, which is for a base that stays as it is: "
                "add a [lora] table, or set base.precision=fp32"
            )
        for key in ("attention", "compile"):
            if getattr(self.train, key) != getattr(Train(), key):
                raise TrainProblem(
                    f"train.{key} is for training from scratch: fine-tuning attends within each example by a kernel of "
                    "its own and is not compiled; leave it out"
                )
        check_tables(self.train, self.schedule, self.optimiser, self.out)
        check_ranges(("data.validation", self.data.validation, 0, 0.999), ("data.context", self.data.context, 0, 2**20))
        if not self.out.folder or not self.data.path or not self.base.model:
            raise TrainProblem("base.model, data.path and out.folder must not be empty")
