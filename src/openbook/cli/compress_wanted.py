"""What was asked of ``openbook compress``, refused before any work where it cannot be done."""

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from openbook.compress.blocks import BLOCKS
from openbook.errors import OpenbookError
from openbook.manifests import MANIFEST, read_manifest

BLOCK = 32
"""Inputs that share a scale unless another number is asked for."""

_OURS = ("decoder", "encoder", "denoiser")


@dataclass(frozen=True, slots=True)
class Asked:
    """block: None for the usual. texts: sources to compare on; empty for the handbook. threads: None for all. smooth:
    move a language model's outliers into its weights.
    """

    model: Path
    out: Path
    to: Literal["fp32", "int8", "int4"]
    block: int | None
    int8_activations: bool
    texts: tuple[str, ...]
    most_tokens: int
    threads: int | None
    measure: bool = True
    smooth: bool = False


def refuse_bad(asked: Asked) -> None:
    """Raises OpenbookError for what no checkpoint could be made into."""
    if asked.block is not None and asked.block not in BLOCKS:
        raise OpenbookError(f"a block has {', '.join(map(str, BLOCKS))} inputs, not {asked.block}: choose one of these")
    try:
        if asked.out.resolve() == asked.model.resolve():
            raise OpenbookError("MODEL and FOLDER are the same: name a new folder")
        _refuse_strangers(asked.out)
    except OSError as error:
        raise OpenbookError(f"{asked.out} cannot be written: {error.strerror or error}; name a new folder") from error


def replaces(out: Path) -> bool:
    """Whether what openbook compress made before lies there."""
    return (out / MANIFEST).is_file()


def _refuse_strangers(out: Path) -> None:
    """Only a new folder, an empty one, or one made here before gives way."""
    if not out.exists() or (out.is_dir() and not any(out.iterdir())):
        return
    ours = out.is_dir() and (out / MANIFEST).is_file()
    if not ours or read_manifest(out / MANIFEST, "name another folder").get("kind") not in _OURS:
        raise OpenbookError(f"{out} is there and holds something else: name a new folder")
