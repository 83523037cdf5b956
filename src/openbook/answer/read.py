"""The simple reader: sentences of the passages, scored by meaning and by words. A trained reader takes its place."""

from collections.abc import Sequence
from dataclasses import dataclass

from openbook.answer.overlap import coverage, inverse_frequencies, question_stems, stems
from openbook.documents import sentences
from openbook.protocols import Embedder
from openbook.values import Candidate, Passage, Span

MAX_SENTENCES = 128
"""Sentences read for one question; passages come best first, so what is cut off is the tail."""

MAX_CHARACTERS = 2_000
"""A longer "sentence" (a table, a minified line) is not an answer that a person can check at a glance."""


@dataclass(frozen=True, slots=True)
class ReaderWeights:
    """How the signals of a sentence add up; fitted by ``benchmarks/calibration.py`` on development questions."""

    cosine: float
    coverage: float
    passage: float


@dataclass(frozen=True, slots=True)
class SimilarityReader:
    """``openbook.protocols.Reader`` from an encoder alone: one candidate a sentence."""

    embedder: Embedder
    weights: ReaderWeights

    def __call__(self, question: str, passages: Sequence[Passage]) -> Sequence[Candidate]:
        """Every sentence of the passages, best first. Signals: ``cosine`` of sentence and question, ``coverage`` of the
        question's words by the sentence and its headings, ``passage``: the passage's own dense score."""
        found = [(passage, span) for passage in passages for span in _sentences(passage)][:MAX_SENTENCES]
        if not found:
            return []
        texts = [_text(passage, span) for passage, span in found]
        vectors = self.embedder([question, *texts])
        cosines = vectors[1:] @ vectors[0]
        held = [
            stems("\n".join((*passage.chunk.heading, text))) for (passage, _), text in zip(found, texts, strict=True)
        ]
        telling = inverse_frequencies(question_stems(question), held)
        candidates: list[Candidate] = []
        for (passage, span), cosine, words in zip(found, cosines, held, strict=True):
            signals = {
                "cosine": float(cosine),
                "coverage": coverage(telling, words),
                "passage": float(passage.signals.get("dense", 0.0)),
            }
            score = sum(getattr(self.weights, name) * value for name, value in signals.items())
            candidates.append(Candidate(passage, span, score, signals))
        return sorted(candidates, key=lambda c: -c.score)


def _sentences(passage: Passage) -> list[Span]:
    start = passage.chunk.span.start
    spans = sentences(passage.text, Span(0, len(passage.text)))
    return [Span(start + s.start, start + s.end) for s in spans if s.end - s.start <= MAX_CHARACTERS]


def _text(passage: Passage, span: Span) -> str:
    start = passage.chunk.span.start
    return passage.text[span.start - start : span.end - start]
