"""Of all that a model is ever shown, whatever came from outside stands under the name of where it came from.

Every tool's result holds a word of its own, and the model repeats all that it sees, so that a word travels through
replies, faults, reflections and corrections. A part that holds it must be labelled by that tool; what a planner or a
repairer is shown holds none at all.
"""

import json
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from scripted_model import Scripted

from openbook.agent.bounded import Bounds
from openbook.agent.budget import Budget
from openbook.agent.declare import declared
from openbook.agent.events import Answered, Event
from openbook.agent.plan import Call, Filled, Given, Parse, Plan, Result
from openbook.agent.plan_json import json_of
from openbook.agent.quarantine import Quarantine
from openbook.agent.run_repaired import run_repaired
from openbook.agent.stepwise import STEPPING, stepwise
from openbook.agent.tool import Tool, ToolFailed
from openbook.agent.world import World
from openbook.guard.policy import Policy
from openbook.values import Prompt

NAMES = ("alpha", "beta", "gamma")
WORDS = {name: f"zq{name}zq" for name in NAMES}
FREE = Policy(effects={"reads": "allow", "sends": "allow"}, tainted="ask")


def reader(name: str, fails: bool) -> Tool:
    def read(text: str) -> str:
        """Read something."""
        if fails:
            raise ToolFailed(f"{WORDS[name]} failed")
        return f"{WORDS[name]} {text}"

    return declared(read, effects=["reads"], content=["text"], name=name)


def seen_words(prompt: Prompt) -> str:
    told = " ".join(part.text for part in prompt)
    return " ".join(word for word in WORDS.values() if word in told)


def check(prompts: list[Prompt]) -> None:
    for prompt in prompts:
        for part in prompt:
            for name, word in WORDS.items():
                assert word not in part.text or name in part.label.sources, part


def tools_that(fails: dict[str, bool]) -> dict[str, Tool]:
    return {name: reader(name, fails[name]) for name in NAMES}


FAILS = st.fixed_dictionaries(dict.fromkeys(NAMES, st.booleans()))
MOVE = st.sampled_from(["call", "call", "call", "wrong name", "wrong type", "prose", "echo"])


@settings(max_examples=60, deadline=None)
@given(FAILS, st.lists(st.tuples(MOVE, st.sampled_from(NAMES)), min_size=1, max_size=8))
def test_step_by_step(fails: dict[str, bool], moves: list[tuple[str, str]]) -> None:
    def line(move: str, name: str) -> Any:
        def made(prompt: Prompt) -> str:
            text = seen_words(prompt)
            if "Write no JSON" in prompt[-1].text:
                return f"I saw {text}."
            call: dict[str, Any] = {"tool": name, "arguments": {"text": text}}
            wrong: dict[str, Any] = {
                "call": call,
                "wrong name": {"tool": f"{name} {text}", "arguments": {}},
                "wrong type": {"tool": name, "arguments": {"text": [text]}},
                "echo": {"answered": text},
            }
            return json.dumps(wrong[move]) if move in wrong else f"no {text}"

        return made

    plan = Plan((Call("s1", "alpha", {"text": Given("x")}),), Given("Done."))
    end = json.dumps({"answer": "Done."})
    model = Scripted([json.dumps(json_of(plan)), *(line(*move) for move in moves), end])
    world = World(tools_that(fails), FREE, bounds=Bounds(tries=1), approve=lambda _: True, budget=Budget(steps=12))
    events = list(stepwise("Read.", model, world, STEPPING))
    assert not seen_words(model.prompts[0])
    assert all(part.label.trusted for part in model.prompts[0])
    check(model.prompts)
    last = events[-1]
    assert isinstance(last, Answered)
    shown = {name for prompt in model.prompts for name, word in WORDS.items() if word in str(prompt)}
    assert shown <= last.answer.label.sources


@settings(max_examples=60, deadline=None)
@given(FAILS, st.booleans())
def test_planned_parsed_and_repaired(fails: dict[str, bool], good: bool) -> None:
    def steps(mark: str) -> tuple[Any, ...]:
        return (
            Call(f"a{mark}", "alpha", {"text": Given("x")}),
            Parse(f"v{mark}", Result(f"a{mark}"), "Which word?", {"type": "string"}),
            Call(f"b{mark}", "beta", {"text": Result(f"v{mark}")}),
            Call(f"c{mark}", "gamma", {"text": Filled("{b}", {"b": Result(f"b{mark}")})}),
        )

    def parsed(prompt: Prompt) -> str:
        return json.dumps({"value": seen_words(prompt)} if good else {seen_words(prompt): 1})

    new = Plan(steps("2"), Result("c2"))
    planner, quarantined = Scripted([json.dumps(json_of(new))]), Scripted([parsed])
    world = World(tools_that(fails), FREE, Quarantine(quarantined), lambda _: True, bounds=Bounds(tries=1))
    events: list[Event] = list(run_repaired("Read.", Plan(steps("1"), Result("c1")), planner, world))
    assert bool(planner.prompts) == fails["alpha"]  # every other failure hangs on a result
    for prompt in planner.prompts:
        assert not seen_words(prompt)
        assert all(part.label.trusted for part in prompt)
    check(quarantined.prompts)
    assert isinstance(events[-1], Answered)
