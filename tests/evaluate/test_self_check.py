"""A sentence is as suspect as the share of samples that do not bear it out."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openbook.evaluate.scores import BadScores
from openbook.evaluate.self_check import unsupported, unsupported_answer, worst_sentence

shares = st.lists(st.floats(0, 1), min_size=1, max_size=12)


def test_shares_worked_by_hand() -> None:
    samples = ["born in Rome", "born in Oslo", "born in Rome, a lawyer", "a lawyer"]
    sentences = ["Rome", "lawyer", "poet"]
    scores = unsupported(sentences, samples, lambda sentence, sample: float(sentence in sample))
    assert scores == [0.5, 0.5, 1.0]
    assert unsupported_answer(sentences, samples, lambda s, t: float(s in t)) == pytest.approx(2 / 3)
    assert worst_sentence(sentences, scores) == ("poet", 1.0)


@given(shares)
def test_it_is_one_less_the_mean(values: list[float]) -> None:
    left = iter(values)
    (score,) = unsupported(["s"], ["t"] * len(values), lambda *_: next(left))
    assert score == pytest.approx(1 - sum(values) / len(values))


def test_what_cannot_be_compared_is_refused() -> None:
    with pytest.raises(BadScores, match="consistent"):
        unsupported(["s"], ["t"], lambda *_: 1.5)
    for sentences, samples in (([], ["t"]), (["s"], []), ("s", ["t"]), (["s"], "t")):
        with pytest.raises(BadScores, match="samples"):
            unsupported(sentences, samples, lambda *_: 1.0)
    with pytest.raises(BadScores, match="one score for each"):
        worst_sentence(["s"], [])
