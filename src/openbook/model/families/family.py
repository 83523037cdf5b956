"""What makes a family: how its config.json is read and written, and by which names it stores our parameters."""

import re
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Generic, TypeVar

from openbook.model.config import DecoderConfig, EncoderConfig
from openbook.model.families.fields import Fields
from openbook.values import Json

Config = TypeVar("Config", DecoderConfig, EncoderConfig)


@dataclass(frozen=True, slots=True)
class Stored:
    """One tensor of a checkpoint: our parameters one above the other along dimension 0, then turned if ``turned``."""

    name: str
    ours: tuple[str, ...]
    turned: bool


@dataclass(frozen=True, slots=True)
class Family(Generic[Config]):
    """name: config.json's model_type. read, write: config.json to a configuration and back.

    read is also given the names of the stored tensors. modules: our module's name (within a block for those of
    ``blocks``) to theirs, before which ``prefix`` may stand; ``head`` never has it. written: whether we write the
    prefix. turned: the linear layers of a block are stored (in, out). renamed: older names of tensors, by pattern.
    ignored: stored beside the weights without being any of this model's: buffers, and heads on an encoder.
    """

    name: str
    architecture: str
    read: Callable[[Fields, Collection[str]], Config]
    write: Callable[[Config], dict[str, Json]]
    modules: Mapping[str, str]
    prefix: str
    head: str = ""
    written: bool = True
    turned: bool = False
    renamed: tuple[tuple[str, str], ...] = ()
    ignored: re.Pattern[str] = re.compile(r"(?!)")

    def stored(self, parameters: Iterable[tuple[str, int]], *, prefixed: bool) -> list[Stored]:
        """The tensors that hold these parameters, each given by its name and its number of dimensions."""
        groups: dict[str, list[str]] = {}
        turned: dict[str, bool] = {}
        for ours, dimensions in parameters:
            name = self._name(ours, self.prefix if prefixed else "")
            groups.setdefault(name, []).append(ours)
            turned[name] = self.turned and dimensions == 2 and ours.startswith("blocks.")
        return [Stored(name, tuple(ours), turned[name]) for name, ours in groups.items()]

    def layers(self, names: Iterable[str], *, prefixed: bool) -> int:
        """How many layers the stored names speak of."""
        block = re.compile(re.escape((self.prefix if prefixed else "") + self.modules["blocks"]) + r"\.(\d{1,9})\.")
        return 1 + max((int(found[1]) for name in names if (found := block.match(name))), default=-1)

    def _name(self, ours: str, prefix: str) -> str:
        module, _, kind = ours.rpartition(".")
        if module.startswith("blocks."):
            _, index, inner = module.split(".", 2)
            return f"{prefix}{self.modules['blocks']}.{index}.{self.modules[inner]}.{kind}"
        if module == "unembedding":
            return f"{self.head}.{kind}"
        return f"{prefix}{self.modules[module]}.{kind}"
