"""One JSON object is taken out of whatever stands around it; of anything else a line says what to write."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openbook.agent.json_reply import DEEPEST, LONGEST, BadJson, depth, object_in

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(st.characters(exclude_categories=["Cs"])),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text("ab{}`\"'", max_size=4), inner, max_size=3),
    max_leaves=12,
)


@given(st.dictionaries(st.text("abc", min_size=1), VALUES, max_size=3))
def test_an_object_is_found_as_it_is_in_a_fence_and_in_prose(value: dict[str, object]) -> None:
    written = json.dumps(value, indent=1)
    assert object_in(written) == value
    assert object_in(f'<think>Maybe {{}} or {{"a": 1}}?</think>\n{written}') == value
    if "```" not in written:
        assert object_in(f"Sure, here it is:\n```json\n{written}\n```\nAnything else?") == value
    assert object_in(f"This is it: {written} I hope {{so}}.") == value


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "no JSON object"),
        ("I cannot help with that.", "no JSON object"),
        ("[1, 2]", "no JSON object"),
        ('{"a": 1', "broken"),
        ('{"a": 1,}', "broken"),
        ("{'a': 1}", "no JSON object"),
        ('{"a": 1} or {"a": 2}', "more than one"),
        ('```\n{"a": 1}\n```\n```\n{"a": 2}\n```', "more than one"),
        ('{"a": 1, "a": 2}', "twice"),
        ('{"a": NaN}', "NaN"),
        ('{"a": 1e999}', "too large"),
        ('{"a": ' + "9" * 5000 + "}", "cannot be used"),
        ('{"a": "\\ud800"}', "half a character"),
        ('{"a": ' + "[" * 50 + "]" * 50 + "}", "nested"),
        ('{"a": ' + "[" * 20_000, "nested|broken"),
        ('{"a": "' + "x" * LONGEST + '"}', "at most"),
        ("{" * 50_000, "no JSON object"),
        ('{"' * 20_000, "broken"),
    ],
)
def test_what_cannot_be_used_is_said_in_one_line(text: str, said: str) -> None:
    with pytest.raises(BadJson, match=said) as error:
        object_in(text)
    assert "\n" not in str(error.value)
    assert len(str(error.value)) < 250


def test_depth_counts_no_further_than_it_must() -> None:
    assert depth(1) == 1
    assert depth({"a": [{"b": []}]}) == 4
    deep: object = 1
    for _ in range(5_000):
        deep = [deep]
    assert depth(deep) == DEEPEST + 1  # type: ignore[arg-type]
