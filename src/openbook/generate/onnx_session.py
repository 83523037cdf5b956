"""A compressed decoder in onnxruntime: token ids in, logits out, keys and values kept in memory that is bound once."""

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from openbook.encode.session import load
from openbook.errors import OpenbookError
from openbook.generate.memory import Memory
from openbook.generate.onnx_folder import DecoderFolder, WordRows
from openbook.protocols import Matrix

Ids = NDArray[np.int64]

_TRIED = 8


class OnnxSession:
    """The loaded model; ``start`` begins one generation. Safe to share between threads, each with its own start."""

    def __init__(self, folder: DecoderFolder, threads: int, memory: Memory | None = None) -> None:
        """memory: what bounds weights, keys and values. Raises OverMemory before anything is loaded."""
        self.folder, self.memory = folder, memory or Memory()
        self.memory.weights(folder.model.stat().st_size)
        self.words = WordRows(folder)
        self.session = load(folder.model, threads=threads)

    def start(self, batch: int, room: int) -> "Generation":
        """Room for so many tokens a row. Raises OpenbookError where that is over the model's context, or the memory."""
        return Generation(self, batch, room)

    def alike_in_rows(self) -> bool:
        """Whether a row has the same numbers, to the last digit, beside others as alone; tried with a few tokens.

        Products with INT4 weights take another kernel for a single row on some processors.
        """
        tried = np.arange(min(_TRIED, self.folder.shape.vocabulary), dtype=np.int64)[:, None]
        alone = [self.start(1, 1).feed(row[None])[0] for row in tried]
        return np.array_equal(np.array(alone), self.start(len(tried), 1).feed(tried))

    def logits(self, ids: Ids) -> Matrix:
        """Of what follows each token of a text: (time,) ids to (time, vocabulary)."""
        return self.start(1, len(ids)).feed(ids[None], range(len(ids)))


class Generation:
    """Rows of tokens that grow from the left. The kernel writes each step's keys and values in place.

    cache: (layers, 2, batch, key_value_heads, room, head_dim), keys and values. lengths: (batch,), tokens in each row.
    """

    def __init__(self, of: OnnxSession, batch: int, room: int) -> None:
        shape = of.folder.shape
        if not 1 <= room <= shape.context:
            raise OpenbookError(f"the model's context is {shape.context:,} tokens, not {room:,}: ask for fewer")
        self._of, self._room = of, room
        size = (shape.layers, 2, batch, shape.key_value_heads, room, shape.head_dim)
        moved = 3 if batch > 1 else 2  # halves: rows that are kept are copied before the others go
        of.memory.reserve(self, math.prod(size) * 4 * moved // 2, room, batch)
        self.cache: NDArray[np.float32] = np.zeros(size, dtype=np.float32)
        self.lengths: NDArray[np.int32] = np.zeros(batch, dtype=np.int32)
        self._bind()

    @property
    def used(self) -> int:
        """Tokens in the longest row."""
        return int(self.lengths.max())

    def feed(self, ids: Ids, wanted: Sequence[int] | None = None) -> Matrix:
        """Logits of what follows: ids (batch, time) after those fed before. Returns (len(wanted), vocabulary).

        wanted: positions of the batch · time that get logits; by default the last of each row. Several rows take
        several tokens at once at their beginning alone, and rows of different lengths one at a time.
        """
        batch, time = ids.shape
        if batch != len(self.lengths) or self.used + time > self._room:
            raise OpenbookError(
                f"{self.used + time:,} tokens are more than the {self._room:,} there is room for: ask for fewer"
            )
        last = [(row + 1) * time - 1 for row in range(batch)]
        ends = self.lengths + np.int32(time)
        binding = self._binding
        binding.bind_cpu_input("words", self._of.words(ids))
        binding.bind_cpu_input("wanted", np.array(last if wanted is None else wanted, dtype=np.int64))
        binding.bind_cpu_input("used", ends - np.int32(1))
        binding.bind_cpu_input("total", np.array(ends.max(), dtype=np.int32))
        binding.bind_output("logits", "cpu")
        self._of.session.run_with_iobinding(binding)
        self.lengths = ends
        logits: Matrix = binding.get_outputs()[-1].numpy()
        return logits

    def forget(self, used: int) -> None:
        """Go back to the first so many tokens of each row; what was fed after them is written over."""
        self.lengths = np.minimum(self.lengths, np.int32(used))

    def take(self, row: int, other: "Generation", used: int) -> None:
        """Begin a row with the first so many tokens that another generation has read in its first row."""
        self.cache[:, :, row, :, :used] = other.cache[:, :, 0, :, :used]
        self.lengths[row] = used

    def keep(self, rows: Sequence[int]) -> None:
        """Only these rows."""
        # an array indexed by a list need not lie in the order that the kernel reads
        self.cache = np.ascontiguousarray(self.cache[:, :, list(rows)])
        self.lengths = self.lengths[list(rows)]
        self._bind()

    def _bind(self) -> None:
        self._binding: Any = self._of.session.io_binding()
        for layer, both in enumerate(self.cache):
            for kind, kept in zip(("key", "value"), both, strict=True):
                place = ("cpu", 0, np.float32, kept.shape, kept.ctypes.data)
                self._binding.bind_input(f"past.{kind}.{layer}", *place)
                self._binding.bind_output(f"present.{kind}.{layer}", *place)
