"""No operation loses a label, and templates take what they are given as text alone."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openbook.errors import OpenbookError
from openbook.guard.labelled import (
    Labelled,
    NoSuchPart,
    filled,
    joined,
    label_of,
    mapped,
    part,
    selected,
    tainted,
    together,
)
from openbook.values import TRUSTED, Label

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=8,
)
LABELS = st.sets(st.sampled_from("abcd")).map(lambda names: Label(frozenset(names)))


@given(st.dictionaries(st.sampled_from("pqrs"), st.builds(Labelled, JSON, LABELS), min_size=1))
def test_what_is_made_of_labelled_values_keeps_every_source(fields: dict[str, Labelled[object]]) -> None:
    sources = frozenset().union(*(field.label.sources for field in fields.values()))
    whole = together(fields)  # type: ignore[arg-type]
    assert whole.label.sources == sources
    assert all(selected(whole, (name,)).label.sources == sources for name in fields)
    assert mapped(len, mapped(str, whole)).label.sources == sources
    text = filled(" ".join(f"{{{name}}}" for name in fields), fields)  # type: ignore[arg-type]
    assert text.label.sources == sources
    assert label_of((part(text, "user"), part(Labelled("x"), "system"))).sources == sources
    assert joined([TRUSTED, whole.label]).sources == sources


def test_a_field_is_never_read_as_a_template() -> None:
    assert filled("{a} {{b}}", {"a": tainted("{b}{a.__class__}", "x")}).value == "{b}{a.__class__} {b}"


@pytest.mark.parametrize("template", ["{b}", "{a.x}", "{a[0]}", "{a!r}", "{a:>9}", "{", "}", "{}"])
def test_a_template_names_fields_and_nothing_else(template: str) -> None:
    with pytest.raises(OpenbookError):
        filled(template, {"a": Labelled("x")})


@pytest.mark.parametrize("path", [("x",), ("a", 3), ("a", "b"), ("t", 0), (0,)])
def test_a_part_that_is_not_there_is_said(path: tuple[str | int, ...]) -> None:
    with pytest.raises(NoSuchPart):
        selected(Labelled({"a": [1, 2], "t": "text"}), path)
