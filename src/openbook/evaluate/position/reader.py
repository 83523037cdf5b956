"""A pair encoder as a subject: passages read one by one, or put together into one text and read as that.

Read one by one, a passage's score depends on it alone, so that the answer cannot depend on where it stood: no finding,
but how such a reader is built, and what it has over a model that reads all at once.
"""

from collections.abc import Sequence

from openbook.evaluate.position.probe import Subject
from openbook.protocols import PairScorer
from openbook.values import PairScore, Part


def one_by_one(read: PairScorer) -> Subject:
    """Each part by itself; the best answer of the most relevant part. Equal scores: the text that sorts first."""

    def subject(parts: Sequence[Part], question: str) -> str:
        texts = [part.text for part in parts]
        scored = list(zip(read(question, texts), texts, strict=True))
        answered = [(score, text) for score, text in scored if score.spans]
        if not answered:
            return ""
        score, text = min(answered, key=lambda pair: (-pair[0].relevance, pair[1]))
        return _best(score, text)

    return subject


def together(read: PairScorer) -> Subject:
    """All parts as one text, in their order; what does not fit a window is read in windows that overlap."""

    def subject(parts: Sequence[Part], question: str) -> str:
        text = "\n\n".join(part.text for part in parts)
        (score,) = read(question, [text])
        return _best(score, text)

    return subject


def _best(score: PairScore, text: str) -> str:
    return score.spans[0].span.of(text) if score.spans else ""
