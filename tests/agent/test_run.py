"""A plan is carried out in an order that never changes, what is refused or fails is left out and said, labels stay."""

import threading
from collections.abc import Sequence

import pytest

from openbook.agent.budget import Budget
from openbook.agent.declare import declared
from openbook.agent.events import Answered, Asked, BudgetSpent, Event, Failed, Finished, LeftOut, Refused, Started
from openbook.agent.plan import Call, Filled, Given, Item, Parse, Plan, Result
from openbook.agent.plan_check import BadPlan
from openbook.agent.run import carried_out, run
from openbook.agent.sofar import Sofar
from openbook.agent.tool import Tool, ToolFailed
from openbook.agent.world import Asking, World
from openbook.guard.labelled import Labelled
from openbook.guard.policy import Policy
from openbook.values import Json, Label

SENT: list[tuple[str, str]] = []


def read(name: str) -> str:
    """Read a note."""
    return f"the note {name}"


def names() -> list[str]:
    """List the people."""
    return ["ann", "bob"]


def add(numbers: list[float]) -> float:
    """Add numbers."""
    return sum(numbers)


def send(to: str, body: str) -> str:
    """Send a letter."""
    SENT.append((to, body))
    return f"sent to {to}"


def broken() -> str:
    """Fail."""
    raise ToolFailed("it is out of order")


TOOLS: Sequence[Tool] = (
    declared(read, effects=["reads"]),
    declared(names, effects=["reads"]),
    declared(add, derived=True),
    declared(send, effects=["sends"], content=["body"]),
    declared(broken),
)
BAD = Call("c", "add", {"numbers": Given(["x"])})
BOTH = {"n": Result("note"), "s": Result("sum")}
FREE = Policy(effects={"reads": "allow", "sends": "allow"})


def told(plan: Plan, **world: object) -> list[Event]:
    SENT.clear()
    given = {"policy": FREE, **world}
    return list(run(plan, World({tool.name: tool for tool in TOOLS}, **given)))  # type: ignore[arg-type]


def answer(events: list[Event]) -> Answered:
    last = events[-1]
    assert isinstance(last, Answered)
    return last


def test_a_plan_is_carried_out_and_its_answer_is_as_tainted_as_what_it_was_made_of() -> None:
    plan = Plan(
        (
            Call("note", "read", {"name": Given("plan")}),
            Call("sum", "add", {"numbers": Given([1, 2])}),
            Call("letter", "send", {"to": Given("ann"), "body": Filled("{n} {s}", BOTH)}),
        ),
        Filled("{done}: {sum}", {"done": Result("letter"), "sum": Result("sum")}),
    )
    events = told(plan)
    assert SENT == [("ann", "the note plan 3.0")]
    assert answer(events).answer == Labelled("sent to ann: 3.0", answer(events).answer.label)
    assert answer(events).answer.label.sources == {"send", "read"}
    assert not answer(events).left_out
    assert next(e.result for e in events if isinstance(e, Finished) and e.step == "sum").label.trusted


def test_a_refusal_explains_itself_and_the_rest_goes_on() -> None:
    plan = Plan(
        (
            Call("note", "read", {"name": Given("plan")}),
            Call("letter", "send", {"to": Result("note"), "body": Given("hi")}),
            Call("again", "send", {"to": Given("bob"), "body": Result("letter")}),
            Call("other", "send", {"to": Given("ann"), "body": Result("note")}),
        ),
        Filled("{a} and {b}", {"a": Result("letter"), "b": Result("other")}),
    )
    events = told(plan)
    assert SENT == [("ann", "the note plan")]
    refused = [event for event in events if isinstance(event, Refused)]
    assert [(event.step, event.argument) for event in refused] == [("letter", "to")]
    assert "only the request may choose it" in refused[0].reason.value
    assert refused[0].reason.label.sources == {"read"}
    assert [(left.step, left.tool) for left in answer(events).left_out] == [("letter", "send"), ("again", "send")]
    assert "left out: send: its to comes from read" in str(answer(events).answer.value)
    assert str(answer(events).answer.value).endswith("and sent to ann")


def test_a_list_from_outside_does_not_decide_how_often_something_is_sent() -> None:
    plan = Plan(
        (
            Call("who", "names", {}),
            Call("notes", "read", {"name": Given("x")}, each=Result("who")),
            Call("letters", "send", {"to": Given("ann"), "body": Item()}, each=Result("notes")),
            Call("listed", "send", {"to": Item(), "body": Given("hi")}, each=Given(["ann", "bob"])),
        ),
        Result("listed"),
    )
    events = told(plan)
    assert SENT == [("ann", "hi"), ("bob", "hi")]
    assert [event.item for event in events if isinstance(event, Refused)] == [0, 1]
    assert answer(events).answer.value == ["sent to ann", "sent to bob"]


@pytest.mark.parametrize("says", [True, False, None])
def test_a_person_is_asked_where_the_policy_says_so(says: bool | None) -> None:
    plan = Plan((Call("letter", "send", {"to": Given("ann"), "body": Given("hi")}),), Result("letter"))
    heard: list[Asking] = []

    def approve(asking: Asking) -> bool:
        heard.append(asking)
        assert threading.current_thread() is threading.main_thread()
        return bool(says)

    events = told(plan, policy=Policy(), approve=None if says is None else approve)
    assert [event.approved for event in events if isinstance(event, Asked)] == [bool(says)]
    assert ([("ann", "hi")] if says else []) == SENT
    assert len(heard) == (says is not None)
    if heard:
        assert heard[0].arguments["to"].value == "ann"


def test_a_prompt_that_breaks_is_no_consent() -> None:
    def approve(asking: Asking) -> bool:
        raise RuntimeError(asking.step)

    plan = Plan((Call("letter", "send", {"to": Given("ann"), "body": Given("hi")}),), Result("letter"))
    assert any(isinstance(event, Refused) for event in told(plan, policy=Policy(), approve=approve))
    assert not SENT


def test_what_fails_is_left_out_with_what_needs_it() -> None:
    plan = Plan(
        (Call("a", "broken", {}), Call("b", "add", {"numbers": Result("a")}), BAD),
        Given("done"),
    )
    events = told(plan)
    assert [event.step for event in events if isinstance(event, Failed)] == ["a", "c"]
    assert [left.step for left in answer(events).left_out] == ["a", "b", "c"]
    assert "step a" in answer(events).left_out[1].reason.value
    assert answer(events).left_out[1].reason.label.sources == {"broken"}
    assert answer(events).answer == Labelled("done")


def test_an_answer_that_says_what_failed_is_as_tainted_as_that() -> None:
    for term in (Result("a"), Filled("{a}", {"a": Result("a")})):
        said = answer(told(Plan((Call("a", "broken", {}),), term))).answer
        assert said == Labelled("(left out: broken: it is out of order)", Label(frozenset(["broken"])))


def test_a_text_is_parsed_by_what_has_no_tools_and_stays_as_tainted() -> None:
    def parser(text: Labelled[str], question: str, schema: object) -> Json:
        return {"to": f"{text.value}?{question}"}

    plan = Plan(
        (
            Call("note", "read", {"name": Given("x")}),
            Parse("to", Result("note"), "who", {"type": "object"}),
            Call("letter", "send", {"to": Result("to", ("to",)), "body": Given("hi")}),
        ),
        Result("to", ("to",)),
    )
    events = told(plan, parser=parser)
    assert answer(events).answer.value == "the note x?who"
    assert answer(events).answer.label.sources == {"read"}
    assert not SENT
    with pytest.raises(BadPlan):
        told(plan)


def test_what_only_looks_goes_on_at_once_and_is_told_in_the_order_of_the_plan() -> None:
    meeting = threading.Barrier(4)

    def meet(number: int) -> int:
        """Wait for the others."""
        meeting.wait(timeout=30)
        return number

    tool = declared(meet)
    steps = tuple(Call(str(n), "meet", {"number": Given(n)}) for n in range(3))
    plan = Plan((*steps, Call("3", "meet", {"number": Item()}, each=Given([3]))), Given(""))
    events = list(run(plan, World({"meet": tool})))
    assert [event.step for event in events if isinstance(event, Started)] == list("0123")
    assert [event.step for event in events if isinstance(event, Finished)] == list("0123")


@pytest.mark.parametrize(("budget", "done"), [(Budget(steps=2), 2), (Budget(calls=1), 1), (Budget(seconds=0), 0)])
def test_over_a_budget_the_run_stops_and_keeps_what_it_has(budget: Budget, done: int) -> None:
    plan = Plan(tuple(Call(str(n), "add", {"numbers": Given([n])}) for n in range(4)), Result("0"))
    events = told(plan, budget=budget)
    assert sum(isinstance(event, BudgetSpent) for event in events) == 1
    assert sum(isinstance(event, Finished) for event in events) == done
    assert sum(isinstance(event, LeftOut) for event in events) == 4 - done
    assert answer(events).answer.value == (0.0 if done else f"(left out: {answer(events).left_out[0].reason.value})")


@pytest.mark.parametrize(
    ("plan", "said"),
    [
        (Plan((Call("a", "fly", {}),), Given("")), "no tool here"),
        (Plan((Call("a", "names", {}), Call("a", "names", {})), Given("")), "name of its own"),
        (Plan((Call("a", "read", {"name": Result("b")}),), Given("")), "no earlier step"),
        (Plan((Call("a", "read", {"name": Item()}),), Given("")), "for no list"),
        (Plan((), Filled("{x.y}", {"x": Given(1)})), "template"),
        (Plan(tuple(Call(str(n), "names", {}) for n in range(33)), Given("")), "33 steps"),
        (Plan((Call("a/b", "names", {}),), Given("")), "names no step"),
        (Plan((Call("a", "read", {"name": Given("x" * 1_000_000)}),), Given("")), "too large"),
    ],
)
def test_a_plan_that_cannot_be_carried_out_is_refused_before_anything_is_done(plan: Plan, said: str) -> None:
    with pytest.raises(BadPlan, match=said):
        told(plan)


def test_what_an_earlier_run_has_done_is_not_done_again() -> None:
    first = Plan((Call("note", "read", {"name": Given("plan")}), Call("sum", "broken", {})), Result("note"))
    then = Plan((*first.steps, Call("letter", "send", {"to": Given("ann"), "body": Result("note")})), Result("letter"))
    sofar = Sofar()
    list(carried_out(first, World({tool.name: tool for tool in TOOLS}, FREE), sofar))
    assert set(sofar.results) == {"note"}
    assert set(sofar.left_out) == {"sum"}
    SENT.clear()
    events = list(carried_out(then, World({tool.name: tool for tool in TOOLS}, FREE), sofar))
    assert [event.step for event in events if isinstance(event, Started)] == ["letter"]
    assert SENT == [("ann", "the note plan")]
    assert [left.step for left in answer(events).left_out] == ["sum"]
    assert answer(events).answer.label.sources == {"send", "read"}
