"""What the benchmark of answering computes itself: which pages are left out, what each way reads, what is fitted."""

from dataclasses import replace
from math import log

import numpy as np
import pytest

from benchmarks.answer_fit import K, fit, rank_weights
from benchmarks.answer_seen import Remembering, Seen, Way, answered, sureness
from benchmarks.answer_tasks import Asked, left_out
from benchmarks.corpus import PREFIX
from openbook.answer.read import SentenceReader
from openbook.encode import open_encoder
from openbook.heads.split import part_of
from openbook.values import TRUSTED, Chunk, Passage, ScoredSpan, Span

RIGHT = "The lamp was bought in Oslo. It is blue."
OTHER = "Lamps are sold in Oslo and elsewhere. They come in blue."
QUESTION = "Where was the lamp bought?"


def passage(name: str, text: str, relevance: float, fused: float, marked: str) -> Passage:
    start = text.index(marked)
    signals = {"dense": fused, "fused": fused, "relevance": relevance, "no_answer": -relevance}
    answers = (ScoredSpan(Span(start, start + len(marked)), log(0.9)),)
    chunk = Chunk(name, Span(0, len(text)), (), "line 1")
    return replace(Passage(chunk, text, PREFIX + name, name, TRUSTED, signals), answers=answers)


def seen(kind: str = "answerable", relevance: float = 4.0) -> Seen:
    """Search puts the wrong passage first; the pair encoder knows better."""
    start = RIGHT.index("Oslo")
    gold = ("right", [Span(start, start + 4)]) if kind == "answerable" else None
    asked = Asked(kind, QUESTION, "Lamps", gold, ("Oslo",) if gold else ())
    pool = [passage("other", OTHER, -4.0, 0.9, "blue"), passage("right", RIGHT, relevance, 0.8, "Oslo")]
    return Seen(asked, pool, (0.0, 0.0))


@pytest.fixture(scope="module")
def embedder() -> Remembering:
    return Remembering(open_encoder(threads=2))


def test_a_third_of_a_parts_own_pages_is_left_out() -> None:
    titles = [f"Page {number}" for number in range(400)]
    for part in ("train", "calibration", "test"):
        out = left_out("squad", titles, part)
        own = [title for title in titles if part_of("squad", title) == part]
        assert out <= set(own)
        assert len(out) == round(len(own) / 3)
    assert left_out("squad", titles, "test") == left_out("squad", titles[::-1], "test")


def test_each_way_reads_what_it_says(embedder: Remembering) -> None:
    reader = SentenceReader(embedder, {"cosine": 0.01, "marked": 1.0, "relevance": 1.0})
    rank = {"relevance": 1.0}
    both = answered(seen(), reader, rank, Way(), K)
    assert [p.uri for p in both.passages] == [PREFIX + "right", PREFIX + "other"]
    assert both.right
    assert both.f1 == 1.0
    best = both.candidates[0]
    assert best.answer is not None
    assert best.passage.words_at(best.answer) == "Oslo"
    unranked = answered(seen(), reader, rank, Way(rerank=False), K)
    assert [p.uri for p in unranked.passages] == [PREFIX + "other", PREFIX + "right"]
    alone = answered(seen(), reader, rank, Way(read=False, rerank=False), K)
    assert all(c.answer is None and "marked" not in c.signals for c in alone.candidates)
    assert 0.0 < alone.f1 < 1.0  # the whole sentence holds more words than the answer


def test_what_is_fitted_prefers_what_answers(embedder: Remembering) -> None:
    answerable = [seen(relevance=3.0 + n / 10) for n in range(20)]
    absent = [seen("absent", relevance=-3.0 - n / 10) for n in range(20)]
    asked = [*answerable, *absent]
    assert rank_weights(answerable)["relevance"] > 0
    fitted = fit({"one": asked}, embedder, Way(), "scorer")
    assert fitted.scorer == "scorer"
    assert set(fitted.rank) == {"fused", "relevance"}
    reader = SentenceReader(embedder, fitted.reader)
    sure = sureness([answered(one, reader, fitted.rank, Way(), K) for one in asked], fitted)
    assert (sure[:20] >= fitted.threshold).all()
    assert np.mean(sure[20:] >= fitted.threshold) <= 0.1
    assert fit({"one": asked}, embedder, Way(read=False, rerank=False), "scorer").scorer == ""
