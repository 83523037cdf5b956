"""Sentences are shortened by leaving clauses out: the answer and what the question names stay."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openbook.heads.shortened import holding, shortened
from openbook.values import Span

CASES = [
    (
        "The bridge, designed by Ada Stone (1801-1870), was opened in 1851, which made the ferry useless.",
        "1851",
        "When was the bridge opened?",
        "The bridge was opened in 1851.",
    ),
    (
        "The bridge, designed by Ada Stone (1801-1870), was opened in 1851, which made the ferry useless.",
        "Ada Stone",
        "Who designed the bridge?",
        "The bridge, designed by Ada Stone, was opened in 1851.",
    ),
    (
        "It carries carts, barges, sheep, cattle and mail.",
        "sheep",
        "What does it carry?",
        "It carries carts, barges, sheep, cattle and mail.",
    ),
]


@pytest.mark.parametrize(("sentence", "answer", "question", "expected"), CASES)
def test_clauses_that_are_not_asked_for_go(sentence: str, answer: str, question: str, expected: str) -> None:
    at = sentence.index(answer)
    assert shortened(sentence, Span(at, at + len(answer)), question) == expected


@given(st.text(alphabet="ab ,;()[].-\n", min_size=1, max_size=80), st.data())
def test_nothing_is_reworded_and_the_answer_stays(sentence: str, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(sentence) - 1))
    answer = Span(start, data.draw(st.integers(start + 1, len(sentence))))
    found = shortened(sentence, answer, "what was it")
    left = iter(sentence.split())
    letters = "".join(found.split())
    assert _is_within(letters, "".join(left))
    wanted = "".join(answer.of(sentence).split()).rstrip(".")
    assert wanted in letters


def test_the_sentence_that_holds_an_answer() -> None:
    text = "Ann won. Ben lost."
    assert holding(text, Span(9, 12)) == Span(9, 18)
    assert holding(text, Span(4, 12)) is None


def _is_within(short: str, long: str) -> bool:
    rest = iter(long)
    return all(character in rest for character in short)
