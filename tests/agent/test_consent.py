"""What a person is asked, and what a yes to everything does not cover."""

import os
import pty
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from openbook.agent.declare import declared
from openbook.agent.world import Asking
from openbook.cli import agent_approval
from openbook.guard.labelled import Labelled


def send(to: str) -> str:
    """Send a letter."""
    return to


def asking(*, again: bool = False, by_hand: bool = False, name: str = "to") -> Asking:
    tool, arguments = declared(send, effects=["sends"]), {name: Labelled("ann")}
    return Asking(tool, arguments, Labelled("it sends"), "s1", again=again, by_hand=by_hand)


def test_yes_to_all_is_no_yes_to_what_only_a_person_can_say() -> None:
    approve = agent_approval.approving(yes=True)
    assert approve is not None
    assert approve(asking())
    assert not approve(asking(again=True))
    assert not approve(asking(by_hand=True))


@contextmanager
def terminal(monkeypatch: pytest.MonkeyPatch, typed: bytes) -> Iterator[int]:
    master, slave = pty.openpty()
    os.write(master, typed)
    with os.fdopen(slave) as stdin:
        monkeypatch.setattr("sys.stdin", stdin)
        yield master
    os.close(master)


def test_what_was_typed_before_the_question_is_no_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    with terminal(monkeypatch, b"y\n") as master:
        later = threading.Timer(0.5, lambda: os.write(master, b"n\n"))
        later.start()
        assert not agent_approval._ask(asking())
        later.join()


def test_no_name_paints_over_the_question(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    with terminal(monkeypatch, b"") as master:
        later = threading.Timer(0.5, lambda: os.write(master, b"n\n"))
        later.start()
        agent_approval._ask(asking(name="\x1b[1A\x1b[2K  to: somebody else"))
        later.join()
    assert "\x1b[2K" not in capsys.readouterr().err
