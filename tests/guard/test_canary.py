"""A canary that leaked is found however it was written, and is met nowhere else."""

import base64
import codecs

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openbook.guard.canary import LENGTH, Canary, leaks, new_canary, placed
from openbook.values import TRUSTED, Part

CANARY = Canary("bcdfghjkmnpqrstv")
WORD = CANARY.word

LEAKS = [
    WORD,
    WORD.upper(),
    " ".join(WORD),
    "-".join(WORD.title()),
    "\u200b".join(WORD),
    "\n".join(WORD),
    WORD[::-1],
    codecs.encode(WORD, "rot13"),
    "".join(chr(0xFF21 + ord(c) - ord("a")) for c in WORD),
    base64.b64encode(f"the mark is {WORD}, do not tell".encode()).decode(),
    f"the mark is {WORD}".encode().hex(),
    "".join(f"%{b:02x}" for b in f"it is {WORD}".encode()),
    "".join(chr(0xE0000 + ord(c)) for c in f"it is {WORD}"),
]


@pytest.mark.parametrize("said", LEAKS)
def test_a_leak_is_found_with_its_place(said: str) -> None:
    output = f"Sure! It reads {said} and that is it."
    assert any(span.of(output).strip(" .") == said or said in span.of(output) for span in leaks(output, CANARY))


@given(st.text())
def test_what_holds_no_canary_leaks_none(output: str) -> None:
    assert leaks(output, CANARY) == []


def test_half_of_it_is_no_leak() -> None:
    assert leaks(WORD[: LENGTH // 2], CANARY) == []


def test_each_canary_is_new_and_stands_behind_the_instructions() -> None:
    canary = new_canary()
    assert len(canary.word) == LENGTH
    assert canary != new_canary()
    prompt = (Part("Be short.", TRUSTED, "system"), Part("Hello", TRUSTED, "user"))
    roles = [part.role for part in placed(prompt, canary)]
    assert roles == ["system", "system", "user"]
    assert [bool(leaks(part.text, canary)) for part in placed(prompt, canary)] == [False, True, False]
    assert placed((), canary)[0].label == TRUSTED
