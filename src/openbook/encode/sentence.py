"""Sentence embeddings: each text by itself, so that its vector is its own, bit for bit; several side by side.

Batches are padded to their longest text, and a quantised batch shares its scales: a text's vector would depend on its
neighbours, and an index could not be rebuilt. One text a run needs neither padding nor scales in common, and loses
nothing: on a CPU even a short text keeps its core busy with multiplications.
"""

import os
from collections import deque
from collections.abc import Callable, Generator, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import numpy as np

from openbook.encode.folder import SHIPPED, open_folder
from openbook.encode.session import Session
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
        self._session = Session(verified)

    def __call__(self, texts: Sequence[str]) -> Matrix:
        """Unit vectors, float32 (texts, dim), in order. Any string will do: empty, huge, with NUL, lone surrogates."""
        return self.encode(texts)

    def encode(self, texts: Sequence[str], on_progress: OnProgress | None = None) -> Matrix:
        """The same, with news of how far it is. An exception from ``on_progress``, or Ctrl-C, stops the work."""
        if isinstance(texts, str):
            raise TypeError("give a list of texts, not one text")
        vectors = np.empty((len(texts), self.dim), dtype=np.float32)
        with closing(self._each(texts)) as each:
            for done, (index, vector) in enumerate(each, start=1):
                vectors[index] = vector
                if on_progress:
                    on_progress(done, len(texts))
        return vectors

    def token_spans(self, text: str) -> list[tuple[int, int]]:
        """[start, end) in code points of every token of the whole text, uncut and without special tokens."""
        return self._tokens.spans(text)

    def _embed(self, text: str) -> Vector:
        return self._session(self._tokens.ids(text))

    def _each(self, texts: Sequence[str]) -> Generator[tuple[int, Vector], None, None]:
        """Every text's position and vector; longest first, so that no core is left with a long one at the end."""
        longest_first = sorted(range(len(texts)), key=lambda index: -len(texts[index]))
        if self._threads == 1 or len(texts) < 2:
            for index in longest_first:
                yield index, self._embed(texts[index])
            return
        pool = ThreadPoolExecutor(min(self._threads, len(texts)), thread_name_prefix="encode")
        try:
            yield from _in_order(pool, lambda index: self._embed(texts[index]), longest_first)
        finally:
            pool.shutdown(cancel_futures=True)


def _in_order(
    pool: ThreadPoolExecutor, work: Callable[[int], Vector], items: Sequence[int], ahead: int = 256
) -> Iterator[tuple[int, Vector]]:
    """(item, work(item)) for every item in order; at most ``ahead`` of them are queued, so that memory is bounded."""
    queued: deque[tuple[int, Future[Vector]]] = deque()
    for item in items:
        queued.append((item, pool.submit(work, item)))
        if len(queued) >= ahead:
            first, future = queued.popleft()
            yield first, future.result()
    for item, future in queued:
        yield item, future.result()


def open_encoder(folder: Path | None = None, threads: int | None = None) -> SentenceEncoder:
    """The shipped sentence encoder, or the one in ``folder``, on ``threads`` cores (all that this process may use).

    Raises OpenbookError where the model is missing, corrupt, or not loadable; ValueError for fewer than 1 thread.
    """
    if threads is None:
        threads = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else (os.cpu_count() or 1)
    if threads < 1:
        raise ValueError(f"threads must be 1 or more, not {threads}")
    return SentenceEncoder(folder or SHIPPED, threads)
