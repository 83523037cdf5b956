"""A server is asked again where that may help, and whatever it does ends in tokens or one line."""

import json
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
from fake_openai import Reply, event, fault, piece, serving, spoken
from served import line_of, opened, said
from tiny_models import asked

from openbook.errors import OpenbookError
from openbook.generate.patience import retry_after
from openbook.values import Decoding


@pytest.mark.parametrize("first", [fault(429, "slow down"), fault(500, "oops"), fault(503, "x"), Reply(cut=True)])
def test_it_is_asked_again_with_growing_waits(first: Reply) -> None:
    waits: list[float] = []
    with serving(first, first, first, spoken("x")) as fake, opened(fake, waits) as model:
        assert [token.text for token in said(model)] == ["x"]
    assert len(waits) == 3
    for wait, longest in zip(waits, (0.1, 0.2, 0.4), strict=True):
        assert longest / 2 <= wait <= longest


def test_it_is_not_asked_for_ever() -> None:
    waits: list[float] = []
    refused = pytest.raises(OpenbookError, match=r"no answer in 4 tries \(HTTP 500: oops\)")
    with serving(fault(500, "oops")) as fake, opened(fake, waits) as model, refused:
        said(model)
    assert (len(fake.asked), len(waits)) == (4, 3)


def test_retry_after_is_honoured_within_bounds() -> None:
    waits: list[float] = []
    with serving(fault(429, "x", ("Retry-After", "7")), spoken("x")) as fake, opened(fake, waits) as model:
        said(model)
    assert waits == [7.0]
    with serving(fault(429, "x", ("Retry-After", "86400"))) as fake:
        assert "asks to wait 86,400 seconds" in line_of(fake)
    assert len(fake.asked) == 1


def test_how_retry_after_is_read() -> None:
    later = format_datetime(datetime.now(UTC) + timedelta(seconds=30), usegmt=True)
    assert 28 < (retry_after(later) or 0) <= 30
    assert retry_after("Wed, 21 Oct 2015 07:28:00 GMT") == 0
    assert [retry_after(text) for text in ("", "soon", "nan", "-1", "1e999", "2.5")] == [None] * 5 + [2.5]


def test_nothing_is_repeated_once_a_token_was_given() -> None:
    with serving(Reply([piece("Hel"), piece("lo")], cut=True)) as fake, opened(fake) as model:
        stream = model.stream(asked("x"), Decoding())
        assert next(stream).text == "Hel"
        with pytest.raises(OpenbookError, match="broke off"):
            next(stream)
    assert len(fake.asked) == 1


@pytest.mark.parametrize(
    ("reply", "said"),
    [
        (Reply(["data: {garbage\n\n"]), "no JSON object"),
        (Reply(["data: [1]\n\n"]), "no JSON object"),
        (Reply(["data: " + "[" * 100_000 + "\n\n"]), "no JSON object"),
        (Reply([event(error={"message": "out of\nmemory"})]), "the server stopped: out of memory"),
        (Reply(["data: " + "x" * 1_100_000]), "longer than any model's"),
        (Reply([piece("a"), 2.0]), "has said nothing for 0.5 seconds"),
        (Reply([*[": still there\n\n", 0.3] * 20]), "goes on after 1.5 seconds"),
        (Reply([piece("Hel")]), "broke off"),
        (Reply(["<html>"], kind="text/html"), "answers with text/html"),
        (Reply(status=302, headers=(("Location", "http://127.0.0.1:9/"),)), "sends on to another address"),
        (Reply(["\x00\x01\n no"], 404, "text/plain"), "HTTP 404"),
        (fault(401, "who?"), "wants a key: set OPENBOOK_API_KEY"),
    ],
)  # fmt: skip
def test_whatever_goes_wrong_is_one_line(reply: Reply, said: str) -> None:
    with serving(reply) as fake:
        assert said in line_of(fake)


def test_where_nothing_listens_that_is_said() -> None:
    with serving(spoken("x")) as fake:
        pass
    assert "is it running?" in line_of(fake)


NOTHING = event(choices=[], usage={"prompt_tokens": 7, "completion_tokens": 0})


@pytest.mark.parametrize(
    "reply",
    [
        Reply([json.dumps({"choices": []})], kind="application/json"),
        Reply([json.dumps({"object": "chat.completion"})], kind="application/json"),
        Reply([NOTHING, "data: [DONE]\n\n"]),
        Reply([NOTHING]),
        Reply(["data: [DONE]\n\n"]),
    ],
)
def test_a_reply_without_a_choice_is_no_lost_connection(reply: Reply) -> None:
    with serving(reply) as fake:
        assert line_of(fake) == f"{fake.url} replies with no choice, so with no text: ask again, or another model"
    assert len(fake.asked) == 1
