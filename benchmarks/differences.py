"""Our numbers beside a reference's: the largest difference of any, and how many there are; or that neither can be told.

What cannot run here, as where the reference is not installed, is missing, and never counts as equal.
"""

import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import torch
from torch import Tensor

from openbook.errors import OpenbookError

Value = TypeVar("Value")
_IMPOSSIBLE = (
    OpenbookError,
    ImportError,
    AttributeError,
    KeyError,
    TypeError,
    ValueError,
    OSError,
    RuntimeError,
    subprocess.SubprocessError,
)


@dataclass(frozen=True, slots=True)
class Found:
    """The largest absolute difference, and over how many numbers; both sides of one shape."""

    difference: float
    compared: int


def largest(pairs: Iterable[tuple[Any, Any]]) -> Found:
    """Over pairs of tensors, arrays or numbers: ours and theirs. A NaN on either side is the difference then."""
    apart: list[Tensor] = []
    for ours, theirs in pairs:
        one, other = (torch.as_tensor(side).detach().double() for side in (ours, theirs))
        if one.shape != other.shape:
            raise ValueError(f"{tuple(one.shape)} cannot be compared with {tuple(other.shape)}")
        apart.append((one - other).abs().flatten())
    every = torch.cat(apart)
    return Found(float(every.max()), every.numel())


def by_name(ours: Mapping[str, Tensor], theirs: Mapping[str, Tensor]) -> Found:
    """Over tensors of the same names. Raises ValueError where one side has a name that the other has not."""
    if ours.keys() != theirs.keys():
        raise ValueError(f"names of one side alone: {', '.join(sorted(ours.keys() ^ theirs.keys()))}")
    return largest((tensor, theirs[name]) for name, tensor in ours.items())


def together(parts: Iterable[Found]) -> Found:
    """Several comparisons as one."""
    parts = list(parts)
    worst = torch.tensor([part.difference for part in parts], dtype=torch.float64).max()  # a NaN stays one
    return Found(float(worst), sum(part.compared for part in parts))


def unless_impossible(compare_in: Callable[[Path], Value]) -> Value | None:
    """What the function returns, given an empty folder; None, and the reason said, where it cannot run here."""
    try:
        with tempfile.TemporaryDirectory() as place:
            return compare_in(Path(place))
    except _IMPOSSIBLE as error:
        sys.stderr.write(f"missing: {error!r}\n")
        return None


def shown(found: Found | None) -> str:
    """``1.2e-06``, ``0`` where nothing differs, ``missing`` where nothing was compared."""
    if found is None:
        return "missing"
    return f"{found.difference:.1e}" if found.difference else "0"
