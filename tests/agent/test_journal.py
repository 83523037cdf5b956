"""A killed run goes on at the last finished step: no effect is repeated by itself, and none is lost."""

import sqlite3
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from openbook.agent.declare import declared
from openbook.agent.events import Answered, Asked, Event, Failed, Finished, Planned, Refused
from openbook.agent.journal import Journal, open_journal, replay
from openbook.agent.journal_file import JournalProblem
from openbook.agent.plan import Call, Filled, Given, Item, Parse, Plan, Result
from openbook.agent.run import run
from openbook.agent.tool import Charged, Done, Tool
from openbook.agent.world import World
from openbook.guard.policy import Policy
from openbook.values import Json

FREE = Policy(effects={"reads": "allow", "sends": "allow"})
CALLS: list[str] = []


class Killed(BaseException):
    """Stands for SIGKILL: nothing of ours catches it where it is raised."""


def read(name: str) -> str:
    """Read a note."""
    CALLS.append(f"read {name}")
    return f"note {name}"


def send(to: str, body: str) -> str:
    """Send a letter."""
    CALLS.append(f"send {to}")
    return f"sent {body}"


READ = declared(read, effects=["reads"])
SEND = declared(send, effects=["sends"], content=["body"])
PLAN = Plan(
    (
        Call("a", "read", {"name": Given("x")}),
        Call("b", "send", {"to": Given("ann"), "body": Result("a")}),
        Call("c", "send", {"to": Given("bob"), "body": Result("b")}),
    ),
    Filled("{b} {c}", {"b": Result("b"), "c": Result("c")}),
)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    CALLS.clear()
    return tmp_path / "runs.journal"


def world(journal: Journal, run_id: str | None, *tools: Tool, **more: object) -> World:
    log = journal.begin() if run_id is None else journal.resume(run_id)
    return World({tool.name: tool for tool in tools or (READ, SEND)}, policy=FREE, journal=log, **more)  # type: ignore[arg-type]


def stop_after(path: Path, ended: str | None, *tools: Tool) -> str:
    """A run that is stopped right after the intent of the call named ``ended`` was written down: the id of the run."""
    journal = open_journal(path)
    made = world(journal, None, *tools)
    assert made.journal is not None
    intend = made.journal.intend

    def intended(call: str, tool: str, made_of: Json) -> None:
        intend(call, tool, made_of)
        if call == ended:
            raise Killed

    made.journal.intend = intended  # type: ignore[method-assign]
    with pytest.raises(Killed):
        list(run(PLAN, made))
    journal.close()
    return made.journal.run


def resumed(path: Path, run_id: str, *tools: Tool, **more: object) -> list[Event]:
    journal = open_journal(path)
    try:
        return list(run(PLAN, world(journal, run_id, *tools, **more)))
    finally:
        journal.close()


def test_a_run_is_read_back_as_it_was_told_and_nothing_is_called(path: Path) -> None:
    journal = open_journal(path)
    made = world(journal, None)
    assert made.journal is not None
    told = list(run(PLAN, made))
    calls = list(CALLS)
    assert list(replay(journal, made.journal.run)) == told
    assert list(CALLS) == calls
    assert [known.answered for known in journal.runs()] == [True]
    journal.close()
    assert path.stat().st_mode & 0o077 == 0


def test_what_ended_is_not_done_again_and_keeps_its_label(path: Path) -> None:
    run_id = stop_after(path, "c")
    assert CALLS == ["read x", "send ann"]
    events = resumed(path, run_id, approve=lambda asking: asking.again)
    assert CALLS == ["read x", "send ann", "send bob"]
    assert events[0] == Planned((("a", "read"), ("b", "send"), ("c", "send")), attempt=2)
    assert [(event.step, event.kept) for event in events if isinstance(event, Finished)] == [
        ("a", True), ("b", True), ("c", False),
    ]  # fmt: skip
    assert isinstance(events[-1], Answered)
    assert events[-1].answer.value == "sent note x sent sent note x"
    assert events[-1].answer.label.sources == {"read", "send"}
    again = resumed(path, run_id)
    assert len(CALLS) == 3
    assert again[-1] == events[-1]


def test_a_kept_result_is_as_tainted_as_it_was_though_its_tool_now_says_otherwise(path: Path) -> None:
    run_id = stop_after(path, "b")
    events = resumed(path, run_id, declared(read, effects=["reads"], derived=True), SEND)
    assert next(e.result.label.sources for e in events if isinstance(e, Finished) and e.step == "a") == {"read"}


@pytest.mark.parametrize("answer", [False, None])
def test_an_effect_that_may_have_happened_is_not_repeated_unless_a_person_says_so(
    path: Path, answer: bool | None
) -> None:
    run_id = stop_after(path, "b")
    for _ in range(2):  # a no is not written down: the next attempt asks again
        events = resumed(path, run_id, approve=None if answer is None else lambda asking: bool(answer))
        assert CALLS == ["read x"]
        assert [event.approved for event in events if isinstance(event, Asked)] == [False]
        assert [event.step for event in events if isinstance(event, Refused)] == ["b"]
    resumed(path, run_id, approve=lambda asking: asking.again and "already" in asking.reason.value)
    assert CALLS == ["read x", "send ann", "send bob"]


def keyed(done: Callable[[str], Done | None] | None = None) -> Tool:
    def send(to: str, body: str, key: str) -> str:
        """Send a letter once."""
        if key not in CALLS:
            CALLS.append(key)
        return "sent"

    return declared(send, effects=["sends"], content=["body"], key="key", done=done)


def test_a_tool_with_a_key_is_called_again_with_the_same_key(path: Path) -> None:
    tool = keyed()
    assert "key" not in tool.schema["properties"]  # type: ignore[operator]
    run_id = stop_after(path, "b", READ, tool)
    assert not any(isinstance(event, Asked) for event in resumed(path, run_id, READ, tool))
    assert ["read x", f"{run_id}/b", f"{run_id}/c"] == CALLS


def test_a_policy_that_has_become_stricter_is_heard_before_a_call_is_made_again(path: Path) -> None:
    run_id = stop_after(path, "b", READ, keyed())
    journal = open_journal(path)
    strict = replace(world(journal, run_id, READ, keyed()), policy=Policy())
    events = list(run(PLAN, strict))
    journal.close()
    assert [event.step for event in events if isinstance(event, Refused)] == ["b"]
    assert CALLS == ["read x"]


@pytest.mark.parametrize("was_done", [True, False])
def test_a_tool_that_can_look_is_asked_whether_it_was_done(path: Path, was_done: bool) -> None:
    tool = keyed(lambda key: Done("found") if was_done else None)
    run_id = stop_after(path, "b", READ, tool)
    events = resumed(path, run_id, READ, tool)
    assert ["read x", *([] if was_done else [f"{run_id}/b"]), f"{run_id}/c"] == CALLS
    assert next(e.result.value for e in events if isinstance(e, Finished) and e.step == "b") == (
        "found" if was_done else "sent"
    )


def test_a_tool_that_cannot_say_whether_it_was_done_is_not_called(path: Path) -> None:
    def broken(key: str) -> Done | None:
        raise OSError(key)

    run_id = stop_after(path, "b", READ, keyed(broken))
    events = resumed(path, run_id, READ, keyed(broken))
    assert [(event.step, event.unknown) for event in events if isinstance(event, Failed)] == [("b", True)]
    assert CALLS == ["read x"]


def test_a_call_that_failed_after_it_was_begun_stays_failed(path: Path) -> None:
    def send(to: str, body: str) -> str:
        """Send a letter, and lose the line."""
        CALLS.append(to)
        raise OSError("the line is dead")

    tool = declared(send, effects=["sends"], content=["body"])
    journal = open_journal(path)
    made = world(journal, None, READ, tool)
    assert made.journal is not None
    first = list(run(PLAN, made))
    journal.close()
    again = resumed(path, made.journal.run, READ, tool)
    assert CALLS == ["read x", "ann"]
    for events in (first, again):
        assert [(event.step, event.unknown) for event in events if isinstance(event, Failed)] == [("b", True)]


def test_items_and_texts_that_were_read_are_kept_too(path: Path) -> None:
    plan = Plan(
        (
            Call("a", "read", {"name": Item()}, each=Given(["x", "y"])),
            Parse("p", Result("a"), "how many?", {"type": "integer"}),
        ),
        Result("p"),
    )
    parsed: list[str] = []

    def parser(text: object, question: str, schema: object) -> Charged:
        parsed.append(question)
        return Charged(2, tokens=7)

    journal = open_journal(path)
    made = world(journal, None, parser=parser)
    assert made.journal is not None
    list(run(plan, made))
    again = world(journal, made.journal.run, parser=parser)
    events = list(run(plan, again))
    journal.close()
    assert made.spending.tokens == again.spending.tokens == 7
    assert CALLS in (["read x", "read y"], ["read y", "read x"])
    assert len(parsed) == 1
    assert all(event.kept for event in events if isinstance(event, Finished))


def test_a_run_goes_on_with_its_own_plan_alone(path: Path) -> None:
    run_id = stop_after(path, "c")
    journal = open_journal(path)
    with pytest.raises(JournalProblem, match="another plan"):
        run(Plan(PLAN.steps[:2], Given("")), world(journal, run_id))
    with pytest.raises(JournalProblem, match="has no run"):
        journal.resume("nothing")
    journal.close()


def test_another_process_is_told_that_the_journal_is_in_use(path: Path) -> None:
    journal = open_journal(path)
    code = (
        f"from openbook.agent.journal import open_journal\nfrom pathlib import Path\nopen_journal(Path({str(path)!r}))"
    )
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert "JournalProblem" in found.stderr
    assert "in use by another process" in found.stderr
    with pytest.raises(JournalProblem, match="in use"):
        open_journal(path)
    journal.close()
    open_journal(path).close()


@pytest.mark.parametrize("damage", ["garbage", "other", "newer", "folder", "rows", "pages", "missing"])
def test_a_file_that_is_no_sound_journal_is_said_in_one_line(path: Path, damage: str) -> None:
    run_id = stop_after(path, "c")
    if damage == "garbage":
        path.write_bytes(b"nothing of the kind" * 100)
    elif damage == "pages":
        whole = path.read_bytes()
        path.write_bytes(whole[:4096] + b"\xff" * (len(whole) - 4096))
    elif damage in ("folder", "missing", "other"):
        path.unlink()
    if damage == "folder":
        path.mkdir()
    if damage in ("other", "newer", "rows"):
        with sqlite3.connect(path) as file:
            file.execute(
                {
                    "other": "CREATE TABLE x (y)",
                    "newer": "PRAGMA user_version = 9",
                    "rows": "UPDATE events SET event = '{'",
                }[damage]
            )
        file.close()

    def use() -> None:
        journal = open_journal(path, create=False)
        try:
            list(replay(journal, run_id))
        finally:
            journal.close()

    with pytest.raises(JournalProblem) as error:
        use()
    assert "\n" not in str(error.value)
    assert str(path) in str(error.value)
