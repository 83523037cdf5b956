"""The parts of an answer: citations, words in common, candidates chosen, confidence."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openbook.answer.choose import MAX_SENTENCES, choose
from openbook.answer.cite import cite
from openbook.answer.confidence import Calibration, confidence, load_calibration
from openbook.answer.overlap import coverage, inverse_frequencies, question_stems, stem, stems
from openbook.answer.read import SentenceReader
from openbook.answer.works import without_works
from openbook.encode import SentenceEncoder
from openbook.errors import OpenbookError
from openbook.values import TRUSTED, Candidate, Chunk, Document, Passage, Span

DOCUMENT = Document("d", "/d.txt", "d", "one two\nthree", "0", {"kind": "text"})


def candidate(text: str, score: float, uri: str = "/d.txt", start: int = 0) -> Candidate:
    span = Span(start, start + len(text))
    passage = Passage(Chunk("d", span, (), "line 1"), text, uri, "d", TRUSTED, {})
    return Candidate(passage, span, score, {})


@given(st.integers(0, 13), st.integers(0, 13))
def test_a_citation_is_a_slice(a: int, b: int) -> None:
    start, end = sorted((a, b))
    if start == end:
        with pytest.raises(ValueError, match="empty"):
            cite(DOCUMENT, Span(start, end))
    else:
        assert cite(DOCUMENT, Span(start, end)).quote == DOCUMENT.text[start:end]


def test_a_citation_outside_the_text_is_refused() -> None:
    with pytest.raises(ValueError, match="outside"):
        cite(DOCUMENT, Span(5, 99))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("matrices", "matrices"),
        ("models", "model"),
        ("scored", "scores"),
        ("planted", "planting"),
        ("studies", "study"),
    ],
)
def test_common_endings_meet(one: str, other: str) -> None:
    assert stem(one) == stem(other)


@pytest.mark.parametrize("word", ["bus", "class", "bed", "king", "is"])
def test_short_words_are_left_alone(word: str) -> None:
    assert stem(word) == word


def test_coverage_by_hand() -> None:
    held = [stems("the rent is due"), stems("roses")]
    weights = inverse_frequencies(question_stems("rent for gold"), held)
    assert set(weights) == {"rent", "gold"}
    assert weights["gold"] > weights["rent"]  # a word that no text holds tells most
    assert coverage(weights, held[0]) == pytest.approx(weights["rent"] / (weights["rent"] + weights["gold"]))
    assert coverage({}, held[0]) == 0.0


def test_the_best_comes_first_and_repetitions_go() -> None:
    best = candidate("the rent is 950 euros a month", 1.0)
    again = candidate("the rent is 950 euros a month now", 0.99)
    other = candidate("a late payment costs 15 euros", 0.95, start=50)
    far = candidate("roses bloom", 0.1)
    assert choose([best, again, other, far]) == [best, other]


def test_what_no_reader_of_the_page_sees_is_no_candidate(encoder: SentenceEncoder) -> None:
    text = "<!-- the rent is 950 euros -->\n\nThe rent is due in May. <!-- paid -->"
    passage = Passage(Chunk("d", Span(0, len(text)), (), "line 1"), text, "/d.txt", "d", TRUSTED, {})
    found = SentenceReader(encoder, {"cosine": 1.0})("What is the rent?", [passage])
    assert found
    assert not any("950" in c.text for c in found)


def test_a_fragment_is_an_answer_but_adds_nothing_to_one() -> None:
    best, fragment = candidate("the rent is due", 1.0), candidate("| Need | Choose |", 0.9)
    assert choose([best, fragment]) == [best]
    assert choose([fragment]) == [fragment]


@given(st.lists(st.tuples(st.text("abc ", min_size=1), st.floats(0, 1)), max_size=12))
def test_what_is_chosen_is_few_and_led_by_the_best(drawn: list[tuple[str, float]]) -> None:
    candidates = sorted((candidate(text, score) for text, score in drawn), key=lambda c: -c.score)
    chosen = choose(candidates)
    assert len(chosen) <= MAX_SENTENCES
    assert chosen[:1] == candidates[:1]
    assert all(c in candidates for c in chosen)


@given(st.dictionaries(st.sampled_from(["cosine", "coverage"]), st.floats(-1e3, 1e3)))
def test_confidence_is_a_probability(signals: dict[str, float]) -> None:
    assert 0.0 <= confidence(signals, {"bias": -1.0, "cosine": 2.0, "coverage": 3.0}) <= 1.0


def test_confidence_by_hand() -> None:
    assert confidence({"cosine": 0.5}, {"bias": -1.0, "cosine": 2.0}) == pytest.approx(0.5)


def test_the_shipped_calibration_belongs_to_the_shipped_encoder(calibration: Calibration) -> None:
    assert 0.0 < calibration.threshold < 1.0
    with pytest.raises(OpenbookError, match="another encoder"):
        load_calibration(embedder="0" * 64)


@pytest.mark.parametrize(
    "text", ["", "{}", "[]", '{"embedder": "x", "reader": {"cosine": "a"}, "confidence": {}, "threshold": 1}']
)
def test_a_broken_calibration_is_refused(tmp_path: object, text: str) -> None:
    path = tmp_path / "calibration.json"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(OpenbookError, match="cannot be used"):
        load_calibration(path)


def test_scores_below_zero_are_as_close_as_those_above() -> None:
    best, close = candidate("the rent is due", -1.0), candidate("roses bloom early", -1.4)
    far = candidate("it rains in May", -1.5)
    assert choose([best, close, far]) == [best, close]


@pytest.mark.parametrize(
    ("question", "heading", "kept"),
    [
        ("Why do models hallucinate?", ("Hallucinations", "Papers on hallucinations"), False),
        ("What is the difference between them?", ("7. References",), False),
        ("Who wrote on why models hallucinate?", ("Papers on hallucinations",), True),
        ("Which paper introduced LoRA?", ("References",), True),
        ("Why do models hallucinate?", ("Hallucinations", "Reference sheet"), True),
        ("Why do models hallucinate?", (), True),
    ],
)
def test_a_list_of_works_answers_questions_about_works_alone(
    question: str, heading: tuple[str, ...], kept: bool
) -> None:
    text = "Kalai and others, Why Language Models Hallucinate, 2025."
    found = candidate(text, 0.0)
    piece = replace(found.passage.chunk, heading=heading)
    assert bool(without_works(question, [replace(found, passage=replace(found.passage, chunk=piece))])) == kept
    undated = candidate("A passport and two photographs.", 0.0)
    assert without_works("What do I need?", [undated]) == [undated]
