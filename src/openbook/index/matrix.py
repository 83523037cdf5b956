"""All vectors of one index generation as a memory-mapped matrix: rebuilt from the rows whenever it does not fit them.

Layout: 64-byte header, ``rows`` chunk ids (int64), ``rows`` x ``dim`` float32. The header names the index and the
generation, so a matrix left behind by another index, or by an interrupted run, is never taken for this one.
"""

import os
import struct
import tempfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from openbook.protocols import Matrix, Vector
from openbook.values import Hit

_HEADER = struct.Struct("<8s32sqqq")
_MAGIC = b"OPBKMAT1"


@dataclass(frozen=True, slots=True)
class VectorMatrix:
    """ids: (rows,) int64; vectors: (rows, dim) float32, unit rows."""

    ids: NDArray[np.int64]
    vectors: Matrix

    def only(self, ids: NDArray[np.int64]) -> "VectorMatrix":
        """The rows of these ids, copied."""
        rows = np.flatnonzero(np.isin(self.ids, ids))
        return VectorMatrix(self.ids[rows], self.vectors[rows])

    def nearest(self, vector: Vector, k: int) -> list[Hit]:
        """The k largest inner products, exact, best first; equal scores in id order, so that a search repeats."""
        if not len(self.ids):
            return []
        scores = self.vectors @ vector
        k = min(k, len(scores))
        top = np.argpartition(-scores, k - 1)[:k]
        # every row tied with the k-th is considered, else which of them is kept would depend on the partition
        ties = np.flatnonzero(scores >= scores[top].min())
        order = ties[np.lexsort((self.ids[ties], -scores[ties]))][:k]
        return [Hit(int(self.ids[row]), float(scores[row])) for row in order]


def matrix_path(index: Path, generation: int) -> Path:
    return index.with_name(f"{index.name}.{generation}.matrix")


def load_matrix(path: Path, index_uuid: str, generation: int) -> VectorMatrix | None:
    """The mapped matrix, or None where the file is absent, cut short, or of another index or generation."""
    try:
        with path.open("rb") as file:
            header = file.read(_HEADER.size)
        size = path.stat().st_size
    except OSError:
        return None
    if len(header) < _HEADER.size:
        return None
    magic, name, of_generation, rows, dim = _HEADER.unpack(header)
    expected = _HEADER.size + rows * 8 + rows * dim * 4
    if (magic, name.decode("ascii", "replace"), of_generation) != (_MAGIC, index_uuid, generation) or size != expected:
        return None
    if rows == 0:
        return VectorMatrix(np.zeros(0, np.int64), np.zeros((0, dim), np.float32))
    ids = np.memmap(path, np.int64, "r", _HEADER.size, (rows,))
    vectors = np.memmap(path, np.float32, "r", _HEADER.size + rows * 8, (rows, dim))
    return VectorMatrix(ids, vectors)


def save_matrix(path: Path, index: Path, index_uuid: str, generation: int, matrix: VectorMatrix) -> None:
    """Write beside the index, all or nothing, and remove those of other generations (a mapped one stays readable)."""
    rows, dim = matrix.vectors.shape
    handle, name = tempfile.mkstemp(prefix=f"{index.name}.", suffix=".matrix.part", dir=index.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(_HEADER.pack(_MAGIC, index_uuid.encode("ascii"), generation, rows, dim))
            file.write(np.ascontiguousarray(matrix.ids, np.int64).data)
            file.write(np.ascontiguousarray(matrix.vectors, np.float32).data)
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
    for old in index.parent.glob(f"{index.name}.*.matrix*"):
        if old != path and not _is_newer(old, generation):
            old.unlink(missing_ok=True)


def _is_newer(path: Path, generation: int) -> bool:
    middle = path.name.removesuffix(".matrix").rsplit(".", 1)[-1]
    return middle.isdigit() and int(middle) > generation
