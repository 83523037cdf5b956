"""The rest of a plan written again after a failure, by a planner that learns nothing that text from outside chose.

It is told which step failed and the kind of failure, and what the tool's own check says where every argument was the
request's; never a result, a server's message, or the fate of a step that hangs on a result. What remains is that
whoever answers a call can choose to fail it: the planner then writes another plan for the same request, so often as
plans are repaired, and no word of it comes from there.
"""

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from openbook.agent.correct import corrected
from openbook.agent.events import Event, Failed, Finished, Started, Why
from openbook.agent.model_planner import PLANNING, Planned, Planning, decoding_of, no_plan, planning_prompt
from openbook.agent.plan import Call, Plan, Step, needs
from openbook.agent.plan_check import BadPlan
from openbook.agent.plan_faults import read_plan
from openbook.agent.plan_json import json_of, step_json
from openbook.agent.reply import Heard, unheard
from openbook.agent.tool import Tool
from openbook.guard.labelled import together
from openbook.protocols import LanguageModel
from openbook.values import TRUSTED, Label, Part, Prompt

_KINDS: Mapping[Why, str] = {
    "arguments": "its arguments are wrong",
    "time": "there was no answer in time",
    "tool": "the tool could not do it",
}


@dataclass(frozen=True, slots=True)
class Fault:
    """A failure that the planner may be told of. detail: what the tool's check says of arguments that the plan gave."""

    step: str
    why: Why
    detail: str = ""


def tellable(events: Sequence[Event]) -> tuple[Fault, ...]:
    """The failures of a run whose every cause is the plan's own, in their order, one a step.

    Not of a call that may have had its effect, which must not be made again; nor of a step with ``each`` of which some
    items were done.
    """
    causes: dict[tuple[str, int | None], Label] = {}
    done = {event.step for event in events if isinstance(event, Finished)}
    found: dict[str, Fault] = {}
    for event in events:
        if isinstance(event, Started):
            causes[event.step, event.item] = together(event.arguments).label.join(event.control)
        if isinstance(event, Failed) and event.step not in done and not event.unknown:
            cause = causes.get((event.step, event.item))
            if cause is not None and cause.trusted:
                told = event.why == "arguments" and event.message.label.trusted
                found.setdefault(event.step, Fault(event.step, event.why, event.message.value if told else ""))
    return tuple(found.values())


def repaired(
    model: LanguageModel,
    request: str,
    tools: Sequence[Tool],
    plan: Plan,
    faults: Sequence[Fault],
    planning: Planning = PLANNING,
    heard: Heard = unheard,
    *,
    used: Collection[str] = (),
) -> Planned:
    """A plan that keeps every step that does not need a failed one. used: ids of steps that an earlier plan had, and
    that none may have again. Raises NoPlan, and what the engine raises."""
    changing = open_to_change(plan, faults)
    stay = {step.id for step in plan.steps if step.id not in changing}
    gone = [*changing, *(name for name in used if name not in stay)]

    def read(text: str) -> Plan:
        return _held(read_plan(text, tools), plan, gone, tools)

    prompt = repair_prompt(request, tools, plan, faults)
    decoding = decoding_of(planning, tools)
    made = corrected(model, prompt, decoding, read, planning.corrections, heard, tells=planning.tells)
    if made.value is None:
        raise no_plan(made.faults)
    return Planned(made.value, made.faults)


def repair_prompt(request: str, tools: Sequence[Tool], plan: Plan, faults: Sequence[Fault]) -> Prompt:
    """Made of the request, the tools, the plan and the faults, all of which are trusted."""
    changing = open_to_change(plan, faults)
    tool = {step.id: step.tool for step in plan.steps if isinstance(step, Call)}
    lines = [
        f"Step {fault.step} ({tool.get(fault.step, 'parse')}) failed: {_KINDS[fault.why]}"
        + (f": {fault.detail}" if fault.detail else "")
        for fault in faults
    ]
    kept = ", ".join(step.id for step in plan.steps if step.id not in changing) or "none"
    asked = (
        "Write the whole plan again, so that it does what was asked all the same. "
        f"Steps that stay as they are: {kept}. In place of {', '.join(changing)} write others, under new ids."
    )
    return (
        *planning_prompt(request, tools),
        Part(json.dumps(json_of(plan)), TRUSTED, "assistant"),
        Part("\n".join([*lines, asked]), TRUSTED, "user"),
    )


def open_to_change(plan: Plan, faults: Sequence[Fault]) -> tuple[str, ...]:
    """The failed steps, and all that need them: known from the plan, whatever became of the others."""
    changing = {fault.step for fault in faults}
    for step in plan.steps:
        if needs(step) & changing:
            changing.add(step.id)
    return tuple(step.id for step in plan.steps if step.id in changing)


def _held(new: Plan, old: Plan, gone: Sequence[str], tools: Sequence[Tool]) -> Plan:
    """Raises BadPlan where it is not the old one without the steps that are gone, and with others under new ids."""
    made = {step.id: step for step in new.steps}
    stay = [step for step in old.steps if step.id not in gone]
    for step in stay:
        if made.get(step.id) != step:
            raise BadPlan(f"step {step.id} stays as it is: write {json.dumps(step_json(step))}")
    if again := [name for name in gone if name in made]:
        raise BadPlan(f"step {again[0]} has failed or needs one that has: give the step in its place a new id")
    acting = {tool.name for tool in tools if tool.capability.acts}
    for step in new.steps:
        twin = next((other for other in stay if other.id != step.id and _same_call(step, other)), None)
        if twin is not None and step not in stay and isinstance(step, Call) and step.tool in acting:
            raise BadPlan(f"step {step.id} does what {twin.id} does: leave it out")
    return new


def _same_call(one: Step, other: Step) -> bool:
    """Whether two steps of a plan make the same call."""
    if not (isinstance(one, Call) and isinstance(other, Call)):
        return False
    return (one.tool, dict(one.arguments), one.each) == (other.tool, dict(other.arguments), other.each)
