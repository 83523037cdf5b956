"""Statements made of questions: the right answer makes a backed one, another of its kind one that is not."""

import numpy as np

from openbook.heads.examples import Example
from openbook.heads.statements import other_answer, statement_examples
from openbook.values import Span

PASSAGE = "Rollo led the Normans. In 911 he met King Charles, and in 912 he was baptised at Rouen."


def test_another_answer_is_of_the_same_kind_and_shares_no_word() -> None:
    numbers = {other_answer(PASSAGE, ["911"], np.random.default_rng(seed)) for seed in range(20)}
    assert numbers == {"912"}
    names = {other_answer(PASSAGE, ["King Charles"], np.random.default_rng(seed)) for seed in range(20)}
    assert names
    assert not any("Charles" in name or name.isdigit() for name in names if name)
    assert other_answer("Nothing to see here, or there.", ["x"], np.random.default_rng(0)) is None


def test_each_question_makes_a_backed_statement_and_one_that_is_not() -> None:
    asked = Example("q", "squad", "Normans", "When did he meet King Charles?", PASSAGE, (), (Span(26, 29),), True, True)
    wrong, right = statement_examples([asked], 0)
    assert (right.answerable, wrong.answerable) == (True, False)
    assert "911" in right.question
    assert "912" in wrong.question
    assert [span.of(PASSAGE) for span in right.spans] == [PASSAGE[23:]]
    assert not wrong.spans
    assert {e.group for e in (right, wrong)} == {"Normans"}


def test_a_question_without_an_answer_makes_only_what_is_not_backed() -> None:
    asked = Example("q", "squad", "Normans", "When did he lose?", PASSAGE, (), (), False, True)
    assert [e.answerable for e in statement_examples([asked], 0)] == [False]
    mined = Example("q#not", "squad", "Normans", "When did he lose?", PASSAGE, (), (), False, False)
    assert statement_examples([mined], 0) == []
