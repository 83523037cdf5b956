"""Strategies: what is sent, how texts are voted on and scored, what is counted, and what is refused."""

import math
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openbook.errors import OpenbookError
from openbook.evaluate.self_consistency import majority_by_the_equation
from openbook.generate.reasoning import (
    Example,
    How,
    Wording,
    best_of_n,
    chain_of_thought,
    direct,
    few_shot,
    self_consistency,
)
from openbook.generate.reasoning.outcome import Spent
from openbook.generate.reasoning.reading import number
from openbook.generate.reasoning.several import best, mean_log_probability, voted, weighted
from openbook.generate.samples import Sample
from openbook.values import TRUSTED, Decoding, Label, Part, Prompt, Token

QUESTION: Prompt = (Part("What is 2 + 3?", TRUSTED, "user"),)
WORDING = Wording()
WARM = How(Decoding(max_tokens=50, temperature=1.0))


class Scripted:
    """Says the text of its seed, a word a token, and remembers what it was asked."""

    name = "scripted"

    def __init__(self, *texts: str, logprob: float | None = -0.5) -> None:
        self.texts, self.logprob = texts, logprob
        self.asked: list[Prompt] = []

    def stream(self, prompt: Prompt, decoding: Decoding) -> Iterator[Token]:
        number = len(self.asked) if decoding.temperature == 0 else decoding.seed
        self.asked.append(prompt)
        for word in self.texts[number % len(self.texts)].split(" "):
            yield Token(1, word + " ", self.logprob)


def test_direct_asks_for_the_answer_alone_after_the_question() -> None:
    model = Scripted("5")
    found = direct(model, QUESTION, How())
    assert (found.answer, found.texts, found.spent) == ("5", ("5 ",), Spent(None, 1, 1))
    assert model.asked == [(*QUESTION, Part(WORDING.direct, TRUSTED, "user"))]


def test_steps_come_from_an_instruction() -> None:
    model = Scripted("2 + 3 = 5. The answer is 5.")
    found = chain_of_thought(model, QUESTION, How())
    assert found.answer == "5"
    assert model.asked == [(*QUESTION, Part(WORDING.steps, TRUSTED, "user"))]


def test_an_answer_that_cannot_be_read_is_asked_for_once_more() -> None:
    outside = Label(frozenset({"web"}))
    model = Scripted("let me see", "it is 5")
    found = chain_of_thought(model, (Part("2 + 3?", outside, "user"),), How())
    assert (found.answer, found.answers, found.unread) == ("5", (None, "5"), 1)
    assert found.spent == Spent(None, 6, 2)
    assert model.asked[1][-2] == Part("let me see ", outside, "assistant")
    assert model.asked[1][-1].text == WORDING.closing
    silent = Scripted("let me see")
    assert chain_of_thought(silent, QUESTION, How(wording=Wording(closing=""))).answer is None
    assert len(silent.asked) == 1


def test_examples_are_turns_of_their_own() -> None:
    examples = (Example("1 + 1?", "2", "one and one"), Example("2 + 2?", "4", "two and two"))
    model = Scripted("#### 5")
    few_shot(model, QUESTION, How(examples=examples))
    few_shot(model, QUESTION, How(examples=examples), worked=False)
    worked, plain = ([(part.role, part.text) for part in prompt] for prompt in model.asked)
    assert worked[:2] == [("user", "1 + 1?"), ("assistant", "one and one\nThe answer is 2.")]
    assert plain[2:] == [("user", "2 + 2?"), ("assistant", "The answer is 4."), ("user", "What is 2 + 3?")]


def test_examples_are_bounded_and_whole() -> None:
    for examples, told in (((), "1 to"), ((Example("a", "b"),), "no steps"), ((Example("a", "b", "c"),) * 65, "1 to")):
        with pytest.raises(OpenbookError, match=told):
            few_shot(Scripted("5"), QUESTION, How(examples=examples))


def test_most_votes_win_and_nothing_is_hidden() -> None:
    model = Scripted("it is 4", "it is 5", "no idea", "#### 5", "so 4.0", "5")
    found = self_consistency(model, QUESTION, WARM, 6)
    assert found.answer == "5"
    assert dict(found.vote) == {"5": 3, "4": 2}
    assert (found.unread, found.tied, found.spent.calls) == (1, (), 6)


def test_a_tie_is_shown_and_the_first_is_taken() -> None:
    found = self_consistency(Scripted("4", "5", "5", "4"), QUESTION, WARM, 4)
    assert (found.answer, found.tied) == ("4", ("4", "5"))


def test_fewer_votes_are_the_first_of_more() -> None:
    model = Scripted("4", "5", "5", "6", "5")
    many = self_consistency(model, QUESTION, WARM, 5)
    for n in range(1, 6):
        few = self_consistency(model, QUESTION, WARM, n)
        assert few.answers == many.answers[:n]
        assert voted(many.texts[:n], number, few.spent) == few


@given(st.lists(st.sampled_from(["1", "2", "3", "none"]), min_size=1, max_size=12))
def test_the_vote_is_the_equation(texts: list[str]) -> None:
    found = voted(texts, number, Spent(0, 0, 1))
    reference = majority_by_the_equation(texts, number)
    assert found.answer == (None if reference.answer is None else number(reference.answer))
    assert sum(found.vote.values()) + found.unread == len(texts)


def test_votes_need_a_temperature() -> None:
    with pytest.raises(OpenbookError, match="temperature 0"):
        self_consistency(Scripted("5"), QUESTION, How(), 3)


def test_texts_are_bounded() -> None:
    for n, how in ((0, WARM), (257, WARM), (256, How(Decoding(max_tokens=50_000, temperature=1.0)))):
        with pytest.raises(OpenbookError, match=r"ask for"):
            self_consistency(Scripted("5"), QUESTION, how, n)


def test_the_best_is_chosen_by_any_scorer() -> None:
    model = Scripted("it is 4", "it is 555", "nothing but a very long text")
    seen: list[str] = []

    def longest(prompt: str, text: str) -> float:
        seen.append(prompt)
        return len(text)

    found = best_of_n(model, QUESTION, WARM, 3, longest)
    assert found.answer == "555"
    assert found.scores == (8.0, 10.0, -math.inf)
    assert seen[0].startswith("What is 2 + 3?")


@given(st.lists(st.tuples(st.sampled_from(["1", "2", "3", "none"]), st.floats(0, 8)), min_size=1, max_size=12))
def test_a_weighted_vote_is_the_equation(drawn: list[tuple[str, float]]) -> None:
    texts, weights = [text for text, _ in drawn], [weight for _, weight in drawn]
    found = weighted(texts, weights, number, Spent(0, 0, 1))
    sums = {answer: sum(weight for text, weight in drawn if text == answer) for answer in texts if answer != "none"}
    assert (found.answer is None) == (not sums)
    assert found.answer is None or sums[found.answer] == max(sums.values())
    equal = weighted(texts, [1.0] * len(texts), number, Spent(0, 0, 1))
    assert equal.answer == voted(texts, number, Spent(0, 0, 1)).answer


@pytest.mark.parametrize("weight", [-1.0, math.nan, math.inf])
def test_a_weight_is_no_less_than_none(weight: float) -> None:
    with pytest.raises(OpenbookError, match="weight"):
        weighted(["4"], [weight], number, Spent(0, 0, 1))


def test_without_a_scorer_the_likeliest_by_the_token_is_best() -> None:
    assert mean_log_probability(Sample("a b", (-1.0, -3.0))) == -2.0
    assert mean_log_probability(Sample("", None)) == -math.inf
    assert best_of_n(Scripted("4", "5"), QUESTION, WARM, 2).answer == "4"
    with pytest.raises(OpenbookError, match="does not say"):
        best_of_n(Scripted("4", "5", logprob=None), QUESTION, WARM, 2)


def test_a_score_that_is_no_number_is_refused() -> None:
    with pytest.raises(OpenbookError, match="mend the scorer"):
        best(["4"], [math.nan], number, Spent(0, 0, 1))


def test_nothing_readable_is_no_answer() -> None:
    assert best(["?"], [1.0], number, Spent(0, 0, 1)).answer is None
    assert voted(["?"], number, Spent(0, 0, 1)).answer is None


def test_examples_stand_before_every_text_of_a_vote() -> None:
    model = Scripted("5")
    self_consistency(model, QUESTION, How(WARM.decoding, examples=(Example("1 + 1?", "2", "s"),)), 2)
    assert {len(prompt) for prompt in model.asked} == {3}


def test_tokens_are_unknown_where_an_engine_says_nothing() -> None:
    assert direct(Scripted("5", logprob=None), QUESTION, How()).spent == Spent(None, None, 1)
    assert (Spent(1, None, 1) + Spent(2, 3, 1)) == Spent(3, None, 2)
    assert Spent(1, 2, 1).total == 3
