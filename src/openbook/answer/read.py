"""The reader: sentences of the passages, scored by meaning, by words, and by what a pair encoder marked in them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import exp, log

from openbook.answer.overlap import coverage, inverse_frequencies, question_stems, stems
from openbook.answer.unseen import is_unseen, unseen
from openbook.documents import sentences
from openbook.protocols import Embedder
from openbook.values import Candidate, Passage, Span

MAX_SENTENCES = 128
"""Sentences read for one question; passages come best first, so what is cut off is the tail."""

MAX_CHARACTERS = 2_000
"""A longer "sentence" (a table, a minified line) is not an answer that a person can check at a glance."""

LEAST = 1e-6
"""The probability below which no marked answer counts; its logarithm is what a sentence without one gets."""


@dataclass(frozen=True, slots=True)
class SentenceReader:
    """``openbook.protocols.Reader``: one candidate a sentence. weights: of each signal, fitted on others' questions.

    Signals: ``cosine`` of sentence and question; ``coverage`` of the question's words by the sentence and its headings;
    ``passage``, the passage's own dense score. Of passages that a pair encoder has read also its ``relevance`` and
    ``no_answer``, and ``marked``: the log probability that the answer stands in this sentence of its passage.
    """

    embedder: Embedder
    weights: Mapping[str, float]

    def __call__(self, question: str, passages: Sequence[Passage]) -> Sequence[Candidate]:
        """Every sentence of the passages, best first."""
        found = [(passage, span) for passage in passages for span in _sentences(passage)][:MAX_SENTENCES]
        if not found:
            return []
        texts = [passage.words_at(span) for passage, span in found]
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
                **_of_pair(passage, span),
            }
            score = sum(self.weights.get(name, 0.0) * value for name, value in signals.items())
            candidates.append(Candidate(passage, span, score, signals, best_answer(passage, span)))
        return sorted(candidates, key=lambda c: -c.score)


def best_answer(passage: Passage, sentence: Span) -> Span | None:
    """The likeliest marked answer that lies within the sentence, in the document."""
    inside = _answers_inside(passage, sentence)
    return inside[0][0] if inside else None


def _of_pair(passage: Passage, sentence: Span) -> dict[str, float]:
    if "relevance" not in passage.signals:
        return {}
    probability = sum(exp(score) for _, score in _answers_inside(passage, sentence))
    return {
        "marked": log(max(LEAST, min(1.0, probability))),
        "relevance": passage.signals["relevance"],
        "no_answer": passage.signals["no_answer"],
    }


def _answers_inside(passage: Passage, sentence: Span) -> list[tuple[Span, float]]:
    start = passage.chunk.span.start
    placed = ((Span(start + a.span.start, start + a.span.end), a.score) for a in passage.answers)
    return [(span, score) for span, score in placed if span.start < span.end and sentence.holds(span)]


def _sentences(passage: Passage) -> list[Span]:
    start = passage.chunk.span.start
    comments = unseen(passage.text)
    spans = sentences(passage.text, Span(0, len(passage.text)))
    return [
        Span(start + s.start, start + s.end)
        for s in spans
        if s.end - s.start <= MAX_CHARACTERS
        and not any(comment.start <= s.start and s.end <= comment.end for comment in comments)
        and not is_unseen(s.of(passage.text))
    ]
