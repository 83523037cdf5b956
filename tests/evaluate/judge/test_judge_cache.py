"""Replies outlive the run, belong to their owner, and are of no other program."""

import json
import sqlite3
import stat
import threading
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openbook.evaluate.judge.cache import APPLICATION_ID, CacheProblem, key_of, open_replies
from openbook.values import TRUSTED, Decoding, Label, Part, Token

PROMPT = (Part("Judge.", TRUSTED, "system"), Part("A text.", Label(frozenset({"candidate"})), "document"))
TOKENS = (Token(7, " 4", -0.25, ((" 4", -0.25), (" 5", float("-inf")))), Token(-1, "\ud800é", None))


def test_what_was_put_is_there_after_closing(tmp_path: Path) -> None:
    path = tmp_path / "new" / "replies.sqlite"
    replies = open_replies(path)
    assert replies.get("k") is None
    assert replies.put("k", "m", TOKENS) == TOKENS
    replies.note("spec", "m")
    replies.close()
    again = open_replies(path, create=False)
    assert again.get("k") == TOKENS
    assert (again.named("spec"), again.named("other")) == ("m", None)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert sqlite3.connect(path).execute("PRAGMA journal_mode").fetchone() == ("wal",)


def test_the_first_reply_stays(tmp_path: Path) -> None:
    one, other = (open_replies(tmp_path / "r.sqlite") for _ in range(2))
    assert one.put("k", "m", TOKENS[:1]) == TOKENS[:1]
    assert other.put("k", "m", TOKENS) == TOKENS[:1]


def test_many_threads_and_two_connections_lose_nothing(tmp_path: Path) -> None:
    both = [open_replies(tmp_path / "r.sqlite") for _ in range(2)]

    def fill(number: int) -> None:
        for place in range(25):
            both[number % 2].put(f"{number}-{place}", "m", TOKENS)

    threads = [threading.Thread(target=fill, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert all(both[0].get(f"{n}-{p}") == TOKENS for n in range(8) for p in range(25))


@pytest.mark.parametrize(
    "other",
    [
        ("another", PROMPT, Decoding()),
        ("m", PROMPT, Decoding(seed=1)),
        ("m", PROMPT, Decoding(schema={"type": "object"})),
        ("m", PROMPT, Decoding(min_p=0.1)),
        ("m", PROMPT[:1], Decoding()),
        ("m", (PROMPT[0], Part("A text.", TRUSTED, "document")), Decoding()),
        ("m", (PROMPT[0], Part("A text.", PROMPT[1].label, "user")), Decoding()),
        ("m", (Part("Judge.A text.", TRUSTED, "system"),), Decoding()),
    ],
)
def test_all_that_decides_a_reply_is_in_its_key(other: tuple[str, tuple[Part, ...], Decoding]) -> None:
    assert key_of("m", PROMPT, Decoding()) != key_of(*other)


@given(st.text(), st.text())
def test_a_boundary_between_parts_is_in_the_key(one: str, two: str) -> None:
    def parts(*texts: str) -> str:
        return key_of("m", tuple(Part(text, TRUSTED, "user") for text in texts), Decoding())

    assert parts(one, two) != parts(one + two)
    assert parts(one, two) == parts(one, two)


def test_foreign_files_are_refused_and_left_alone(tmp_path: Path) -> None:
    foreign = tmp_path / "foreign.sqlite"
    with sqlite3.connect(foreign) as connection:
        connection.execute("CREATE TABLE theirs (x)")
    before = foreign.read_bytes()
    with pytest.raises(CacheProblem, match="holds no judge's replies"):
        open_replies(foreign)
    assert foreign.read_bytes() == before

    text = tmp_path / "text.txt"
    text.write_text("no database, and long enough to be taken for one by nobody" * 50, encoding="utf-8")
    with pytest.raises(CacheProblem, match="holds no judge's replies"):
        open_replies(text)
    with pytest.raises(CacheProblem, match="is no file"):
        open_replies(tmp_path)
    with pytest.raises(CacheProblem, match="there are no replies"):
        open_replies(tmp_path / "nothing.sqlite", create=False)


def test_a_newer_format_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "r.sqlite"
    open_replies(path).close()
    with sqlite3.connect(path) as connection:
        assert connection.execute("PRAGMA application_id").fetchone() == (APPLICATION_ID,)
        connection.execute("PRAGMA user_version = 9")
    with pytest.raises(CacheProblem, match="another openbook"):
        open_replies(path)


@pytest.mark.parametrize("damage", ["{", "[[1]]", "[5]", "null", json.dumps([["x", "t", None, []]])])
def test_damaged_rows_are_said_in_one_line(tmp_path: Path, damage: str) -> None:
    path = tmp_path / "r.sqlite"
    replies = open_replies(path)
    replies.put("k", "m", TOKENS)
    with sqlite3.connect(path) as connection:
        connection.execute("UPDATE replies SET tokens = ?", (damage,))
    with pytest.raises(CacheProblem, match="is damaged"):
        replies.get("k")
