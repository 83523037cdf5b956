"""All that is wrong with a plan that a model wrote, in one line from which the model can mend it.

``plan_check`` says whether a run may begin; this says more, and several faults at once: the nearest name, what is
lacking, a literal of the wrong type. All is known from the plan and the tools alone, so the planner may be told it.
"""

from collections.abc import Iterator, Mapping, Sequence
from difflib import get_close_matches
from typing import cast

from openbook.agent.json_reply import BadJson, object_in
from openbook.agent.parse_schema import schema_fault
from openbook.agent.plan import MOST_EACH, Call, Filled, Given, Item, Parse, Plan, Result, Step, Term, terms_of, within
from openbook.agent.plan_check import BadPlan, check_plan
from openbook.agent.plan_json import plan_of
from openbook.agent.tool import BadArguments, Tool
from openbook.errors import OpenbookError
from openbook.guard.labelled import Labelled, filled
from openbook.json_lines import shortened
from openbook.values import Json

MOST_FAULTS, MOST_NAMED = 5, 20
"""Faults that are told at once, and names that are listed to choose from."""


def read_plan(text: str, tools: Sequence[Tool]) -> Plan:
    """The plan that a model's reply holds. Raises BadPlan."""
    try:
        plan = plan_of(object_in(text))
    except BadJson as error:
        raise BadPlan(str(error)) from None
    return checked(plan, tools)


def checked(plan: Plan, tools: Sequence[Tool]) -> Plan:
    """The same plan. Raises BadPlan with the first faults, in the plan's order."""
    faults = list(faults_of(plan, tools))
    if faults:
        more = f"; and {len(faults) - MOST_FAULTS} more" if len(faults) > MOST_FAULTS else ""
        raise BadPlan("; ".join(faults[:MOST_FAULTS]) + more)
    check_plan(plan, {tool.name: tool for tool in tools})
    return plan


def faults_of(plan: Plan, tools: Sequence[Tool]) -> Iterator[str]:
    """One line each."""
    known = {tool.name: tool for tool in tools}
    every = {step.id for step in plan.steps}
    before: set[str] = set()
    for step in plan.steps:
        where = f"step {step.id}"
        if step.id in before:
            yield f"{where}: two steps have this id, give each its own"
        yield from _references(terms_of(step), where, before, every)
        yield from _items(step, where)
        yield from _of_call(step, where, known) if isinstance(step, Call) else _of_parse(step, where)
        before.add(step.id)
    yield from _references(within(plan.answer), "the answer", before, every)
    if any(isinstance(term, Item) for term in within(plan.answer)):
        yield "the answer: item stands for nothing there, name a result"


def nearest(name: str, names: Sequence[str], kind: str) -> str:
    """``there is no tool 'serch': did you mean 'search'?``, else what there is."""
    close = get_close_matches(name[:100], names, n=1)
    listed = ", ".join(names[:MOST_NAMED]) + (", ..." if len(names) > MOST_NAMED else "")
    hint = f"did you mean {close[0]!r}?" if close else f"there is {listed}" if names else "it has none"
    return f"there is no {kind} {shortened(name, 60)!r}: {hint}"


def _references(terms: Iterator[Term], where: str, before: set[str], every: set[str]) -> Iterator[str]:
    for term in terms:
        if isinstance(term, Result) and term.step not in before:
            if term.step in every:
                yield f"{where}: it needs the result of {term.step}, which is not made before it, so change the order"
            else:
                yield f"{where}: {nearest(term.step, sorted(before), 'earlier step')}"
        elif isinstance(term, Filled):
            try:
                filled(term.template, {name: Labelled("") for name in term.fields})
            except OpenbookError as error:
                yield f"{where}: {error}"


def _items(step: Step, where: str) -> Iterator[str]:
    each = step.each if isinstance(step, Call) else None
    if each is None:
        if any(isinstance(term, Item) for term in terms_of(step)):
            yield f"{where}: item stands for nothing without each, so add each or name a result"
    elif any(isinstance(term, Item) for term in within(each)):
        yield f"{where}: each cannot be made of item, name the list"
    elif isinstance(each, Given) and not (isinstance(each.value, list | tuple) and len(each.value) <= MOST_EACH):
        yield f"{where}: each is a list of at most {MOST_EACH}"


def _of_call(step: Call, where: str, known: Mapping[str, Tool]) -> Iterator[str]:
    tool = known.get(step.tool)
    if tool is None:
        yield f"{where}: {nearest(step.tool, list(known), 'tool')}"
        return
    names = arguments_of(tool)
    if names is not None and (strange := [name for name in step.arguments if name not in names]):
        yield f"{where}: {'; '.join(nearest(name, names, f'argument of {tool.name}') for name in strange[:3])}"
        return
    lacking = [name for name in required_of(tool) if name not in step.arguments]
    if lacking:
        yield f"{where}: {tool.name} needs {', '.join(lacking)}"
    elif all(isinstance(term, Given) for term in step.arguments.values()):
        try:
            tool.check({name: cast("Given", term).value for name, term in step.arguments.items()})
        except BadArguments as error:
            yield f"{where}: {error}"


def _of_parse(step: Parse, where: str) -> Iterator[str]:
    if fault := schema_fault(step.schema):
        yield f"{where}: {fault}"


def arguments_of(tool: Tool) -> list[str] | None:
    """The names that the tool's schema has; None where it takes others as well."""
    properties = tool.schema.get("properties", {})
    if tool.schema.get("additionalProperties", True) is not False and not properties:
        return None
    return list(properties) if isinstance(properties, Mapping) else None


def required_of(tool: Tool) -> list[str]:
    """The names that must be given."""
    required: Json = tool.schema.get("required", [])
    return [str(name) for name in required] if isinstance(required, list | tuple) else []
