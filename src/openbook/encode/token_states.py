"""Each token's vector from the shipped encoder: its last layer's states, which pooling makes a sentence's vector of.

A text longer than the encoder's window is read in windows that overlap, and a token keeps the state of the window that
shows more of what stands around it. Nothing is cut.
"""

from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from openbook.compress.onnx_outputs import read_before, with_output
from openbook.encode.folder import SHIPPED, open_folder
from openbook.encode.session import load
from openbook.encode.side_by_side import side_by_side, usable_threads
from openbook.encode.wordpiece import CHARACTERS_PER_TOKEN, WordPiece
from openbook.errors import OpenbookError
from openbook.json_lines import shortened
from openbook.protocols import Matrix, Vector

MOST_TOKENS = 16_384
"""Of one text; their vectors take 25 MB."""

OVERLAP = 64
"""Tokens that two windows share."""

_POOLING = 2
"""Nodes from the last layer's states to the output ``embedding``: the mean, and the unit length."""


@dataclass(frozen=True, slots=True)
class TokenStates:
    """ids, spans: of each token, without [CLS] and [SEP]; [start, end) in code points of the text. vectors: (tokens,
    dim), unit rows. pooled: the text's vector, (dim,), unit length: the sentence encoder's where one window holds the
    text, and else the mean over all its tokens.
    """

    ids: tuple[int, ...]
    spans: tuple[tuple[int, int], ...]
    vectors: Matrix
    pooled: Vector


class TokenEncoder:
    """Made by ``open_token_encoder``. Safe to share between threads. digest: of the sentence encoder it is."""

    def __init__(self, folder: Path, threads: int) -> None:
        verified = open_folder(folder)
        self.dim, self.window, self.digest = verified.dim, verified.window, verified.digest
        self._threads = threads
        self._tokens = WordPiece(verified)
        try:
            model = verified.model.read_bytes()
            self._states = read_before(model, "embedding", _POOLING)
        except (OSError, ValueError, IndexError) as error:
            raise OpenbookError(f"{verified.model} has no token states: give a folder that openbook made") from error
        self._session = load(verified.model, with_output(model, self._states))

    def __call__(self, texts: Sequence[str]) -> list[TokenStates]:
        """One for each text, in order; each depends on its own text alone. An empty text has no tokens.

        Raises OpenbookError for a text of more than ``MOST_TOKENS`` tokens.
        """
        if isinstance(texts, str):
            raise TypeError("give a list of texts, not one text")
        found: dict[int, TokenStates] = {}
        lengths = [len(text) for text in texts]
        with closing(side_by_side(lambda index: self._of(texts[index]), lengths, self._threads)) as each:
            found.update(each)
        return [found[index] for index in range(len(texts))]

    def ids(self, text: str) -> list[int]:
        """The whole text's token ids, without [CLS] and [SEP] and without running the model."""
        return self._cut(text)[0]

    def _of(self, text: str) -> TokenStates:
        ids, spans = self._cut(text)
        room = self.window - 2
        kept: list[Matrix] = []
        pooled = np.zeros(self.dim, np.float32)
        parts = _windows(len(ids), room)
        for begin, first, last in parts:
            row = np.array([self._tokens.first, *ids[begin : begin + room], self._tokens.last], np.int64)
            pooled, states = self._session.run(["embedding", self._states], {"ids": row})
            kept.append(states[1 + first - begin : 1 + last - begin])
        whole = np.concatenate(kept)
        if len(parts) > 1:
            pooled = _unit(whole.mean(axis=0, keepdims=True))[0]
        return TokenStates(tuple(ids), tuple(spans), _unit(whole), pooled)

    def _cut(self, text: str) -> tuple[list[int], list[tuple[int, int]]]:
        if len(text) <= MOST_TOKENS * CHARACTERS_PER_TOKEN:
            ids, spans = self._tokens.whole(text)
            if len(ids) <= MOST_TOKENS:
                return ids, spans
        raise OpenbookError(f"a text has more than {MOST_TOKENS:,} tokens: split it (it begins {shortened(text[:60])})")


def _windows(tokens: int, room: int) -> list[tuple[int, int, int]]:
    """Where each window of ``room`` tokens begins, and the tokens [first, last) that keep its states: two windows part
    what they share in the middle, and the last one ends where the text does.
    """
    begins = [0]
    while begins[-1] + room < tokens:
        begins.append(min(begins[-1] + room - min(OVERLAP, room // 2), tokens - room))
    middles = [(begin + earlier + room) // 2 for earlier, begin in pairwise(begins)]
    return list(zip(begins, [0, *middles], [*middles, tokens], strict=True))


def _unit(rows: NDArray[np.float32]) -> Matrix:
    lengths = np.linalg.norm(rows, axis=1, keepdims=True)
    return (rows / np.where(lengths > 0, lengths, 1)).astype(np.float32)


def open_token_encoder(folder: Path | None = None, threads: int | None = None) -> TokenEncoder:
    """The shipped encoder, or the one in ``folder``, on ``threads`` cores (all that this process may use).

    Raises OpenbookError where the model is missing, corrupt or not loadable; ValueError for fewer than 1 thread.
    """
    return TokenEncoder(folder or SHIPPED, usable_threads(threads))
