"""An output is checked against its schema whole, without going anywhere for it, and whatever the schema is."""

import json
import sys

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st

from openbook.errors import MissingExtra, OpenbookError
from openbook.generate.schema import check_of

PERSON = {
    "type": "object",
    "properties": {"name": {"type": "string"}, "born": {"type": "array", "items": {"enum": [1, 2]}}},
    "required": ["name"],
}
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["name", "born"]), inner),
)


@given(VALUES)
def test_what_matches_is_what_jsonschema_says(value: object) -> None:
    assert (check_of(PERSON)(json.dumps(value)) == "") is jsonschema.Draft202012Validator(PERSON).is_valid(value)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ('{"name": 3}', "at $.name: 3 is not of type 'string'"),
        ('{"name": "a", "born": [1, 3]}', "at $.born[1]: 3 is not one of [1, 2]"),
        ("{}", "'name' is a required property"),
        ('```json\n{"name": "a"}\n```', 'it is no JSON: ```json {"name": "a"} ```'),
        ('{"name": "a"', 'it is no JSON: {"name": "a"'),
        ("", "it is no JSON: nothing was written"),
        ("[" * 100_000, "the output is nested too deeply to be checked"),
    ],
)
def test_why_not_is_said(text: str, why: str) -> None:
    assert check_of(PERSON)(text) == why


@pytest.mark.parametrize(
    ("schema", "says"),
    [
        ({"type": "strin"}, "at $.type: 'strin' is not"),
        ({"pattern": "("}, "at $.pattern: '(' is not a 'regex'"),
        ({"properties": {"a\nb": {"minimum": "x"}}}, "'x' is not of type 'number'"),
    ],
)
def test_what_is_no_schema_is_one_line(schema: dict[str, object], says: str) -> None:
    with pytest.raises(OpenbookError, match=r"^this is no JSON schema \([^\n]*\): mend it$") as caught:
        check_of(schema)
    assert says in str(caught.value)


@pytest.mark.parametrize("name", ["http://127.0.0.1:9/person.json", "file:///etc/passwd", "#/$defs/nobody"])
def test_nothing_outside_of_the_schema_is_fetched(name: str) -> None:
    assert check_of({"$ref": name})("{}") == f"the schema refers to {name.removeprefix('#')}, which is not in it"


def test_without_jsonschema_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "jsonschema", None)
    with pytest.raises(MissingExtra, match=r"openbook\[generate\]"):
        check_of(PERSON)


def test_a_schema_within_itself_ends() -> None:
    assert check_of({"$ref": "#"})("{}") == "the output is nested too deeply to be checked"
    tree = {"type": "object", "properties": {"child": {"$ref": "#"}}, "additionalProperties": False}
    assert check_of(tree)('{"child": {"child": {}}}') == ""
    assert check_of(tree)('{"child": {"chid": {}}}').startswith("at $.child: ")
