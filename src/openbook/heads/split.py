"""Training, calibration and test parts that share no article, story or document: cut by a hash of the group's name."""

import hashlib
from collections.abc import Iterable
from typing import Literal, TypeAlias

from openbook.heads.examples import Example

Part: TypeAlias = Literal["train", "calibration", "test"]


def part_of(source: str, group: str) -> Part:
    """A quarter of the groups is tested on and an eighth calibrated on, whatever else a set holds."""
    value = hashlib.sha256(f"{source} {group}".encode()).digest()[0]
    return "test" if value < 64 else "calibration" if value < 96 else "train"


def only(examples: Iterable[Example], part: Part) -> list[Example]:
    return [example for example in examples if part_of(example.source, example.group) == part]
