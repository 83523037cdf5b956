"""A question and its answer as a statement."""

import pytest

from openbook.evaluate.statements import statement


@pytest.mark.parametrize(
    ("question", "answer", "said"),
    [
        ("Who led the Normans?", "Rollo", "Rollo led the Normans."),
        ("When did he meet King Charles?", "911", "911 did he meet King Charles."),
        ("How many ships were there?", "nine", "Nine ships were there."),
        ("In what town was he baptised?", "Rouen", "In Rouen was he baptised."),
        ("Name a leader of the Normans", "Rollo", "Rollo: Name a leader of the Normans."),
    ],
)
def test_the_answer_takes_the_place_of_what_was_asked_for(question: str, answer: str, said: str) -> None:
    assert statement(question, answer) == said
