"""Whether what came back is right: by the answer's words, by a quote, or by the document, in this order."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openbook.evaluate.asked import (
    Cited,
    Response,
    Wanted,
    exact_and_f1,
    first_rank,
    groups_of,
    is_right,
    on_quote,
    overlaps,
    stands_in,
)
from openbook.evaluate.reading import normalised

RENT = Cited("The rent is 950 euros a month.", "/n/lease.md", "line 5", "950 euros")
BACK = Response(0.8, (RENT,), 0.1)
ASKED = Wanted("How much is the rent?", True, ("950 Euros",), ("/n/lease.md",), ("rent is 950 euros a month",))


@pytest.mark.parametrize(
    ("wanted", "right"),
    [
        (ASKED, True),
        (replace(ASKED, answers=("50 euros",)), False),  # whole words alone
        (replace(ASKED, answers=("The",)), False),  # an article alone says nothing
        (replace(ASKED, answers=("three", "950")), True),
        (replace(ASKED, answers=("three",)), False),  # on the quote, and yet not the answer
        (replace(ASKED, answers=()), True),
        (replace(ASKED, answers=(), quotes=("notice period of three months",)), False),
        (replace(ASKED, answers=(), sources=("/n/other.md",)), False),  # the right words in another document
        (replace(ASKED, answers=(), quotes=()), True),
        (replace(ASKED, answerable=False, answers=(), sources=(), quotes=()), False),
    ],
)
def test_right_is_by_words_then_quote_then_document(wanted: Wanted, right: bool) -> None:
    assert is_right(wanted, BACK) is right
    assert not is_right(wanted, Response(0.8, (), 0.1))


def test_a_quote_is_met_by_half_of_the_shorter_in_one_run() -> None:
    whole = "Either party may end the lease with a notice period of three months."
    assert overlaps(whole, "notice period of three months")
    assert overlaps("may end\n  the Lease", whole)
    assert overlaps("lease", "lease")
    assert not overlaps("the rent and the notice period", whole)  # two words in a run, by chance
    assert not overlaps("the", "!")
    assert not overlaps("", whole)


@given(st.text(max_size=40), st.text(max_size=40))
def test_which_is_the_quote_never_matters_and_a_text_meets_itself(left: str, right: str) -> None:
    assert overlaps(left, right) == overlaps(right, left)
    assert overlaps(left, left) == bool(normalised(left))


def test_a_quote_in_a_named_document_is_met_there_alone() -> None:
    assert on_quote(ASKED, RENT)
    assert not on_quote(ASKED, replace(RENT, uri="/n/copy.md"))
    assert on_quote(replace(ASKED, sources=()), replace(RENT, uri="/n/copy.md"))


def test_ranks_count_documents_and_passages() -> None:
    passages = [
        ("/n/garden.txt", "pears"),
        ("/n/garden.txt", "apples"),
        ("/n/lease.md", "notice of three months"),
        ("/n/lease.md", "Rent. The rent is 950 euros a month."),
    ]
    assert first_rank(ASKED, passages) == (2, 4)
    assert first_rank(ASKED, passages[:2]) == (None, None)


def test_words_are_scored_as_squad_does() -> None:
    assert exact_and_f1(ASKED, BACK) == (1.0, 1.0)
    exact, f1 = exact_and_f1(replace(ASKED, answers=("950",)), BACK)
    assert (exact, f1) == (0.0, pytest.approx(2 / 3))
    assert exact_and_f1(ASKED, Response(0.1, (), 0.1)) == (0.0, 0.0)


def test_a_question_without_a_group_stands_alone() -> None:
    assert groups_of([ASKED, ASKED]) is None
    named = groups_of([replace(ASKED, group="a"), ASKED, ASKED, replace(ASKED, group="a")])
    assert named is not None
    assert [named.index(one) for one in named] == [0, 1, 2, 0]


@given(st.lists(st.sampled_from("abcd"), min_size=1, max_size=8), st.lists(st.sampled_from("abcd"), max_size=12))
def test_a_quote_stands_in_a_text_that_shares_half_of_it_in_one_run(words: list[str], more: list[str]) -> None:
    words, text = [f"w{word}" for word in words], [f"w{word}" for word in more]
    least = max(len(words) / 2, min(len(words), 3))
    runs = [words[i:j] for i in range(len(words)) for j in range(i + 1, len(words) + 1) if j - i >= least]
    expected = any(text[at : at + len(run)] == run for run in runs for at in range(len(text) - len(run) + 1))
    assert stands_in(" ".join(words), " ".join(text)) is expected
    if len(words) <= len(text):
        assert overlaps(" ".join(words), " ".join(text)) is expected
