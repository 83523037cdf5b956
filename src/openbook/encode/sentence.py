"""Sentence embeddings: each text by itself, so that its vector is its own, bit for bit; several side by side.

Batches are padded to their longest text, and a quantised batch shares its scales: a text's vector would depend on its
neighbours, and an index could not be rebuilt. One text a run needs neither padding nor scales in common, and loses
nothing: on a CPU even a short text keeps its core busy with multiplications.
"""

from collections.abc import Callable, Sequence
from contextlib import closing
from pathlib import Path

import numpy as np

from openbook.encode.folder import SHIPPED, open_folder
from openbook.encode.session import load
from openbook.encode.side_by_side import side_by_side, usable_threads
from openbook.encode.wordpiece import WordPiece
from openbook.protocols import Matrix, Vector

OnProgress = Callable[[int, int], object]
"""Called after each text, in the caller's thread, with how many texts are done and how many there are."""


class SentenceEncoder:
    """Embeds texts; made by ``open_encoder``. Safe to share between threads.

    window: the tokens of a text that are embedded, [CLS] and [SEP] included; what lies beyond does not count.
    """

    def __init__(self, folder: Path, threads: int) -> None:
        verified = open_folder(folder)
        self.dim, self.window, self.digest = verified.dim, verified.window, verified.digest
        self._threads = threads
        self._tokens = WordPiece(verified)
        self._session = load(verified.model)

    def __call__(self, texts: Sequence[str]) -> Matrix:
        """Unit vectors, float32 (texts, dim), in order. Any string will do: empty, huge, with NUL, lone surrogates."""
        return self.encode(texts)

    def encode(self, texts: Sequence[str], on_progress: OnProgress | None = None) -> Matrix:
        """The same, with news of how far it is. An exception from ``on_progress``, or Ctrl-C, stops the work."""
        if isinstance(texts, str):
            raise TypeError("give a list of texts, not one text")
        vectors = np.empty((len(texts), self.dim), dtype=np.float32)
        lengths = [len(text) for text in texts]
        with closing(side_by_side(lambda index: self._embed(texts[index]), lengths, self._threads)) as each:
            for done, (index, vector) in enumerate(each, start=1):
                vectors[index] = vector
                if on_progress:
                    on_progress(done, len(texts))
        return vectors

    def token_spans(self, text: str) -> list[tuple[int, int]]:
        """[start, end) in code points of every token of the whole text, uncut and without special tokens."""
        return self._tokens.spans(text)

    def _embed(self, text: str) -> Vector:
        vector: Vector = self._session.run(None, {"ids": self._tokens.ids(text)})[0]
        return vector


def open_encoder(folder: Path | None = None, threads: int | None = None) -> SentenceEncoder:
    """The shipped sentence encoder, or the one in ``folder``, on ``threads`` cores (all that this process may use).

    Raises OpenbookError where the model is missing, corrupt, or not loadable; ValueError for fewer than 1 thread.
    """
    return SentenceEncoder(folder or SHIPPED, usable_threads(threads))
