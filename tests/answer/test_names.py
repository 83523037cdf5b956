"""Names, numbers and addresses of a draft have to stand in its passage; how they are written does not matter."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openbook.answer.names import unheld

PASSAGE = "Eva Berg (hanna@example.org) has led the two GPUs' team in Oslo since 3 May 2019; it cost 1,250.50 euros."


@pytest.mark.parametrize(
    ("said", "missing"),
    [
        ("Eva Berg is reachable at hanna@example.org.", []),
        ("She is reachable at hannas.", ["hannas"]),
        ("She is reachable at hanna@example.com.", ["hanna@example.com"]),
        ("She is reachable at example.", ["example"]),
        ("It cost 1250.50 euros.", []),
        ("It cost 1,250.5 euros.", ["1250.5"]),
        ("It cost 12,500 euros.", ["12500"]),
        ("The team has 2 GPUs.", []),
        ("The team has one GPU.", []),
        ("The team has 3 GPUs in Bergen.", ["Bergen"]),
        ("Since May 2018 she has led it.", ["2018"]),
        ("Led by EVA BERG, of OSLO.", []),
        ("Somebody leads a group there.", []),
        ("Berta leads it.", []),  # a sentence's first word may be any word
        ("I think that Berg's team is in Oslo.", []),
    ],
)
def test_what_is_missed(said: str, missing: list[str]) -> None:
    assert unheld(said, PASSAGE) == missing


def test_a_name_may_come_from_the_question_and_a_number_may_not() -> None:
    question = "Since when has Doctor Berg led the team of 12?"
    assert unheld("The team of Doctor Berg is led since 2019.", PASSAGE, question) == []
    assert unheld("Since 2019 she has led the team of 12.", PASSAGE, question) == ["12"]


@given(st.text(), st.text())
def test_whatever_stands_in_the_passage_is_held(text: str, more: str) -> None:
    assert unheld(text, f"{text} {more}") == []
    assert unheld("", text) == []
