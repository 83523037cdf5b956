"""The expectation of a score is the equation's, whatever tokens the numbers were cut into."""

from math import log

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scripted_judges import scored

from openbook.evaluate.judge.expectation import expectation_by_the_equation, expected
from openbook.values import Token

PLACE = len('{"score":')


def test_the_papers_equation() -> None:
    """Liu et al. 2023, eq. 1, by hand: 0.1·1 + 0.2·3 + 0.7·5 = 4.2."""
    assert expectation_by_the_equation({1: 0.1, 3: 0.2, 5: 0.7}) == pytest.approx(4.2)
    assert expectation_by_the_equation({1: 0.05, 3: 0.1, 5: 0.35}) == pytest.approx(4.2)


def test_probability_off_the_scale_is_reported_and_does_not_count() -> None:
    found = expected(scored(("4", 0.5), ("5", 0.25), ("9", 0.1), ('"', 0.1), ("-", 0.05)), PLACE, 1, 5)
    assert found is not None
    assert found.score == pytest.approx((4 * 0.5 + 5 * 0.25) / 0.75)
    assert found.mass == pytest.approx(0.75)
    assert found.open == 0


def test_a_number_counts_with_and_without_its_blank_and_with_what_follows() -> None:
    found = expected(scored((" 4", 0.4), ("4", 0.2), ("4}", 0.1), (" 2 }", 0.3)), PLACE + 1, 1, 5)
    assert found is not None
    assert dict(found.probabilities) == pytest.approx({4: 0.7, 2: 0.3})


def test_the_token_of_the_score_may_begin_before_it() -> None:
    taken = Token(1, '": 3', log(0.6), (('": 3', log(0.6)), ('": 5', log(0.3)), ('":', log(0.1))))
    found = expected([Token(0, '{"score'), taken, Token(2, "}")], PLACE + 1, 1, 5)
    assert found is not None
    assert dict(found.probabilities) == pytest.approx({3: 0.6, 5: 0.3})


def test_a_taken_token_that_is_no_alternative_counts() -> None:
    tokens = [Token(0, '{"score":'), Token(1, "2", log(0.1), (("4", log(0.9)),)), Token(2, "}")]
    found = expected(tokens, PLACE, 1, 5)
    assert found is not None
    assert dict(found.probabilities) == pytest.approx({2: 0.1, 4: 0.9})


def test_ten_of_two_tokens_shares_its_first_digit_with_one() -> None:
    first = Token(1, "1", log(0.8), (("1", log(0.8)), ("7", log(0.2))))
    then = Token(2, "0", log(0.75), (("0", log(0.75)), ("}", log(0.2)), (".", log(0.05))))
    found = expected([Token(0, '{"score":'), first, then, Token(3, "}", log(1.0), (("}", 0.0),))], PLACE, 1, 10)
    assert found is not None
    assert dict(found.probabilities) == pytest.approx({7: 0.2, 10: 0.6, 1: 0.16})
    assert found.mass == pytest.approx(0.96)


def test_a_first_digit_that_nothing_divides_is_left_open() -> None:
    found = expected(scored(("7", 0.6), ("1", 0.3), ("10", 0.1)), PLACE, 1, 10)
    assert found is not None
    assert dict(found.probabilities) == pytest.approx({7: 0.6, 10: 0.1})
    assert found.open == pytest.approx(0.3)


@pytest.mark.parametrize("text", ["04", "²", "٤", "-3", "3.5", "3e1", "three"])
def test_what_is_no_whole_number_of_json_does_not_count(text: str) -> None:
    found = expected(scored(("5", 0.5), (text, 0.5)), PLACE, 1, 5)
    assert found is not None
    assert dict(found.probabilities) == pytest.approx({5: 0.5})


def test_no_log_probabilities_no_expectation() -> None:
    assert expected([Token(0, '{"score":'), Token(1, "4", -0.1), Token(2, "}")], PLACE, 1, 5) is None
    assert expected([], 0, 1, 5) is None


def test_a_log_probability_that_is_no_number_does_not_count() -> None:
    tokens = [Token(0, '{"score":'), Token(1, "4", float("nan"), (("4", float("nan")), ("5", log(0.5)))), Token(2, "}")]
    found = expected(tokens, PLACE, 1, 5)
    assert found is not None
    assert found.score == 5


@given(
    st.dictionaries(st.integers(1, 9), st.floats(0.001, 1), min_size=1),
    st.floats(0, 0.5),
    st.sampled_from(["", " ", "  "]),
)
def test_for_numbers_of_one_token_it_is_the_equation(weights: dict[int, float], elsewhere: float, blank: str) -> None:
    total = sum(weights.values())
    shares = {score: (1 - elsewhere) * w / total for score, w in weights.items()}
    words = [(f"{blank}{score}", p) for score, p in shares.items()]
    found = expected(scored(*words, ("no", max(elsewhere, 1e-9))), PLACE + len(blank), 1, 9)
    assert found is not None
    assert found.score == pytest.approx(expectation_by_the_equation(shares))
    assert found.mass == pytest.approx(1 - elsewhere)
    assert min(weights) - 1e-9 <= found.score <= max(weights) + 1e-9


@given(st.dictionaries(st.integers(0, 100), st.floats(0.001, 1), min_size=1), st.sampled_from([(0, 100), (1, 10)]))
def test_digit_by_digit_nothing_is_lost_or_counted_twice(weights: dict[int, float], scale: tuple[int, int]) -> None:
    """A tokenizer of single digits over a known distribution: what is found on the way is exact, the rest is open."""
    total = sum(weights.values())
    truth = {str(score): w / total for score, w in weights.items()}
    reply = max(truth, key=truth.__getitem__)
    tokens = [Token(0, '{"score":')]
    for place in range(len(reply) + 1):
        begun = {number: p for number, p in truth.items() if number.startswith(reply[:place])}
        following: dict[str, float] = {}
        for number, p in begun.items():
            piece = number[place] if len(number) > place else "}"
            following[piece] = following.get(piece, 0.0) + p / sum(begun.values())
        taken = reply[place] if place < len(reply) else "}"
        tokens.append(Token(1, taken, log(following[taken]), tuple((t, log(p)) for t, p in following.items())))
    found = expected(tokens, PLACE, *scale)
    assert found is not None or not scale[0] <= int(reply) <= scale[1]
    if found is not None:
        assert found.mass + found.open <= 1 + 1e-9
        for score, p in found.probabilities:
            if scale == (0, 100):  # of another scale, a digit may also begin a number that the scale does not have
                assert p == pytest.approx(truth[str(score)])
        if scale == (0, 100):
            assert found.mass + found.open == pytest.approx(1)
