"""What a question finds, and what each way of reading makes of it: searched and scored once, read by any weights."""

import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np

from benchmarks.answer_tasks import Asked, Task
from benchmarks.corpus import PREFIX, build
from benchmarks.logistic import Floats
from openbook.answer.confidence import Calibration, answer_signals, confidence
from openbook.answer.read import SentenceReader
from openbook.answer.together import read_together, reranked
from openbook.encode import SentenceEncoder
from openbook.evaluate.reading import token_f1
from openbook.index import search
from openbook.index.search import SearchSettings
from openbook.protocols import Matrix, PairScorer
from openbook.values import Candidate, Passage, Span

POOL = 16
"""Passages that are found and read together for each question."""


@dataclass(slots=True)
class Remembering:
    """The encoder, asked only once for each text: the same sentences come back for many questions."""

    encoder: SentenceEncoder
    known: dict[str, Floats] = field(default_factory=dict[str, Floats])

    @property
    def dim(self) -> int:
        return self.encoder.dim

    @property
    def digest(self) -> str:
        return self.encoder.digest

    def __call__(self, texts: Sequence[str]) -> Matrix:
        fresh = list(dict.fromkeys(text for text in texts if text not in self.known))
        self.known.update(zip(fresh, self.encoder(fresh), strict=True) if fresh else ())
        return np.array([self.known[text] for text in texts], np.float32)


@dataclass(frozen=True, slots=True)
class Seen:
    """A question and its ``POOL`` best passages in the order of search, scored by the pair encoder.

    seconds: of search, and of scoring the pool.
    """

    asked: Asked
    pool: Sequence[Passage]
    seconds: tuple[float, float]


@dataclass(frozen=True, slots=True)
class Way:
    """One way to answer: whether passages are read together, and ordered anew by what was read."""

    read: bool = True
    rerank: bool = True


@dataclass(frozen=True, slots=True)
class Outcome:
    """passages: as they were read; candidates: best first; right: whether the first holds an answer of the right page.

    f1: of the marked words, or of the whole sentence where none are marked, against people's; 0 without a candidate.
    """

    passages: Sequence[Passage]
    candidates: Sequence[Candidate]
    signals: Mapping[str, float]
    right: bool
    f1: float


def look(task: Task, embedder: Remembering, scorer: PairScorer) -> list[Seen]:
    """Search and score every question of the task."""
    seen: list[Seen] = []
    with tempfile.TemporaryDirectory() as folder:
        corpus = build(Path(folder) / "index.sqlite", task.rows, embedder.encoder, embedder)
        for asked in task.asked:
            started = time.perf_counter()
            found = search(corpus.store, embedder.encoder, asked.text, SearchSettings(k=POOL)).passages
            searched = time.perf_counter()
            pool = read_together(scorer, asked.text, found)
            seen.append(Seen(asked, pool, (searched - started, time.perf_counter() - searched)))
        corpus.store.close()
    return seen


def answered(seen: Seen, reader: SentenceReader, rank: Mapping[str, float], way: Way, k: int) -> Outcome:
    """The question by one way, with ``k`` passages read."""
    passages = list(seen.pool[:k]) if not way.rerank else reranked(seen.pool, rank, k)
    if not way.read:
        passages = [without_pair(passage) for passage in passages]
    candidates = reader(seen.asked.text, passages)
    signals = answer_signals(seen.asked.text, passages, candidates)
    if not candidates:
        return Outcome(passages, candidates, signals, right=False, f1=0.0)
    best = candidates[0]
    said = best.passage.words_at(best.answer or best.span)
    f1 = token_f1(said, seen.asked.answers) if seen.asked.answers else 0.0
    return Outcome(passages, candidates, signals, holds(best, seen.asked.gold), f1)


def without_pair(passage: Passage) -> Passage:
    """As search gave it."""
    kept = {name: value for name, value in passage.signals.items() if name not in ("relevance", "no_answer")}
    return replace(passage, signals=kept, answers=())


def holds(candidate: Candidate, gold: tuple[str, Sequence[Span]] | None) -> bool:
    """Whether the sentence comes from the right paragraph and one of the answers lies within it."""
    if gold is None or candidate.passage.uri != PREFIX + gold[0]:
        return False
    return any(candidate.span.holds(span) for span in gold[1])


def sureness(outcomes: Sequence[Outcome], calibration: Calibration) -> Floats:
    """Confidence as ``ask`` computes it."""
    return np.array([confidence(o.signals, calibration.confidence) if o.candidates else 0.0 for o in outcomes])
