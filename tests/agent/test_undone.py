"""A failure before anything happened is told as one; nobody is asked about an address that is not on the list."""

from pathlib import Path

from openbook.agent.events import Asked, Event, Failed
from openbook.agent.plan import Call, Given, Plan, Result
from openbook.agent.run import run
from openbook.agent.tool import Tool
from openbook.agent.tools.files import file_tools
from openbook.agent.tools.web import page_reader
from openbook.agent.world import World
from openbook.guard.policy import Policy


def events_of(tool: Tool, arguments: dict[str, str]) -> list[Event]:
    call = Call("1", tool.name, {name: Given(value) for name, value in arguments.items()})
    return list(run(Plan((call,), Result("1")), World({tool.name: tool}, Policy(), approve=lambda _: True)))


def test_a_file_that_is_there_stays_and_nothing_was_done(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("old")
    write = file_tools(tmp_path)[1]
    (failed,) = [each for each in events_of(write, {"path": "a.txt", "text": "new"}) if isinstance(each, Failed)]
    assert not failed.unknown
    assert (tmp_path / "a.txt").read_text() == "old"


def test_a_private_address_was_not_asked() -> None:
    events = events_of(page_reader(["127.0.0.1"]), {"url": "https://127.0.0.1/"})
    (failed,) = [each for each in events if isinstance(each, Failed)]
    assert not failed.unknown
    assert "not a public address" in failed.message.value


def test_a_connection_that_was_tried_may_have_done_something() -> None:
    events = events_of(page_reader(["127.0.0.1:9"], allow=lambda _: True), {"url": "https://127.0.0.1:9/"})
    (failed,) = [each for each in events if isinstance(each, Failed)]
    assert failed.unknown


def test_nobody_is_asked_about_a_host_that_is_not_on_the_list() -> None:
    events = events_of(page_reader(["example.org"]), {"url": "https://elsewhere.example/"})
    assert not [each for each in events if isinstance(each, Asked)]
    (failed,) = [each for each in events if isinstance(each, Failed)]
    assert "not on the list" in failed.message.value
    assert not failed.unknown
