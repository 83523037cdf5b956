"""Citation recall and precision as ALCE defines them: a golden table, and a plain reading of the definition."""

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openbook.evaluate.answers import questions
from openbook.evaluate.asked import Backing, Cited, Response, Wanted
from openbook.evaluate.citations import backing, of_citations, of_scorer


def holds(needed: set[str]):
    """A scorer to whom a text backs a statement when it holds every needed word."""
    return lambda said, texts: [needed <= set(text.split()) for text in texts]


@pytest.mark.parametrize(
    ("quotes", "expected"),
    [
        (["a b"], Backing(True, (True,))),
        (["a"], Backing(False, (False,))),
        ([], Backing(False, ())),
        (["a", "b"], Backing(True, (True, True))),  # each is needed
        (["a b", "c"], Backing(True, (True, False))),  # the second is neither needed nor enough
        (["a b", "a b"], Backing(True, (True, True))),  # each is enough
        (["a", "c"], Backing(False, (False, False))),  # a statement that is not backed has no precise citation
        (["a", "b", "a"], Backing(True, (False, True, False))),  # either a could go
    ],
)
def test_alce_by_hand(quotes: list[str], expected: Backing) -> None:
    assert backing("a and b", quotes, holds({"a", "b"})) == expected


@given(st.lists(st.lists(st.sampled_from("abc"), min_size=1, max_size=3), min_size=1, max_size=4))
def test_alce_by_its_definition(words: list[list[str]]) -> None:
    quotes = [" ".join(each) for each in words]
    scorer = holds({"a", "b"})

    def backs(texts: Sequence[str]) -> bool:
        return bool(texts) and scorer("", [" ".join(texts)])[0]

    recall = backs(quotes)
    irrelevant = [
        not backs([quote]) and backs([other for at, other in enumerate(quotes) if at != n])
        for n, quote in enumerate(quotes)
    ]
    assert backing("", quotes, scorer) == Backing(recall, tuple(recall and not each for each in irrelevant))


def test_where_citations_stand_is_counted_over_what_is_answered() -> None:
    wanted = [
        Wanted("How long is it?", True, ("7",), ("/a",), ("it is seven metres long",)),
        Wanted("How wide is it?", True, (), ("/b",)),
        Wanted("How old is it?", False),
    ]
    here = Cited("It is seven metres long.", "/a", "line 1", "seven")
    there = Cited("Something else.", "/b", "line 1", "else")
    back = [
        Response(0.9, (here, there), 0.1, backing=Backing(True, (True, False))),
        Response(0.9, (here,), 0.1),
        Response(0.9, (there,), 0.1),
    ]
    found = questions(wanted, back)
    counted = {one.name: (one.value, one.n) for one in of_citations(found, [True, True, True])}
    assert counted == {
        "cited sentences in the named document": (1 / 3, 3),
        "cited sentences on the named quote": (1 / 2, 2),
        "answers whose citations back the right one": (1.0, 1),
        "citations that are needed or enough for it": (1 / 2, 2),
    }
    assert of_citations(found, [False, False, True]) == []


def test_what_the_scorer_is_worth_is_asked_of_quotes_and_of_strangers() -> None:
    seen: list[tuple[str, str]] = []

    def backs(said: str, texts: Sequence[str]) -> list[bool]:
        seen.extend((said, text) for text in texts)
        return [text == "named 1" for text in texts]

    wanted = [Wanted(f"Who is {n}?", True, (f"x{n}",), (), ("other", f"named {n}")) for n in range(5)]
    back = [Response(0.5, (Cited(f"x{n}", "/a", "", ""),), 0.1, backing=Backing(True, (True,))) for n in range(5)]
    named, strange = of_scorer(questions(wanted, back), backs)
    assert (named.value, named.n) == (1 / 5, 5)
    assert (strange.value, strange.n) == (0.0, 5)
    assert len(seen) == 15
    assert not any(said.startswith(f"{text.upper()} ") for said, text in seen)  # never its own citation
    assert [one.n for one in of_scorer(questions(wanted[:1], back[:1]), backs)] == [1]  # no other to take from
    assert of_scorer(questions([Wanted("q", False)], [Response(0.1, (), 0.1)]), backs) == []
