"""The word table of a model that openbook made: INT8 rows and their scales, looked up outside any graph.

Every shipped trunk reads with the embedder's table, half of its bytes, so that it is on disk once.
"""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from openbook.compress.onnx_file import read_onnx
from openbook.errors import OpenbookError
from openbook.protocols import Matrix


class WordTable:
    """Rows by token id. Raises OpenbookError where the file has no table in INT8."""

    def __init__(self, model: Path) -> None:
        tensors = read_onnx(model).tensors
        if not {"words", "words.scales"} <= tensors.keys():
            raise OpenbookError(f"{model} has no INT8 word table: reinstall openbook")
        self._values, self._scales = tensors["words"].copy(), tensors["words.scales"].copy()

    def __call__(self, ids: NDArray[np.int64]) -> Matrix:
        """(tokens,) to float32 (tokens, dim)."""
        rows: Matrix = self._values[ids].astype(np.float32) * self._scales[ids]
        return rows
