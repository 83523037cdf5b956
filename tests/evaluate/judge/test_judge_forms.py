"""A reply is read whole or not at all."""

import json
from typing import cast

import pytest

from openbook.evaluate.judge.built_in import BUILT_IN
from openbook.evaluate.judge.form import choice_form, place_of_score, score_form, steps_form

FLUENCY = BUILT_IN["fluency"]


@pytest.mark.parametrize("text", ['{"score": 4}', '{"score":4}', ' {\n"score" :\t4\n} '])
def test_a_filled_form_is_read(text: str) -> None:
    assert score_form(FLUENCY).read(text) == 4
    assert text[place_of_score(text)] == "4"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "4",
        "Score: 4",
        'The score is {"score": 4}',
        '{"score": 4} because it is good',
        '```json\n{"score": 4}\n```',
        '{"score": "4"}',
        '{"score": 4.0}',
        '{"score": true}',
        '{"score": null}',
        '{"score": 0}',
        '{"score": 6}',
        '{"score": -1}',
        '{"score": 4, "score": 5}',
        '{"score": 4, "reason": "x"}',
        '{"Score": 4}',
        '[{"score": 4}]',
        '{"score": 4',
        "[" * 100_000,
        '{"score": ' + "1" * 30_000 + "}",
    ],
)
def test_anything_else_is_not(text: str) -> None:
    assert score_form(FLUENCY).read(text) is None


def test_choices() -> None:
    read = choice_form().read
    assert [read(f'{{"better": "{word}"}}') for word in ("first", "second", "tie", "First", "A")] == [
        1,
        2,
        0,
        None,
        None,
    ]
    assert read('{"better": 1}') is None
    assert read('{"better": ["first"]}') is None


def test_steps() -> None:
    read = steps_form().read
    assert read('{"steps": ["Read  it.", "Score\\nit."]}') == ("Read it.", "Score it.")
    for bad in ("[]", "[1]", '[""]', '"Read it."', str(["x"] * 30).replace("'", '"'), f'["{"x" * 5000}"]'):
        assert read(f'{{"steps": {bad}}}') is None


def test_the_schema_says_what_is_read() -> None:
    for form, name, said in ((score_form(FLUENCY), "score", str), (choice_form(), "better", json.dumps)):
        properties = cast("dict[str, dict[str, list[object]]]", form.schema["properties"])
        assert (list(properties), form.schema["required"], form.schema["additionalProperties"]) == (
            [name],
            [name],
            False,
        )
        assert all(form.read(f'{{"{name}": {said(value)}}}') is not None for value in properties[name]["enum"])
