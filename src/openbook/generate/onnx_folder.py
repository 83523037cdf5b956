"""The folder of a compressed decoder: opened only if its files are those that its manifest names."""

import json
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from openbook.compress.blocks import Blocks
from openbook.compress.onnx_file import read_onnx
from openbook.errors import OpenbookError
from openbook.manifests import MANIFEST, read_manifest, verified
from openbook.protocols import Matrix

KIND = "decoder"
MODEL = "model.onnx"
_AGAIN = "make it again with openbook compress"


@dataclass(frozen=True, slots=True)
class DecoderShape:
    """What an engine must know of the model. bits: of its weights, 32 for floats. block: inputs that share a scale.

    tied: the words are the output's table.
    """

    vocabulary: int
    width: int
    layers: int
    key_value_heads: int
    head_dim: int
    context: int
    bits: int
    block: int
    tied: bool


@dataclass(frozen=True, slots=True)
class DecoderFolder:
    """digest: SHA-256 over all files that decide what is written. rowwise: a row's numbers do not depend on how many
    rows are computed with it. Not so where weights alone are rounded: that kernel has another way for a single row.
    rounds: activations are rounded to INT8, where the last digit of a number may move a whole step. grounded: the model
    was trained on the form of ``generate.grounded`` and reads no other.
    """

    path: Path
    shape: DecoderShape
    ends: frozenset[int]
    digest: str
    rowwise: bool
    rounds: bool
    grounded: bool = False

    @property
    def model(self) -> Path:
        return self.path / MODEL


def open_decoder_folder(path: Path) -> DecoderFolder:
    """Raises OpenbookError for a folder that ``compress`` did not make, or whose files have changed since."""
    manifest = read_manifest(path / MANIFEST, _AGAIN)
    if manifest.get("kind") != KIND:
        raise OpenbookError(f"{path} holds no compressed language model; {_AGAIN}")
    try:
        said: Any = manifest["shape"]
        numbers = {name: _number(said, name) for name in DecoderShape.__slots__ if name != "tied"}
        shape = DecoderShape(**numbers, tied=bool(said["tied"]))
        ends = frozenset(int(each) for each in manifest["ends"])
        names = sorted(map(str, manifest["files"]))
    except (KeyError, TypeError, ValueError) as error:
        raise OpenbookError(f"{path / MANIFEST} is no whole manifest; {_AGAIN}") from error
    if MODEL not in names or any(Path(name).name != name for name in names):
        raise OpenbookError(f"{path / MANIFEST} does not name {MODEL}, or names files elsewhere; {_AGAIN}")
    digests = [(name, verified(path, name, manifest, _AGAIN)) for name in names]
    grounded = manifest.get("prompt") == "grounded"
    deciding = [digests, sorted(ends), "grounded"] if grounded else [digests, sorted(ends)]
    digest = sha256(json.dumps(deciding).encode()).hexdigest()
    rounds = manifest.get("activations") == "int8"
    return DecoderFolder(path, shape, ends, digest, rounds or shape.bits == 32, rounds, grounded)


class WordRows:
    """The word table, dequantised row by row as ids come; it stands in the model's file once, also where it is tied."""

    def __init__(self, folder: DecoderFolder) -> None:
        shape, tensors = folder.shape, read_onnx(folder.model).tensors
        name = "head" if shape.tied else "words"
        try:
            table = tensors[f"{name}.weight"].copy()
            self._table = table.T if shape.bits == 32 and shape.tied else table
            scales = None if shape.bits == 32 else tensors[f"{name}.scales"].copy()
            zeros = tensors[f"{name}.zeros"].copy() if f"{name}.zeros" in tensors else None
        except KeyError as error:
            raise OpenbookError(f"{folder.model} has no table of words; {_AGAIN}") from error
        bits = 4 if shape.bits == 4 else 8
        self._blocks = None if scales is None else Blocks(table, scales, zeros, shape.width, bits)

    def __call__(self, ids: NDArray[np.int64]) -> Matrix:
        """(batch, time) to float32 (batch, time, width)."""
        rows: Matrix = self._table[ids] if self._blocks is None else self._blocks.rows(ids)
        return np.ascontiguousarray(rows, dtype=np.float32)


def _number(said: Any, name: str) -> int:
    found: object = said[name]
    if type(found) is not int or not 0 <= found < 2**31:
        raise ValueError(name)
    return found
