"""Two answers mean the same by their words, or where each entails the other."""

from collections.abc import Sequence

import pytest

from openbook.encode.support import open_support
from openbook.evaluate.equivalence import bidirectional, borne_out, entailment, same_words
from openbook.evaluate.self_check import unsupported
from openbook.evaluate.semantic_entropy import meanings
from openbook.values import Support


class Containing:
    """Backs a statement whose words the passage all holds. Remembers what it was asked."""

    digest = "containing"

    def __init__(self) -> None:
        self.asked: list[tuple[str, str]] = []

    def __call__(self, statement: str, passages: Sequence[str]) -> list[Support]:
        self.asked += [(statement, passage) for passage in passages]
        return [Support(0.0, set(statement.split()) <= set(passage.split()), None) for passage in passages]


def test_words_are_compared_as_squad_compares_answers() -> None:
    assert same_words("The Eiffel Tower!", "eiffel tower")
    assert not same_words("in Paris", "Paris")


def test_entailment_must_go_both_ways() -> None:
    support = Containing()
    equivalent = bidirectional(entailment(support))
    assert equivalent("Rome in Italy", "in Italy Rome")
    assert not equivalent("Rome", "Rome in Italy")
    assert not equivalent("Rome in Italy", "Rome")
    assert equivalent("anything", "anything")
    before = len(support.asked)
    assert not equivalent("Rome", "Rome in Italy")
    assert len(support.asked) == before  # a pair is read once
    assert ("anything", "anything") not in support.asked


def test_samples_bear_out_what_they_entail() -> None:
    scores = unsupported(["Rome"], ["Rome in Italy", "Oslo"], borne_out(entailment(Containing())))
    assert scores == [pytest.approx(0.5)]


def test_the_shipped_support_model_can_be_handed() -> None:
    equivalent = bidirectional(entailment(open_support()))
    said = ["The rent is 950 euros a month.", "The monthly rent is 950 euros.", "The lease ends in three months."]
    assert meanings(said, equivalent) == [0, 0, 1]
    assert not equivalent("The capital of France is Rome.", "The capital of France is Paris.")
