"""What a server says, however it is cut into events, becomes tokens that are counted and bounded."""

import json

import pytest
from fake_openai import Reply, event, piece, serving, spoken
from served import opened, said
from tiny_models import asked

from openbook.generate.remote import Usage
from openbook.values import Decoding, Token


def test_tokens_come_as_they_are_written_and_are_counted() -> None:
    with serving(Reply([piece("Hel"), piece("lo"), piece("!"), 60.0])) as fake, opened(fake) as model:
        stream = model.stream(asked("Hello?"), Decoding())
        assert [next(stream).text, next(stream).text] == ["Hel", "lo"]
        stream.close()
    with serving(spoken("Hel", "lo")) as fake, opened(fake) as model:
        assert [token.text for token in said(model)] == ["Hel", "lo"]
        said(model)
        assert model.usage == Usage(2, 14, 4)
        assert model.name == f"{fake.url}#tiny"


def entry(token: str, logprob: float, *top: tuple[str, float]) -> dict[str, object]:
    return {"token": token, "logprob": logprob, "top_logprobs": [{"token": t, "logprob": p} for t, p in top]}


def test_log_probabilities_and_alternatives() -> None:
    both = [entry("A", -0.1, ("B", -3.0), ("A", -0.1), ("C", -9.0)), entry("b", -0.2)]
    halves = [entry("\\xe4\\xbd", -1.0), entry("\\xa0", -0.5)]
    with (
        serving(Reply([piece("Ab", both), piece("你", halves), piece("", finish="stop")])) as fake,
        opened(fake) as model,
    ):
        found = said(model, Decoding(alternatives=2))
    assert found == [
        Token(-1, "A", -0.1, (("A", -0.1), ("B", -3.0))),
        Token(-1, "b", -0.2),
        Token(-1, "", -1.0),
        Token(-1, "你", -0.5, finish="end"),
    ]


@pytest.mark.parametrize(
    "odd",
    [
        event(choices=[]),
        event(choices=None),
        event(choices=[{"delta": None}]),
        event(choices=[{"delta": {"content": 3}}]),
        event(choices=[{"logprobs": {"content": [3]}}]),
        event(usage={"prompt_tokens": "x"}),
        event(x=1),
        ": comment\n\n",
        "event: ping\n\n",
        "\r\n",
    ],
)
def test_events_that_say_nothing_are_passed_over(odd: str) -> None:
    with serving(Reply([odd, piece("x", finish="stop")])) as fake, opened(fake) as model:
        assert [token.text for token in said(model)] == ["x"]


def test_events_may_be_cut_anywhere() -> None:
    whole = (piece("ä你") + piece("🙂", finish="stop")).replace("\n", "\r\n").encode()
    with serving(Reply([whole[n : n + 1] for n in range(len(whole))])) as fake, opened(fake) as model:
        assert [token.text for token in said(model)] == ["ä你", "🙂"]


def test_a_server_that_does_not_stream_is_read_too() -> None:
    whole = {"choices": [{"message": {"content": "All at once."}, "finish_reason": "stop"}]}
    with serving(Reply([json.dumps(whole)], kind="application/json")) as fake, opened(fake) as model:
        assert [token.text for token in said(model)] == ["All at once."]


def test_stops_and_the_most_tokens_hold_whatever_the_server_does() -> None:
    with serving(spoken(*"abcdefgh")) as fake, opened(fake) as model:
        assert "".join(token.text for token in said(model, Decoding(max_tokens=3))) == "abc"
        assert "".join(token.text for token in said(model, Decoding(stop=("de",)))) == "abc"


def test_usage_is_counted_once_also_where_the_most_tokens_are_reached() -> None:
    counted = [event(choices=[{"delta": {"content": c}}], usage={"prompt_tokens": 7, "completion_tokens": n})
               for n, c in enumerate("abcd", start=1)]  # fmt: skip
    with serving(Reply([*counted, piece("", finish="length")])) as fake, opened(fake) as model:
        assert len(said(model, Decoding(max_tokens=4))) == 4
        assert model.usage == Usage(1, 7, 4)
    endless = Reply([piece("x") for _ in range(1_000)])
    with serving(endless) as fake, opened(fake) as model:
        assert len(said(model, Decoding(max_tokens=4))) == 4


def test_a_connection_lost_after_the_end_loses_nothing() -> None:
    with serving(Reply([piece("x", finish="stop")], cut=True)) as fake, opened(fake) as model:
        assert [token.text for token in said(model)] == ["x"]


def test_a_choice_with_an_empty_text_is_a_reply() -> None:
    with serving(spoken()) as fake, opened(fake) as model:
        assert [(token.nothing, token.finish) for token in said(model)] == [(True, "end")]
        assert model.usage == Usage(1, 7, 0)
    silent = {"choices": [{"message": {"content": None}, "finish_reason": None}]}
    with serving(Reply([json.dumps(silent)], kind="application/json")) as fake, opened(fake) as model:
        assert [(token.nothing, token.finish) for token in said(model)] == [(True, "end")]


@pytest.mark.parametrize(
    ("word", "usage", "finish"),
    [
        ("stop", (7, 2), "end"), ("length", (7, 9), "max_tokens"), ("length", (7, 2), "context"),
        ("length", None, "max_tokens"), ("content_filter", (7, 2), "content_filter"),
    ],
)  # fmt: skip
def test_why_it_ended_is_said_in_our_words_or_the_servers(
    word: str, usage: tuple[int, int] | None, finish: str
) -> None:
    counted = [event(choices=[], usage={"prompt_tokens": usage[0], "completion_tokens": usage[1]})] if usage else []
    with serving(Reply([piece("a"), piece("b", finish=word), *counted])) as fake, opened(fake) as model:
        assert [(token.text, token.finish) for token in said(model, Decoding(9))] == [("a", None), ("b", finish)]
        assert said(model, Decoding(1))[-1].finish == ("max_tokens" if word == "length" else finish)
        assert said(model, Decoding(stop=("b",)))[-1].finish == "stop"
    with serving(Reply([piece("", finish=word), *counted])) as fake, opened(fake) as model:
        (only,) = said(model, Decoding(9))
        assert (only.nothing, only.finish) == (True, finish)
