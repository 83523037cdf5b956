"""A model of random weights, which would write anything, writes what the schema allows and nothing else."""

import json
import re
import string
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from tiny_models import asked, make_checkpoint

from benchmarks.drawn_schemas import held
from openbook.errors import OpenbookError
from openbook.generate.constrain import Grammar
from openbook.generate.local import LocalModel
from openbook.generate.torch_engine import open_torch
from openbook.tokens import Tokenizer
from openbook.train.characters import tokenizer_json
from openbook.values import Decoding

LEAVES = st.one_of(
    st.just({"type": "boolean"}),
    st.just({"type": "null"}),
    st.just({"type": "integer", "minimum": -99, "maximum": 99}),
    st.just({"type": "string", "maxLength": 4}),
    st.lists(st.text('ab é"\\', max_size=4), min_size=1, max_size=3, unique=True).map(lambda each: {"enum": each}),
)


def within(inner: st.SearchStrategy[dict[str, Any]]) -> st.SearchStrategy[dict[str, Any]]:
    listed = st.tuples(inner, st.integers(0, 2)).map(
        lambda made: {"type": "array", "items": made[0], "minItems": made[1], "maxItems": 2}
    )
    named = st.dictionaries(st.sampled_from(["a", "b c", "ü"]), inner, max_size=3).map(
        lambda made: {
            "type": "object", "properties": made, "required": sorted(made)[:2], "additionalProperties": False,
        }
    )  # fmt: skip
    return listed | named


SCHEMAS = st.recursive(LEAVES, within, max_leaves=5)


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> LocalModel:
    folder = make_checkpoint(tmp_path_factory.mktemp("models") / "llama", "llama", context=600)
    return open_torch(folder, "cpu")


def text_of(model: LocalModel, decoding: Decoding) -> str:
    return "".join(token.text for token in model.stream(asked("The pear tree"), decoding))


@settings(max_examples=40, suppress_health_check=[HealthCheck.too_slow])
@given(schema=SCHEMAS, temperature=st.sampled_from([0.0, 1.0, 3.0]), seed=st.integers(0, 1000))
def test_every_output_validates(model: LocalModel, schema: dict[str, Any], temperature: float, seed: int) -> None:
    found = text_of(model, Decoding(500, temperature, seed=seed, schema=schema))
    jsonschema.validate(json.loads(found), schema)


def test_log_probabilities_stay_those_of_the_model(model: LocalModel) -> None:
    free = next(model.stream(asked("The pear tree"), Decoding(alternatives=20)))
    held = next(model.stream(asked("The pear tree"), Decoding(alternatives=20, schema={"type": "boolean"})))
    assert held.alternatives == free.alternatives
    assert held.logprob is not None
    assert free.logprob is not None
    assert held.logprob < free.logprob


def test_a_model_without_an_end_can_be_held_too(tmp_path: Path, model: LocalModel) -> None:
    endless = replace(model, ends=frozenset())
    assert text_of(endless, Decoding(schema={"enum": ["yes", "no"]})) in ('"yes"', '"no"')


def characters(letters: str) -> Tokenizer:
    return Tokenizer(json.loads(tokenizer_json(letters)))


def test_a_character_level_tokenizer_can_be_held_too() -> None:
    tokenizer = characters(string.printable)
    found = Grammar(tokenizer, frozenset()).matching('{"enum": ["ab"]}')
    for letter in '"ab"':
        allowed = found.allowed(tokenizer.size)
        assert {n for n in range(tokenizer.size) if allowed[n]} == {tokenizer.id_of(letter)}
        found.take(tokenizer.id_of(letter))
    assert found.done


def test_a_vocabulary_that_cannot_write_it_is_one_line() -> None:
    tokenizer = characters(string.printable.replace('"', ""))
    found = Grammar(tokenizer, frozenset()).matching('{"enum": ["ab"]}')
    with pytest.raises(OpenbookError, match="no tokens that could write it"):
        found.allowed(tokenizer.size)


@pytest.mark.parametrize(
    "schema", [{"type": "foo"}, {"$ref": "#/nowhere"}, {"type": "string", "pattern": "(?=a)b"}, {"enum": []}]
)
def test_a_schema_that_cannot_be_held_to_is_one_line(model: LocalModel, schema: dict[str, Any]) -> None:
    with pytest.raises(OpenbookError, match="cannot be held to this schema") as caught:
        text_of(model, Decoding(schema=schema))
    assert "\n" not in str(caught.value)


NARROW = [
    {"minimum": -7.5, "exclusiveMaximum": -7.0}, {"exclusiveMinimum": 7, "maximum": 7.5},
    {"minimum": -0.5, "exclusiveMaximum": 0}, {"allOf": [{"minimum": -7.5}, {"exclusiveMaximum": -7}]},
]  # fmt: skip
WIDE = [
    {"minimum": -7.5, "exclusiveMaximum": -6.5}, {"exclusiveMinimum": 7, "maximum": 8.5}, {"exclusiveMaximum": 0},
    {"minimum": 0, "maximum": 1}, {"minimum": -7.5, "maximum": -7}, {"minimum": 2.5, "exclusiveMaximum": 3.5},
]  # fmt: skip


def test_a_range_that_the_library_would_leave_is_refused_and_others_are_held(model: LocalModel) -> None:
    for bounds in NARROW:
        with pytest.raises(OpenbookError, match="with a whole bound left out"):
            text_of(model, Decoding(schema={"type": "array", "items": {"type": "number", **bounds}}))
    for bounds in WIDE:
        for seed in range(20):
            schema = {"type": "number", **bounds}
            found = list(model.stream(asked("The pear"), Decoding(60, 1.5, seed=seed, schema=schema)))
            if found[-1].finish == "end":
                jsonschema.validate(json.loads("".join(token.text for token in found)), schema)


PRINTABLE = characters(string.printable)
LETTERS = Grammar(PRINTABLE, frozenset())


@pytest.mark.parametrize(
    "schema", [{"format": "date"}, {"format": "date", "pattern": "^[0-9]"}, {"format": "date-time"}]
)
@given(year=st.sampled_from([0, 1, 4, 100, 400, 1900, 2000, 2023, 2024, 5193, 9999]), month=st.integers(0, 13),
       day=st.integers(0, 32))  # fmt: skip
@example(year=5193, month=2, day=29)
@example(year=2024, month=2, day=29)
def test_a_date_is_one_of_the_calendar(schema: dict[str, str], year: int, month: int, day: int) -> None:
    try:
        real = bool(date(year, month, day))
    except ValueError:
        real = False
    time = "T01:02:03Z" if schema["format"] == "date-time" else ""
    matching = LETTERS.matching(json.dumps({"type": "string", **schema}))
    taken = True
    for letter in f'"{year:04d}-{month:02d}-{day:02d}{time}"':
        number = PRINTABLE.id_of(letter)
        if not matching.allowed(PRINTABLE.size)[number]:
            taken = False
            break
        matching.take(number)
    assert taken == real


def test_a_constant_that_looks_like_a_schema_stays(model: LocalModel) -> None:
    constant = {"format": "date", "k": [1]}
    assert json.loads(text_of(model, Decoding(schema={"const": constant}))) == constant


PATTERNS = [r"[0-9]{4}-[0-9]{2}", r"(yes|no)( [a-e]{1,3})?", r"[^x]{3}", r"(ab)*c", r"Maß[0-9]+", r"a*?b", r"(?i)pear"]


@pytest.mark.parametrize("pattern", PATTERNS)
@pytest.mark.parametrize("temperature", [0.0, 1.5])
def test_a_pattern_holds_the_whole_output(model: LocalModel, pattern: str, temperature: float) -> None:
    for seed in range(5):
        found = list(model.stream(asked("The pear tree"), Decoding(200, temperature, seed=seed, pattern=pattern)))
        text = "".join(token.text for token in found)
        assert found[-1].finish != "end" or re.fullmatch(pattern, text)
        assert found[-1].finish == "end" or "*" in pattern or "+" in pattern


@pytest.mark.parametrize("pattern", ["(a|b", "a(?=b)", r"\bword\b", "["])
def test_a_pattern_that_cannot_be_held_to_is_one_line(model: LocalModel, pattern: str) -> None:
    with pytest.raises(OpenbookError, match="cannot be held to this pattern") as caught:
        text_of(model, Decoding(pattern=pattern))
    assert "\n" not in str(caught.value)


def test_a_schema_and_a_pattern_are_not_both_held(model: LocalModel) -> None:
    with pytest.raises(OpenbookError, match="a schema or to a pattern"):
        text_of(model, Decoding(pattern="a", schema={"type": "null"}))


@pytest.mark.slow
def test_random_schemas_are_held_or_refused(tmp_path: Path) -> None:
    found = held(open_torch(make_checkpoint(tmp_path / "llama", "llama", context=600), "cpu"), range(200))
    assert found.wrong == ()
    assert found.valid > 150
