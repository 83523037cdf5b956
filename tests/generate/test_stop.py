"""Stop texts end the output wherever the borders of tokens fall."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openbook.errors import OpenbookError
from openbook.generate.asked import checked
from openbook.generate.stop import ending, until
from openbook.values import Decoding, Token

TEXTS = st.text("ab\n", max_size=30)


@st.composite
def cut(draw: st.DrawFn) -> tuple[str, list[Token]]:
    """A text, and tokens that make it up, some of them empty."""
    text = draw(TEXTS)
    places = sorted(draw(st.lists(st.integers(0, len(text)), max_size=8)))
    return text, [Token(n, text[a:b]) for n, (a, b) in enumerate(pairwise([0, *places, len(text)]))]


@given(cut(), st.lists(st.text("ab\n", min_size=1, max_size=4), max_size=3))
def test_the_output_ends_before_the_stop_that_is_complete_first(
    made: tuple[str, list[Token]], stops: list[str]
) -> None:
    text, tokens = made
    found = [(at + len(stop), at) for stop in stops if (at := text.find(stop)) >= 0]
    end = min(found, default=(0, len(text)))[1]
    given_out = [token for token in until(tokens, stops) if not token.nothing]
    assert "".join(token.text for token in given_out) == text[:end]
    assert [token.id for token in given_out] == list(range(len(given_out)))


def test_a_token_is_given_once_no_stop_can_have_begun_and_another_follows() -> None:
    taken: list[int] = []

    def source():
        for number, text in enumerate(["x", "y", "a", "z", "a", "b"]):
            taken.append(number)
            yield Token(number, text)

    found = until(source(), ["ab"])
    assert next(found).text == "x"
    assert taken == [0, 1]
    assert next(found).text == "y"
    assert taken == [0, 1, 2, 3]
    assert [(token.text, token.finish) for token in found] == [("a", None), ("z", "stop")]


@given(cut(), st.lists(st.text("ab\n", min_size=1, max_size=4), max_size=3), st.text("ab", max_size=2))
def test_the_last_token_and_no_other_says_why_it_ends(
    made: tuple[str, list[Token]], stops: list[str], rest: str
) -> None:
    text, tokens = made
    found = list(until([*tokens, ending("context", rest)], stops))
    stopped = any(stop in text + rest for stop in stops)
    assert [token.finish for token in found[:-1]] == [None] * (len(found) - 1)
    assert found[-1].finish == ("stop" if stopped else "context")
    if not stopped:
        assert "".join(token.text for token in found) == text + rest
        assert len(found) == max(len(tokens), 1)


def test_an_output_of_no_tokens_says_why() -> None:
    (only,) = until([ending("end")], ["x"])
    assert only.nothing
    (only,) = until([Token(3, "xy")], ["x"])
    assert (only.nothing, only.finish) == (True, "stop")


@pytest.mark.parametrize(
    "decoding",
    [
        Decoding(max_tokens=0), Decoding(max_tokens=10**9), Decoding(temperature=-1), Decoding(top_k=-1),
        Decoding(temperature=float("nan")), Decoding(temperature=float("inf")), Decoding(top_p=0),
        Decoding(top_p=1.1), Decoding(seed=-1), Decoding(overflow="cut"),
        Decoding(min_p=-0.1), Decoding(min_p=1.1), Decoding(min_p=float("nan")),
        Decoding(repetition_penalty=0), Decoding(repetition_penalty=101),
        Decoding(alternatives=21), Decoding(stop=("",)), Decoding(stop=("x" * 2_000,)), Decoding(stop=("x",) * 20),
        Decoding(schema={"enum": ["x" * 200_000]}), Decoding(schema={"a": float("nan")}), Decoding(schema={"a": {1}}),
    ],
)  # fmt: skip
def test_what_may_not_be_asked_is_one_line(decoding: Decoding) -> None:
    with pytest.raises(OpenbookError) as caught:
        checked(decoding)
    assert "\n" not in str(caught.value)


def test_what_may_be_asked_comes_back() -> None:
    decoding = Decoding(1, 0.0, 0, 1.0, 0, ("a",), 20, {"type": "object"})
    assert checked(decoding) is decoding
