"""What a question that found nothing says instead is for the person: nothing is made of it."""

from pathlib import Path

import pytest

from openbook.agent.declare import declared
from openbook.agent.events import Answered, Started
from openbook.agent.plan import Call, Filled, Given, Parse, Plan, Result
from openbook.agent.run import run
from openbook.agent.tools.files import file_tools
from openbook.agent.typed_reader import read_typed
from openbook.agent.world import World
from openbook.guard.capability import EFFECTS
from openbook.guard.policy import Policy
from openbook.values import Json


def ask(question: str) -> Json:
    """Answers one question alone."""
    found = question == "the rent"
    quotes: list[Json] = [{"text": "950 euros", "uri": "a.md", "place": "line 1", "words": ""}] if found else []
    return {"answer": "950 euros" if found else "Not in these documents.", "found": found, "quotes": quotes}


RENT = Call("1", "ask", {"question": Given("the rent")})
PARKING = Call("2", "ask", {"question": Given("the parking space")})


@pytest.mark.parametrize(
    "content",
    [Result("2", ("answer",)), Filled("{a}\n{b}", {"a": Result("1", ("answer",)), "b": Result("2", ("answer",))})],
)
def test_nothing_is_written_of_it(content: Result | Filled, tmp_path: Path) -> None:
    writing = Call("3", "write_file", {"path": Given("parking.txt"), "text": content})
    tools = {tool.name: tool for tool in (declared(ask, effects=["reads"]), *file_tools(tmp_path))}
    world = World(tools, Policy(effects=dict.fromkeys(EFFECTS, "allow")), read_typed)
    *events, last = run(Plan((RENT, PARKING, writing), Result("2", ("answer",))), world)
    assert isinstance(last, Answered)
    assert last.answer.value == "Not in these documents."
    assert [(left.step, left.reason.value) for left in last.left_out] == [("3", "it needs step 2, which found nothing")]
    assert last.left_out[0].reason.label.sources == {"ask"}
    assert "write_file" not in [event.tool for event in events if isinstance(event, Started)]
    assert not list(tmp_path.iterdir())


def test_nothing_is_read_from_it() -> None:
    reading = Parse("3", Result("2", ("answer",)), "the parking space", {"type": "string"})
    world = World({"ask": declared(ask, effects=["reads"])}, Policy(), read_typed)
    *_, last = run(Plan((RENT, PARKING, reading), Result("3")), world)
    assert isinstance(last, Answered)
    assert last.answer.value == "(left out: it needs step 2, which found nothing)"
