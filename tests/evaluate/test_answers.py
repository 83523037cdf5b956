"""Measures of answers: counted by hand, equal to the retrieval room's, with intervals where there is a spread."""

from dataclasses import replace
from functools import partial

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openbook.evaluate.answers import (
    Measure,
    answered_at,
    handled,
    of_answers,
    of_retrieval,
    of_words,
    questions,
    share,
)
from openbook.evaluate.asked import Cited, Response, Wanted
from openbook.evaluate.intervals import wilson, wilson_in_groups
from openbook.evaluate.retrieval import recall, reciprocal_rank

HERE = Cited("It is 7 metres long.", "/n/a.md", "line 1", "7 metres")


def asked(answer: str | None, confidence: float, rank: int | None = None, group: str = "") -> tuple[Wanted, Response]:
    sources = () if answer is None else ("/n/a.md",)
    wanted = Wanted("How long is it?", answer is not None, (answer,) if answer else (), sources, group=group)
    return wanted, Response(confidence, (HERE,), 0.1, rank)


def measured(pairs: list[tuple[Wanted, Response]]):
    return questions([wanted for wanted, _ in pairs], [response for _, response in pairs])


FOUR = [asked("7 metres", 0.9), asked("8 metres", 0.8), asked("7 metres", 0.1), asked(None, 0.7), asked(None, 0.2)]


def values(measures: list[Measure]) -> dict[str, tuple[float, int]]:
    return {one.name: (one.value, one.n) for one in measures}


def test_answers_counted_by_hand() -> None:
    found = measured(FOUR)
    answered = answered_at(found, 0.7)
    assert answered == [True, True, False, True, False]
    assert handled(found, answered) == [True, False, False, False, True]
    assert values(of_answers(found, answered)) == {
        "answerable: answered": (2 / 3, 3),
        "of those answered, right": (1 / 2, 2),
        "without an answer: answered": (1 / 2, 2),
        "of all: answered wrongly": (2 / 5, 5),
        "of all: handled rightly": (2 / 5, 5),
    }
    exact, f1 = of_words(found, answered)
    assert (exact.value, f1.value, exact.n) == (0.5, 0.75, 2)


def test_what_no_question_bears_on_is_left_out() -> None:
    found = measured([asked(None, 0.5), asked(None, 0.6)])
    names = values(of_answers(found, answered_at(found, 0.9)))
    assert set(names) == {"without an answer: answered", "of all: answered wrongly", "of all: handled rightly"}
    assert of_words(found, [True, True]) == of_retrieval(found, [1]) == []
    nothing = questions([FOUR[0][0]], [Response(0.0, (), 0.1)])
    assert answered_at(nothing, 0.0) == [False]  # nothing was cited, so nothing can be shown


def test_intervals_are_of_whole_groups_and_none_of_one_question() -> None:
    found = measured(FOUR)
    first = of_answers(found, [True] * 5)[0]
    assert first.interval == wilson(3, 3)
    grouped = measured([asked("7 metres" if n < 4 else "8", 0.9, group=f"g{n // 4}") for n in range(8)])
    right = of_answers(grouped, [True] * 8)[1]
    assert right.interval == wilson_in_groups([True] * 4 + [False] * 4, [0] * 4 + [1] * 4)
    assert all(one.interval is None for one in of_answers(measured(FOUR[:1]), [True]))


@given(st.lists(st.one_of(st.none(), st.integers(1, 8)), min_size=1, max_size=12), st.integers(1, 8))
def test_recall_and_mrr_are_those_of_one_relevant_document(ranks: list[int | None], k: int) -> None:
    found = measured([asked("7", 0.5, rank) for rank in ranks])
    at_k, mrr = of_retrieval(found, [k])
    rankings = [[f"d{n}" if n != rank else "wanted" for n in range(1, 9)] for rank in ranks]
    for measure, of in ((at_k, partial(recall, k=k)), (mrr, reciprocal_rank)):
        each = [of(ranking, {"wanted": 1}) for ranking in rankings]
        assert measure.value == pytest.approx(sum(each) / len(each))


def test_quotes_have_ranks_of_their_own() -> None:
    wanted, response = asked("7", 0.5, 1)
    found = questions([replace(wanted, quotes=("7 metres long",))], [replace(response, quote_rank=4)])
    assert values(of_retrieval(found, [3])) == {
        "document: recall@3": (1.0, 1),
        "document: MRR": (1.0, 1),
        "passage: recall@3": (0.0, 1),
        "passage: MRR": (0.25, 1),
    }


def test_a_mean_of_zeros_and_ones_has_the_interval_of_a_share() -> None:
    found = measured([asked("7 metres", 0.9, 1)] * 3)
    assert {one.name: one.interval for one in of_retrieval(found, [])} == {"document: MRR": wilson(3, 3)}
    assert of_words(found, [True] * 3)[0].interval == wilson(
        3, 3
    )  # exact match: certain of nothing, all alike as it is


def test_outcomes_of_one_question_are_a_group() -> None:
    found = measured(FOUR)
    ours = share(found, "x", [0, 0, 1, 1], [True, True, False, False])
    assert ours is not None
    assert ours.interval == wilson_in_groups([True, True, False, False], [0, 0, 1, 1])
    alone = share(found, "x", [0, 1, 2, 3], [True, True, False, False])
    assert alone is not None
    assert alone.interval == wilson(2, 4)
