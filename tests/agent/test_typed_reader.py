"""Typed values from text, by rules: what is there is found, what is not is said, and nothing in the text is obeyed."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openbook.agent.tool import ToolFailed
from openbook.agent.typed_reader import read_typed
from openbook.guard.labelled import tainted


def read(text: str, schema: dict[str, object], question: str = "") -> object:
    return read_typed(tainted(text, "a page"), question, schema)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("text", "question", "number"),
    [
        ("The rent is 1,950.50 euros.", "How much is the rent?", 1950.5),
        ("a notice period of three months", "", 3),
        ("240 passengers and 36 cars", "How many cars does it take?", 36),
        ("112 GB\n7 billion parameters then need 112 GB", "How many GB do 7 billion parameters need?", 112),
        ("22.7M parameters", "", 22_700_000),
        ("3.5 million people", "", 3_500_000),
        ("two hundred rooms", "", 200),
        ("-4 degrees", "", -4),
        ("planted in 1987", "When was it planted?", 1987),
    ],
)
def test_numbers(text: str, question: str, number: float) -> None:
    assert read(text, {"type": "number"}, question) == number


@pytest.mark.parametrize(
    ("text", "schema", "value"),
    [
        ("since 3 May 2019", {"type": "string", "format": "date"}, "2019-05-03"),
        ("on 2024-02-30, no: 2024-02-29", {"type": "string", "format": "date"}, "2024-02-29"),
        ("takes 55 minutes", {"type": "string", "format": "quantity"}, "55 minutes"),
        ("takes five minutes", {"type": "string", "format": "quantity"}, "5 minutes"),
        ("write to ann@example.org.", {"type": "string", "format": "email"}, "ann@example.org"),
        ("see https://example.org/a.", {"type": "string", "format": "uri"}, "https://example.org/a"),
        ("the red one, not the blue", {"enum": ["blue", "red"]}, "red"),
        ("Yes, it is.", {"type": "boolean"}, True),
        ("42 rooms", {"type": "integer"}, 42),
        (" as it is ", {"type": "string"}, "as it is"),
    ],
)
def test_other_types(text: str, schema: dict[str, object], value: object) -> None:
    assert read(text, schema) == value


@pytest.mark.parametrize(
    ("text", "schema"),
    [
        ("no figure here", {"type": "number"}),
        ("2.5 rooms", {"type": "integer"}),
        ("today", {"type": "string", "format": "date"}),
        ("5 blah", {"type": "string", "format": "quantity"}),
        ("nobody", {"type": "string", "format": "email"}),
        ("green", {"enum": ["blue", "red"]}),
        ("x", {"type": "object"}),
        ("x", {}),
    ],
)
def test_what_is_not_there_is_said(text: str, schema: dict[str, object]) -> None:
    with pytest.raises(ToolFailed) as error:
        read(text, schema)
    assert "\n" not in str(error.value)


@given(st.text(max_size=200), st.sampled_from(["number", "integer", "boolean"]))
def test_any_text_gives_a_value_of_the_type_or_a_line(text: str, kind: str) -> None:
    try:
        value = read(text, {"type": kind})
    except ToolFailed:
        return
    assert isinstance(value, {"number": (int, float), "integer": int, "boolean": bool}[kind])


@pytest.mark.parametrize(
    "address",
    [
        "https://example.org/4350/2024-05-01/7-km",
        "[the lease](https://example.org/a_(4350)/2024-05-01?x=7%20km)",
        "[the lease](pages/4350-2024-05-01-7km.html)",
        "<mailto:room4350@example.org>",
        "room.4350@example.org",
        "www.example.org/4350",
        "example.org/2024-05-01/4350",
        "[1]: files/4350",
    ],
)
def test_nothing_is_read_from_an_address(address: str) -> None:
    said = f"{address}\nThe deposit is 1,800 euros, 3 kg, due on 1 June 2025."
    assert read(said, {"type": "number"}) == 1_800
    assert read(said, {"type": "string", "format": "date"}) == "2025-06-01"
    assert read(said, {"type": "string", "format": "quantity"}) == "3 kg"
    with pytest.raises(ToolFailed):
        read(address, {"type": "number"})
