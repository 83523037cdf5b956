"""Contexts built otherwise: nothing is lost but what is meant to be, order and labels are kept."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openbook.generate.context_compress import compressed, supporting
from openbook.generate.context_order import best_last, by_relevance, edges_first, fewer
from openbook.generate.context_prompt import DOCUMENTS_FIRST, QUESTION_TWICE, prompt_of
from openbook.values import Label, Part


@given(st.lists(st.integers(), max_size=30))
def test_orders_keep_every_item(items: list[int]) -> None:
    assert sorted(edges_first(items)) == sorted(best_last(items)) == sorted(items)


@given(st.integers(1, 30))
def test_from_either_edge_to_the_middle_it_only_gets_worse(count: int) -> None:
    ranks = edges_first(range(count))
    worst = ranks.index(count - 1)
    assert ranks[0] == 0
    assert ranks[: worst + 1] == sorted(ranks[: worst + 1])
    assert ranks[worst:] == sorted(ranks[worst:], reverse=True)


def test_edges_first_by_hand() -> None:
    assert edges_first([1, 2, 3, 4, 5]) == [1, 3, 5, 4, 2]
    assert edges_first([1, 2, 3, 4]) == [1, 3, 4, 2]


def test_the_best_few_and_the_order_by_scores() -> None:
    assert fewer("abc", 2) == ["a", "b"]
    assert fewer("abc", 9) == ["a", "b", "c"]
    assert by_relevance("abcd", [0.1, 0.9, 0.9, 0.5]) == ["b", "c", "d", "a"]
    with pytest.raises(ValueError, match="at least one"):
        fewer("abc", 0)
    with pytest.raises(ValueError, match="give one for each"):
        by_relevance("abc", [1.0])


def longest(question: str, sentences: list[str]) -> list[float]:
    return [float(len(sentence)) for sentence in sentences]


def test_the_sentences_kept_are_whole_in_order_and_of_their_passage() -> None:
    passages = ["One. A much longer sentence here. Two.", "Tiny. Another quite long sentence."]
    assert compressed("?", passages, longest, 2) == ["A much longer sentence here.", "Another quite long sentence."]
    assert compressed("?", passages, longest, 1) == ["A much longer sentence here.", ""]
    assert compressed("?", passages, longest, 99) == passages
    assert compressed("?", ["", " "], longest, 2) == ["", ""]
    with pytest.raises(ValueError, match="at least one"):
        compressed("?", passages, longest, 0)


@given(st.lists(st.text(alphabet="ab. ", max_size=30), max_size=5), st.integers(1, 6))
def test_what_is_kept_are_slices_in_order(passages: list[str], keep: int) -> None:
    spans = supporting("?", passages, longest, keep)
    assert sum(map(len, spans)) <= keep
    for own, text in zip(spans, passages, strict=True):
        assert all(span.of(text) for span in own)
        assert own == sorted(own)


def test_a_prompt_keeps_labels_and_numbers_several_documents() -> None:
    label = Label(frozenset({"web"}))
    one, two = Part("first", label, "document"), Part("second", label, "document")
    assert [part.text for part in prompt_of("Q?", [one, two], DOCUMENTS_FIRST)][1:] == [
        "[1]\nfirst",
        "[2]\nsecond",
        "Q?",
    ]
    twice = prompt_of("Q?", [one], QUESTION_TWICE)
    assert [part.text for part in twice][1:] == ["Q?", "first", "Q?"]
    assert [part.label for part in twice if part.role == "document"] == [label]
