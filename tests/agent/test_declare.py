"""A typed function is a tool: what it says is the schema, what it gets is checked, faults are told in one line."""

from typing import Literal

import pytest

from openbook.agent.declare import declared
from openbook.agent.tool import BadArguments, result_label
from openbook.guard.labelled import Labelled, tainted
from openbook.values import Json


def send(to: str, copies: int = 1, kind: Literal["mail", "post"] = "mail") -> str:
    """Send a letter.

    to: whom it goes to
    """
    return f"{to} {copies} {kind}"


def test_schema_and_call_come_from_the_function() -> None:
    tool = declared(send, effects=["sends"])
    assert tool.description == "Send a letter."
    assert tool.schema["required"] == ["to"]
    assert tool.schema["properties"]["to"] == {"description": "whom it goes to", "type": "string"}  # type: ignore[index]
    assert tool.call(tool.check({"to": "Ann", "copies": "2"})) == "Ann 2 mail"
    assert result_label(tool, {"to": Labelled("Ann")}).sources == {"send"}


@pytest.mark.parametrize(
    ("arguments", "said"),
    [({}, "to: "), ({"to": 1}, "to: "), ({"to": "a", "copies": "x"}, "copies: "), ({"to": "a", "more": 1}, "more: "),
     ({"to": "a", "kind": "fax"}, "kind: ")],
)  # fmt: skip
def test_a_wrong_call_says_what_is_wrong_with_it(arguments: dict[str, object], said: str) -> None:
    with pytest.raises(BadArguments, match=said) as error:
        declared(send).check(arguments)  # type: ignore[arg-type]
    assert "\n" not in str(error.value)


def test_a_derived_result_is_as_trusted_as_its_arguments() -> None:
    tool = declared(send, derived=True)
    assert result_label(tool, {"to": Labelled("Ann")}).trusted
    assert result_label(tool, {"to": tainted("Ann", "a file")}).sources == {"a file"}


def endless(value: Json) -> str:
    """Take anything."""
    return str(value)


def test_a_tool_that_its_writer_got_wrong_is_not_made() -> None:
    for function, content in ((lambda to: to, ()), (send, ("recipient",)), (endless, ())):
        with pytest.raises(TypeError):
            declared(function, content=content)
