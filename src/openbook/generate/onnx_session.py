"""A compressed decoder in onnxruntime: token ids in, logits out, keys and values kept in memory that is bound once."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from openbook.encode.session import load
from openbook.errors import OpenbookError
from openbook.generate.onnx_folder import DecoderFolder, WordRows
from openbook.protocols import Matrix

Ids = NDArray[np.int64]


class OnnxSession:
    """The loaded model; ``start`` begins one generation. Safe to share between threads, each with its own start."""

    def __init__(self, folder: DecoderFolder, threads: int) -> None:
        self.folder = folder
        self.words = WordRows(folder)
        self.session = load(folder.model, threads=threads)

    def start(self, batch: int, room: int) -> "Generation":
        """Room for so many tokens a row. Raises OpenbookError where that is over the model's context."""
        return Generation(self, batch, room)

    def logits(self, ids: Ids) -> Matrix:
        """Of what follows each token of a text: (time,) ids to (time, vocabulary)."""
        return self.start(1, len(ids)).feed(ids[None], range(len(ids)))


class Generation:
    """Rows of tokens that grow together from the left. The kernel writes each step's keys and values in place."""

    def __init__(self, of: OnnxSession, batch: int, room: int) -> None:
        shape = of.folder.shape
        if not 1 <= room <= shape.context:
            raise OpenbookError(f"the model's context is {shape.context:,} tokens, not {room:,}: ask for fewer")
        import onnxruntime as untyped

        onnxruntime: Any = untyped
        self._of, self._batch, self._room, self.used = of, batch, room, 0
        self._binding: Any = of.session.io_binding()
        size = (batch, shape.key_value_heads, room, shape.head_dim)
        self._cache: list[Any] = []
        for layer in range(shape.layers):
            for kind in ("key", "value"):
                kept = onnxruntime.OrtValue.ortvalue_from_numpy(np.zeros(size, dtype=np.float32))
                self._cache.append(kept)
                self._binding.bind_ortvalue_input(f"past.{kind}.{layer}", kept)
                self._binding.bind_ortvalue_output(f"present.{kind}.{layer}", kept)

    def feed(self, ids: Ids, wanted: Sequence[int] | None = None) -> Matrix:
        """Logits of what follows: ids (batch, time) after those fed before. Returns (len(wanted), vocabulary).

        wanted: positions of the batch · time that get logits; by default the last of each row.
        """
        batch, time = ids.shape
        if batch != self._batch or self.used + time > self._room:
            raise OpenbookError(
                f"{self.used + time:,} tokens are more than the {self._room:,} there is room for: ask for fewer"
            )
        last = [(row + 1) * time - 1 for row in range(batch)]
        binding = self._binding
        binding.bind_cpu_input("words", self._of.words(ids))
        binding.bind_cpu_input("wanted", np.array(last if wanted is None else wanted, dtype=np.int64))
        binding.bind_cpu_input("used", np.full(batch, self.used + time - 1, dtype=np.int32))
        binding.bind_cpu_input("total", np.array(self.used + time, dtype=np.int32))
        binding.bind_output("logits", "cpu")
        self._of.session.run_with_iobinding(binding)
        self.used += time
        logits: Matrix = binding.get_outputs()[-1].numpy()
        return logits

    def forget(self, used: int) -> None:
        """Go back to the first so many tokens; what was fed after them is written over."""
        self.used = min(self.used, used)
