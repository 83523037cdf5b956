"""SQuAD 2.0 scoring: golden cases worked by hand from the official definition, and what must always hold."""

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openbook.evaluate.reading import exact_match, normalised, token_f1
from openbook.evaluate.scores import BadScores

words = st.lists(st.sampled_from(["the", "a", "cat", "Cat,", "sat", "1,000", "-", "An", "x"]), max_size=6).map(" ".join)


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        ("The  Cat,\tsat.", "cat sat"),
        ("an apple a day", "apple day"),
        ("U.S.A.", "usa"),  # the full stops go first, so no lone "a" is left to drop
        ("a.b", "ab"),
        ("vitamin A", "vitamin"),  # an article is one wherever it stands
        ("theatre anthem", "theatre anthem"),  # whole words only
        ("1,000.50", "100050"),
        ("the-end", "theend"),  # the hyphen goes first, which joins the words
        ("« Été » — the", "« été » —"),  # only ASCII punctuation is removed
        ("The\u00a0the", ""),
        ("l’a b", "l’ b"),  # U+2019 stays, and is a word boundary
        ("", ""),
    ],
)
def test_normalisation(answer: str, expected: str) -> None:
    assert normalised(answer) == expected


@pytest.mark.parametrize(
    ("answer", "references", "match", "f1"),
    [
        ("the Denver Broncos!", ["Denver Broncos"], 1, 1),
        ("Broncos", ["Denver Broncos", "Carolina"], 0, 2 / 3),  # P = 1, R = 1/2
        ("in the city of Paris", ["Paris, France", "Paris"], 0, 2 / 5),  # 4 tokens against 1: P = 1/4, R = 1
        ("red red blue", ["red blue blue"], 0, 2 / 3),  # bags share one red and one blue: P = R = 2/3
        ("cat", ["dog"], 0, 0),
        ("", ["Paris"], 0, 0),  # silence on an answerable question
        ("the", ["Paris"], 0, 0),  # nothing is left of the answer
        ("", [], 1, 1),  # silence on an unanswerable one
        ("", [""], 1, 1),
        ("a", [], 1, 1),  # an article alone says nothing, as officially scored
        ("Paris", [], 0, 0),
        ("", ["the", "!"], 1, 1),  # references that say nothing are dropped
        ("", ["the", "Paris"], 0, 0),  # ... but not beside one that does
        ("Paris", ["", "Paris"], 1, 1),
    ],
)
def test_golden_scores(answer: str, references: list, match: float, f1: float) -> None:
    assert exact_match(answer, references) == match
    assert token_f1(answer, references) == pytest.approx(f1)


@given(words, st.lists(words, max_size=4))
def test_f1_bounds_exact_match_and_more_references_never_hurt(answer: str, references: list) -> None:
    assert 0 <= exact_match(answer, references) <= token_f1(answer, references) <= 1
    if any(map(normalised, references)):
        assert token_f1(answer, [*references, "cat"]) >= token_f1(answer, references)


@given(words, words)
def test_two_answers_score_the_same_either_way_round(left: str, right: str) -> None:
    if normalised(left) and normalised(right):
        assert token_f1(left, [right]) == token_f1(right, [left])


@given(st.text())
def test_an_answer_equals_itself_and_normalising_twice_changes_nothing(answer: str) -> None:
    assert exact_match(answer, [answer]) == 1
    assert token_f1(answer, [answer]) == 1
    assert not set(normalised(answer)) & set(string.punctuation)


def test_one_string_for_references_is_refused() -> None:
    with pytest.raises(BadScores, match="list of strings"):
        exact_match("Paris", "Paris")
