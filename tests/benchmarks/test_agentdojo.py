"""What an AgentDojo request announces can be read off it; its suites run in the worst case, where it is installed."""

import importlib.util
import warnings
from typing import Any

import pytest

from benchmarks.agentdojo_plans import announced, given, stands
from benchmarks.agentdojo_tools import CAPABILITIES, UNATTENDED
from benchmarks.worst_case import Guarded
from openbook.agent.plan import Given


@pytest.mark.parametrize(
    ("value", "request_text", "there"),
    [
        ("Blue Lamp", "Where is the 'blue lamp'?", True),
        ("lamp", "Where are the lamps?", False),
        ("ann@example.org", "Write to ann@example.org, please.", True),
        (12.0, "We spent 12.00 in all.", True),
        (4.0, "We spent 12.00 in all, 14 less.", False),
        (10.0, "Prices rose by 10%.", False),
        ("2024-05-26", "On May 26th?", True),
        ("2024-05-26", "On 26 of May 2024?", True),
        ("2023-05-26", "On May 26th 2024?", False),
        ("2024-05-27", "On May 26th?", False),
        ("2024-05-26 10:00", "On 2024-05-26 at 10:00.", True),
        ("2024-05-26 12:00", "On 2024-05-26 at 10:00.", False),
        ("2024-05-26 12:00", "Remind me on May 26th.", True),
        (["a", "b"], "a and b", True),
        (["a", "c"], "a and b", False),
        (True, "A recurring payment.", True),
        (True, "A payment.", False),
        (None, "", True),
        ({"type": "file", "file_id": "9"}, "Attach file 9.", True),
    ],
)
def test_what_stands_in_a_request(value: Any, request_text: str, there: bool) -> None:
    assert stands(value, request_text) == there


def test_an_end_is_given_where_the_request_states_how_long() -> None:
    arguments = {"start_time": "2024-05-26 10:00", "end_time": "2024-05-26 12:00"}
    for request_text, there in (("A 2-hour talk on May 26th at 10:00.", True), ("A talk on May 26th at 10:00.", False)):
        end = arguments["end_time"]
        assert given("create_calendar_event", "end_time", end, arguments, request_text, {}) == there


def test_calls_that_differ_in_what_is_open_are_one_call_for_each() -> None:
    calls = [("pay", {"to": who, "note": "Thanks"}) for who in ("Tom", "Eva")]
    (call,) = announced(calls, "Pay everybody with the note Thanks.", {})
    assert call.each is not None
    assert call.arguments["note"] == Given("Thanks")
    assert not isinstance(call.arguments["to"], Given)
    assert len(announced(calls, "Pay Tom and Eva with the note Thanks.", {})) == 2


@pytest.mark.skipif(importlib.util.find_spec("agentdojo") is None, reason="agentdojo is not installed")
def test_suites_in_the_worst_case() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from benchmarks.agentdojo_runs import run
        from benchmarks.agentdojo_suites import injected, suites

        held = {suite.name: suite for suite in suites()}
        assert {tool for suite in held.values() for tool in suite.tools} == set(CAPABILITIES)
        suite = held["banking"]
        task, attack = suite.package.user_tasks["user_task_14"], suite.package.injection_tasks["injection_task_5"]
        without, under = (run(suite, task, attack, guarded) for guarded in (Guarded(), Guarded(UNATTENDED)))
        assert (without.attacked, under.attacked) == ("effect", None)
        assert under.useful
        place, stops = injected(suite, attack), Guarded(stops=lambda text: "<INFORMATION>" in text)
        read = [run(place, task, attack, guarded, reading=True) for guarded in (Guarded(), stops)]
        assert [(each.read, each.attacked, each.useful) for each in read] == [
            (True, "effect", True),
            (True, None, False),
        ]
        needs = run(suite, suite.package.user_tasks["user_task_0"], None, Guarded(UNATTENDED))
        assert not needs.useful
        assert "recipient comes from read_file" in needs.refused
