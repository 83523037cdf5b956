"""With a pair encoder: passages are put in its order, sentences by what it marked, and the words that answer shown.

The scorer is scripted: it marks given words and finds them relevant, so that what follows is tested.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import log

import pytest

from openbook.answer import AskSettings, ask
from openbook.answer.confidence import Calibration
from openbook.answer.exchange import answer_json, parse_answer
from openbook.answer.read import LEAST, SentenceReader, best_answer
from openbook.answer.replay import check
from openbook.answer.together import read_together, reranked
from openbook.encode import SentenceEncoder
from openbook.index import SearchSettings
from openbook.index.sqlite import SqliteStore
from openbook.values import TRUSTED, Chunk, PairScore, Passage, ScoredSpan, Span

QUESTION = "How much is due each month?"


@dataclass(frozen=True)
class Marks:
    """A pair scorer that finds ``words`` wherever they stand."""

    words: str
    sure: float = 0.9
    digest: str = "marks"

    def __call__(
        self, question: str, passages: Sequence[str], headings: Sequence[Sequence[str]] | None = None
    ) -> Sequence[PairScore]:
        assert headings is not None
        assert len(headings) == len(passages)
        return [self._score(text) for text in passages]

    def _score(self, text: str) -> PairScore:
        place = text.find(self.words)
        if place < 0:
            return PairScore(-4.0, 4.0, (ScoredSpan(Span(0, min(3, len(text))), log(0.01)),))
        return PairScore(4.0, -4.0, (ScoredSpan(Span(place, place + len(self.words)), log(self.sure)),))


@pytest.fixture
def pair(calibration: Calibration) -> Calibration:
    """Weights under which the pair encoder decides."""
    reader = {"marked": 1.0, "relevance": 0.5, "cosine": 0.1}
    confidence = {"bias": 0.0, "no_answer": -1.0}
    return replace(
        calibration, reader=reader, confidence=confidence, threshold=0.5, scorer="marks", rank={"relevance": 1.0}
    )


def asked(store: SqliteStore, encoder: SentenceEncoder, pair: Calibration, marks: Marks, settings=AskSettings()):
    return ask(store, encoder, SentenceReader(encoder, pair.reader), pair, QUESTION, settings, marks)


def test_the_marked_sentence_is_quoted_and_its_words_are_pointed_at(
    store: SqliteStore, encoder: SentenceEncoder, pair: Calibration
) -> None:
    found = asked(store, encoder, pair, Marks("15 euros"))
    (sentence, *_) = found.sentences
    (citation,) = sentence.citations
    assert "A late payment costs 15 euros." in sentence.text
    assert citation.answer is not None
    assert citation.answer.of(store.document(citation.document_id).text) == "15 euros"
    assert found.confidence == pytest.approx(1 / (1 + 2.718281828**-4), abs=1e-3)


def test_nothing_marked_is_an_abstention_with_the_nearest_passages(
    store: SqliteStore, encoder: SentenceEncoder, pair: Calibration
) -> None:
    found = asked(store, encoder, pair, Marks("a million dollars"))
    assert found.abstained
    assert found.passages


def test_of_a_pool_the_relevant_are_kept_first(store: SqliteStore, encoder: SentenceEncoder, pair: Calibration) -> None:
    few = AskSettings(SearchSettings(k=1))
    found = asked(store, encoder, pair, Marks("Zentimeter"), few)
    assert [p.uri.rsplit("/", 1)[-1] for p in found.passages] == ["größe.md"]
    assert [stage.name for stage in found.trace.stages] == [
        "embed", "lexical", "dense", "fuse", "pair", "rank", "read", "choose",
    ]  # fmt: skip
    assert found.trace.models["pair encoder"] == "marks"
    unranked = asked(store, encoder, pair, Marks("Zentimeter"), replace(few, pool=0))
    assert [p.uri.rsplit("/", 1)[-1] for p in unranked.passages] != ["größe.md"]


def test_a_saved_answer_is_recomputed_with_its_pair_encoder_and_not_without(
    store: SqliteStore, encoder: SentenceEncoder, pair: Calibration
) -> None:
    found = asked(store, encoder, pair, Marks("950 euros"))
    saved = parse_answer(json.dumps(answer_json(found)).encode(), "saved")
    assert saved.settings.pool == AskSettings().pool
    assert check(saved, asked(store, encoder, pair, Marks("950 euros"))).first is None
    assert check(saved, asked(store, encoder, pair, Marks("15 euros"))).first == "pair"


PASSAGE = Passage(
    Chunk("d", Span(100, 160), (), "line 1"), "It rained on Monday. On Tuesday the sun came out at last. No.", "/d.txt",
    "d", TRUSTED, {"fused": 0.5},
)  # fmt: skip


def test_a_sentence_holds_the_probability_of_the_answers_inside_it(encoder: SentenceEncoder) -> None:
    answers = (
        ScoredSpan(Span(13, 19), log(0.5)),
        ScoredSpan(Span(3, 9), log(0.25)),
        ScoredSpan(Span(15, 30), log(0.2)),
    )
    read = replace(PASSAGE, answers=answers, signals={"relevance": 1.0, "no_answer": 0.0})
    reader = SentenceReader(encoder, {"marked": 1.0})
    by_text = {c.text: c for c in reader("When did it rain?", [read])}
    assert by_text["It rained on Monday."].signals["marked"] == pytest.approx(log(0.75))
    assert by_text["It rained on Monday."].answer == Span(113, 119)
    across = next(c for text, c in by_text.items() if text.startswith("On Tuesday"))
    assert across.signals["marked"] == pytest.approx(log(LEAST))  # an answer across two sentences is in neither
    assert across.answer is None


def test_passages_keep_their_place_where_nothing_tells_them_apart() -> None:
    passages = [replace(PASSAGE, signals={"fused": 0.1, "n": float(n)}) for n in range(5)]
    assert [p.signals["n"] for p in reranked(passages, {"relevance": 2.0}, 3)] == [0, 1, 2]
    assert [p.signals["n"] for p in reranked(passages, {"n": 1.0}, 2)] == [4, 3]


def test_an_empty_answer_points_nowhere() -> None:
    (read,) = read_together(Marks(""), "q", [PASSAGE])
    assert best_answer(read, Span(100, 120)) is None


@pytest.mark.parametrize(
    ("question", "marked"),
    [
        ("How much is due each month?", True),
        ("What is due each month?", True),
        ("How is the rent paid each month?", False),
        ("  why is 950 euros due each month?", False),
    ],
)
def test_words_are_marked_where_words_are_asked_for(
    store: SqliteStore, encoder: SentenceEncoder, pair: Calibration, question: str, marked: bool
) -> None:
    answer = ask(store, encoder, SentenceReader(encoder, pair.reader), pair, question, scorer=Marks("950 euros"))
    assert "950 euros" in answer.sentences[0].text
    assert (answer.sentences[0].citations[0].answer is not None) == marked
