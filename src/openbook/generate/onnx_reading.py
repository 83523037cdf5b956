"""Texts in a compressed decoder's memory: a prompt goes on from what it shares with the one that was read last.

Reading in passes of two tokens or more gives each token the same numbers however the text is cut into passes; a pass of
one token takes another kernel for attention, which differs in the last digits. So what is kept for reuse is a prompt as
far as it was read, never what was written after it, and no pass of a prompt is left with one token.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from openbook.generate.engine import ScoreRows
from openbook.generate.memory import OverMemory
from openbook.generate.onnx_session import Generation, OnnxSession
from openbook.generate.sampling import Scores

_PREFILL = 512
"""Tokens of a prompt that are read in one pass."""


@dataclass(frozen=True, slots=True)
class OnnxText:
    """One text, in the first row of its own generation."""

    generation: Generation

    def feed(self, ids: Sequence[int], wanted: int = 1) -> ScoreRows:
        """Logits of what follows each of the last ``wanted`` ids: (wanted, vocabulary)."""
        places = range(len(ids) - wanted, len(ids))
        return self.generation.feed(np.array([ids], dtype=np.int64), places).astype(np.float64)

    def forget(self, used: int) -> None:
        self.generation.forget(used)


@dataclass(frozen=True, slots=True)
class OnnxRows:
    """Several texts, a row each."""

    generation: Generation

    def step(self, ids: Sequence[int | None]) -> ScoreRows:
        """One token more a row: (rows, vocabulary). A row that ended writes over one place again and again."""
        before = self.generation.lengths
        ended = np.array([each is None for each in ids])
        fed = np.array([[each or 0] for each in ids], dtype=np.int64)
        lengths = np.where(ended, np.maximum(before - 1, 0), before).astype(np.int32)
        self.generation.lengths = lengths
        return self.generation.feed(fed).astype(np.float64)

    def keep(self, rows: Sequence[int]) -> None:
        self.generation.keep(rows)


@dataclass
class OnnxEngine:
    """Texts of one session. Threads may share it: what is kept is never written to again before its end."""

    session: OnnxSession
    _last: tuple[list[int], Generation] | None = None
    """The prompt that was read last, and where it is; what its own text grows by lies behind it."""

    def begin(self, ids: list[int], room: int) -> tuple[OnnxText, Scores]:
        """A text of at most ``room`` tokens that begins with these, and the logits of what follows them."""
        text = OnnxText(self._started(1, room))
        shared = 0
        if (last := self._last) is not None and self.session.folder.rowwise:
            known, generation = last
            shared = shared_length(known, ids)
            text.generation.take(0, generation, shared)
        scores = np.empty((1, 0))
        for part in _parts(ids[shared:]):
            scores = text.feed(part)
        if len(ids) > 1:
            self._last = (list(ids), text.generation)
        return text, scores[0]

    def rows(self, prompts: Sequence[list[int]], rooms: Sequence[int]) -> tuple[OnnxRows, list[Scores]]:
        """A row for each prompt, which is read alone, and the logits of what follows each."""
        rows = OnnxRows(self._started(len(prompts), max(rooms)))
        found: list[Scores] = []
        for row, prompt in enumerate(prompts):
            text, scores = self.begin(prompt, len(prompt))
            rows.generation.take(row, text.generation, len(prompt))
            found.append(scores)
        return rows, found

    def _started(self, batch: int, room: int) -> Generation:
        try:
            return self.session.start(batch, room)
        except OverMemory:
            self._last = None  # what is kept must not stand in the way
            return self.session.start(batch, room)


def shared_length(known: Sequence[int], ids: Sequence[int]) -> int:
    """How many tokens both begin with, less so many that two of ``ids`` at least are read again."""
    most = max(min(len(known), len(ids) - 2), 0)
    return next((place for place in range(most) if known[place] != ids[place]), most)


def _parts(ids: list[int]) -> Iterator[list[int]]:
    start = 0
    while start < len(ids):
        left = len(ids) - start
        size = min(_PREFILL, left)
        size -= left - size == 1
        yield ids[start : start + size]
        start += size
