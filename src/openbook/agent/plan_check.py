"""Whether a plan can be carried out at all, before anything is done: every name in it is known, every bound kept."""

from collections.abc import Mapping

from openbook.agent.bounded import Bounds, NotJson, bounded
from openbook.agent.plan import MOST_STEPS, Call, Filled, Given, Item, Parse, Plan, Result, Step, Term
from openbook.agent.tool import Tool
from openbook.errors import OpenbookError
from openbook.guard.labelled import Labelled, filled
from openbook.json_lines import shortened

MOST_NAME, MOST_TEMPLATE, MOST_NESTED = 64, 20_000, 8
"""Characters of a step's id and of a template, and templates within each other."""

_PLACEHOLDER = Labelled("x")


class BadPlan(OpenbookError):
    """A plan that no run can carry out. The message says what is wrong, for whoever planned."""


def check_plan(plan: Plan, tools: Mapping[str, Tool], *, parser: bool = True) -> None:
    """Raises BadPlan with the first fault. parser: whether texts can be read."""
    if len(plan.steps) > MOST_STEPS:
        raise BadPlan(f"the plan has {len(plan.steps):,} steps and may have {MOST_STEPS}: ask for less at once")
    known: set[str] = set()
    for step in plan.steps:
        _check_name(step, known)
        at = f"step {step.id}"
        if isinstance(step, Parse):
            if not parser:
                raise BadPlan(f"{at} reads a text, and nothing here can: name a model, or plan without it")
            _check_term(step.text, known, at, item=False)
            _check_value(dict(step.schema), f"{at}, its schema")
        else:
            _check_call(step, tools, known, at)
        known.add(step.id)
    _check_term(plan.answer, known, "the answer", item=False)


def _check_name(step: Step, known: set[str]) -> None:
    name = step.id
    if not name or len(name) > MOST_NAME or not name.isprintable() or "/" in name:
        raise BadPlan(f"{shortened(name)!r} names no step: take up to {MOST_NAME} letters and digits, and no slash")
    if name in known:
        raise BadPlan(f"two steps are called {name}: give each a name of its own")


def _check_call(step: Call, tools: Mapping[str, Tool], known: set[str], at: str) -> None:
    if step.tool not in tools:
        raise BadPlan(f"{at} calls {shortened(step.tool)}, which is no tool here: there are {', '.join(sorted(tools))}")
    if step.each is not None:
        _check_term(step.each, known, at, item=False)
    for name, term in step.arguments.items():
        _check_term(term, known, f"{at}, its {shortened(name)}", item=step.each is not None)


def _check_term(term: Term, known: set[str], at: str, *, item: bool, depth: int = 0) -> None:
    match term:
        case Given(value):
            _check_value(value, at)
        case Result(step):
            if step not in known:
                raise BadPlan(f"{at} needs {shortened(step)}, which is no earlier step")
        case Item():
            if not item:
                raise BadPlan(f"{at} names an item, and is done for no list: give the step an `each`")
        case Filled(template, fields):
            if depth == MOST_NESTED or len(template) > MOST_TEMPLATE:
                raise BadPlan(f"{at} has a template too long or too deep: build the text in several steps")
            for field in fields.values():
                _check_term(field, known, at, item=item, depth=depth + 1)
            try:
                filled(template, dict.fromkeys(fields, _PLACEHOLDER))
            except OpenbookError as error:
                raise BadPlan(f"{at}: {error}") from None


def _check_value(value: object, at: str) -> None:
    try:
        whole = bounded(value, Bounds()).whole
    except NotJson:
        whole = False
    if not whole:
        raise BadPlan(f"{at} holds a value that is too large, too deep or no JSON: give a smaller one")
