"""A plan as JSON and back: the form in which a model writes one, a file keeps one, and a person reads one.

``{"steps": [{"id": "s1", "tool": "search", "arguments": {"query": "rent"}}, ...], "answer": TERM}``. A term is a plain
value, or an object that has one meaning: ``{"given": VALUE}``, ``{"result": "s1", "path": ["price"]}``, ``{"item":
["name"]}`` or ``{"template": "Hello {who}", "fields": {"who": TERM}}``. Forms are read here; whether a plan makes sense
for the tools there are is ``plan_faults``'s.
"""

import re
from collections.abc import Collection, Mapping, Sequence

from openbook.agent.json_reply import DEEPEST, depth
from openbook.agent.plan import MOST_STEPS, Call, Filled, Given, Item, Parse, Plan, Result, Step, Term
from openbook.agent.plan_check import BadPlan
from openbook.guard.labelled import Path
from openbook.json_lines import shortened
from openbook.values import Json

MOST_ARGUMENTS, LONGEST_PATH, LONGEST_QUESTION = 64, 16, 2_000

_ID = re.compile(r"[A-Za-z0-9_-]{1,40}")
_TERMS = '{"given": VALUE}, {"result": STEP}, {"item": PATH} or {"template": TEXT, "fields": {...}}'


def plan_of(found: Json) -> Plan:
    """Raises BadPlan for any other form."""
    if depth(found) > DEEPEST:
        raise BadPlan(f"the plan is nested deeper than {DEEPEST}: write a flatter one")
    fields = _fields(found, "the plan", ("steps", "answer"))
    listed = fields["steps"]
    if not isinstance(listed, Sequence) or isinstance(listed, str):
        raise BadPlan('"steps" is no list: write {"steps": [...], "answer": ...}')
    if len(listed) > MOST_STEPS:
        raise BadPlan(f"the plan has {len(listed)} steps, at most {MOST_STEPS} are made: use fewer, or each")
    steps = tuple(_step(step, f"step {number}") for number, step in enumerate(listed, start=1))
    return Plan(steps, _term(fields["answer"], "the answer"))


def json_of(plan: Plan) -> dict[str, Json]:
    """What ``plan_of`` reads back as an equal plan."""
    return {"steps": [step_json(step) for step in plan.steps], "answer": term_json(plan.answer)}


def step_json(step: Step) -> dict[str, Json]:
    """One step alone."""
    if isinstance(step, Parse):
        return {"id": step.id, "parse": term_json(step.text), "question": step.question, "schema": dict(step.schema)}
    arguments = {name: term_json(term) for name, term in step.arguments.items()}
    each: dict[str, Json] = {} if step.each is None else {"each": term_json(step.each)}
    return {"id": step.id, "tool": step.tool, "arguments": arguments, **each}


def term_json(term: Term) -> Json:
    """One term alone; a plain value stands for itself."""
    match term:
        case Given(value):
            return value if _plain(value) else {"given": value}
        case Result(step, path):
            return {"result": step, **({"path": list(path)} if path else {})}
        case Item(path):
            return {"item": list(path)}
        case Filled(template, fields):
            return {"template": template, "fields": {name: term_json(field) for name, field in fields.items()}}


def _step(found: Json, where: str) -> Step:
    if isinstance(found, Mapping) and "parse" in found:
        return _parse(_fields(found, where, ("id", "parse", "question", "schema")), where)
    fields = _fields(found, where, ("id", "tool"), ("arguments", "each"))
    name, tool = _id(fields["id"], where), fields["tool"]
    arguments = fields.get("arguments", {})
    if not isinstance(tool, str):
        raise BadPlan(f'step {name}: "tool" is no text: name one tool')
    if not isinstance(arguments, Mapping) or len(arguments) > MOST_ARGUMENTS:
        raise BadPlan(f'step {name}: "arguments" is no object of at most {MOST_ARGUMENTS}: give each by its name')
    terms = {key: _term(term, f"step {name}, argument {shortened(key, 40)}") for key, term in arguments.items()}
    each = fields.get("each")
    return Call(name, tool, terms, None if each is None else _term(each, f"step {name}, each"))


def _parse(fields: Mapping[str, Json], where: str) -> Parse:
    name, question, schema = _id(fields["id"], where), fields["question"], fields["schema"]
    if not isinstance(question, str) or not 0 < len(question.strip()) <= LONGEST_QUESTION:
        raise BadPlan(f'step {name}: "question" is no text of 1 to {LONGEST_QUESTION:,} characters')
    if not isinstance(schema, Mapping):
        raise BadPlan(f'step {name}: "schema" is no object: write a JSON schema, as {{"type": "string"}}')
    return Parse(name, _term(fields["parse"], f"step {name}, parse"), question, schema)


def _term(found: Json, where: str) -> Term:
    if _plain(found):
        return Given(found)
    if not isinstance(found, Mapping):
        raise BadPlan(f"{where}: a list of objects stands for itself only as {{'given': [...]}}".replace("'", '"'))
    if "given" in found:
        return Given(_fields(found, where, ("given",))["given"])
    if "result" in found:
        fields = _fields(found, where, ("result",), ("path",))
        return Result(_id(fields["result"], where), _path(fields.get("path", []), where))
    if "item" in found:
        return Item(_path(_fields(found, where, ("item",))["item"], where))
    if "template" in found:
        fields = _fields(found, where, ("template",), ("fields",))
        template, inner = fields["template"], fields.get("fields", {})
        if not isinstance(template, str) or not isinstance(inner, Mapping) or len(inner) > MOST_ARGUMENTS:
            raise BadPlan(f"{where}: a template is a text, and its fields an object of at most {MOST_ARGUMENTS}")
        return Filled(template, {name: _term(term, f"{where}, {shortened(name, 40)}") for name, term in inner.items()})
    raise BadPlan(f"{where}: an object here is one of {_TERMS}")


def _plain(value: Json) -> bool:
    """Whether it stands for itself: no object, and no list that holds one."""
    if isinstance(value, Mapping):
        return False
    return not isinstance(value, Sequence) or isinstance(value, str) or all(_plain(each) for each in value)


def _path(found: Json, where: str) -> Path:
    keys = found if isinstance(found, Sequence) and not isinstance(found, str) else None
    if keys is None or len(keys) > LONGEST_PATH:
        raise BadPlan(f'{where}: a path is a list of at most {LONGEST_PATH} keys and places, as ["rows", 0]')
    path: list[str | int] = []
    for key in keys:
        if not isinstance(key, str | int) or isinstance(key, bool):
            raise BadPlan(f'{where}: a path is a list of keys and places, as ["rows", 0]')
        path.append(key)
    return tuple(path)


def _id(found: Json, where: str) -> str:
    if not isinstance(found, str) or not _ID.fullmatch(found):
        raise BadPlan(f'{where}: the id of a step is a text of 1 to 40 letters, digits, - and _, as "s1"')
    return found


def _fields(found: Json, where: str, needed: Collection[str], more: Collection[str] = ()) -> Mapping[str, Json]:
    if not isinstance(found, Mapping):
        raise BadPlan(f"{where} is no object: write one with {', '.join(needed)}")
    if missing := [name for name in needed if name not in found]:
        raise BadPlan(f"{where} lacks {', '.join(missing)}: add it")
    if strange := [name for name in found if name not in needed and name not in more]:
        raise BadPlan(f"{where} has {shortened(strange[0], 40)!r}, which means nothing there: leave it out")
    return found
