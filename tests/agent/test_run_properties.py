"""For any plan: no label is lost on the way to an answer, and steps that need nothing of each other go in any order."""

import re
from collections.abc import Iterator, Mapping, Sequence

from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import JsonValue

from openbook.agent.declare import declared
from openbook.agent.event_json import event_of, event_text
from openbook.agent.events import Answered, Event, Failed, Finished, LeftOut, Refused
from openbook.agent.plan import Call, Filled, Given, Item, Parse, Plan, Result, Step, Term, needs
from openbook.agent.run import run
from openbook.agent.tool import Tool, ToolFailed
from openbook.agent.world import World
from openbook.guard.labelled import Labelled, as_text
from openbook.guard.policy import Policy
from openbook.values import Json, Label

MARK = re.compile(r"<(\w+)>")
"""Each tool signs what it gives, so that a value itself says what it was made of."""


def page() -> str:
    """Read a page."""
    return "<page>"


def mails() -> list[str]:
    """Read mails."""
    return ["<mails>1", "<mails>2"]


def both(a: JsonValue = "", b: JsonValue = "") -> str:
    """Put together."""
    return f"{as_text(a)}{as_text(b)}"


def fail(a: JsonValue = "", b: JsonValue = "") -> str:
    """Fail."""
    raise ToolFailed(f"cannot {as_text(a)}")


def put(a: JsonValue = "", b: JsonValue = "") -> str:
    """Write."""
    return f"<put>{as_text(a)}"


LOOKING: Sequence[Tool] = (
    declared(page, effects=["reads"]),
    declared(mails, effects=["reads"]),
    declared(both, derived=True),
    declared(fail, derived=True),
)
TOOLS: Mapping[str, Tool] = {tool.name: tool for tool in (*LOOKING, declared(put, effects=["writes"], content=["a"]))}
FREE = Policy(effects={"reads": "allow", "writes": "allow"})


def parsed(text: Labelled[str], question: str, schema: Mapping[str, Json]) -> Json:
    return [text.value]


@st.composite
def plans(draw: st.DrawFn, tools: Sequence[str]) -> Plan:
    steps: list[Step] = []

    def term(*, item: bool = False, deep: bool = True) -> Term:
        choices: list[st.SearchStrategy[Term]] = [st.builds(Given, st.sampled_from(["x", 1, ["y"]]))]
        if steps:
            path = st.sampled_from([(), (0,)])
            choices.append(st.builds(Result, st.sampled_from([step.id for step in steps]), path))
        if item:
            choices.append(st.just(Item()))
        if deep and draw(st.booleans()):
            return Filled("{p} {q}", {"p": term(item=item, deep=False), "q": term(item=item, deep=False)})
        return draw(st.one_of(choices))

    for number in range(draw(st.integers(1, 6))):
        name = draw(st.sampled_from([*tools, "parse"]))
        if name == "parse":
            steps.append(Parse(f"s{number}", term(), "what?", {}))
            continue
        each = term(deep=False) if name in ("both", "fail", "put") and draw(st.booleans()) else None
        with_arguments = name in ("both", "fail", "put")
        arguments = {key: term(item=each is not None) for key in "ab"} if with_arguments else {}
        steps.append(Call(f"s{number}", name, arguments, each))
    return Plan(tuple(steps), term())


def told(plan: Plan) -> list[Event]:
    return list(run(plan, World(TOOLS, policy=FREE, parser=parsed)))


def labelled(event: Event) -> Iterator[Labelled[Json]]:
    match event:
        case Finished():
            yield event.result
        case Answered():
            yield event.answer
            yield from (left.reason for left in event.left_out)
        case Failed():
            yield event.message
        case Refused() | LeftOut():
            yield event.reason
        case _:
            pass


@settings(max_examples=150)
@given(plans(tuple(TOOLS)))
def test_whatever_is_told_is_labelled_with_all_that_it_was_made_of(plan: Plan) -> None:
    events = told(plan)
    for event in events:
        for value in labelled(event):
            assert set(MARK.findall(as_text(value.value))) <= value.label.sources
    assert [event_of(event_text(event)) for event in events] == events


@settings(max_examples=150)
@given(plans([tool.name for tool in LOOKING]), st.randoms(use_true_random=False))
def test_the_order_of_steps_that_need_nothing_of_each_other_changes_no_result(plan: Plan, random: object) -> None:
    waiting, order = list(plan.steps), list[Step]()
    while waiting:
        ready = [step for step in waiting if needs(step) <= {done.id for done in order}]
        order.append(random.choice(ready))  # type: ignore[attr-defined]
        waiting.remove(order[-1])

    def results(steps: Sequence[Step]) -> tuple[object, ...]:
        events = told(Plan(tuple(steps), plan.answer))
        last = events[-1]
        assert isinstance(last, Answered)
        done = {(event.step, event.item): event.result for event in events if isinstance(event, Finished)}
        return done, last.answer.value, {left.step for left in last.left_out}

    assert results(order) == results(plan.steps)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["is", "of", "value", "labelled", "sources", "x"]), inner, max_size=3)
    ),
    max_leaves=8,
)


@given(JSON, st.sets(st.text(max_size=5), max_size=3))
def test_any_value_comes_back_from_the_journal_as_it_was(value: Json, sources: set[str]) -> None:
    event = Finished("a", 1, "t", Labelled(value, Label(frozenset(sources))))
    assert event_of(event_text(event)) == event
