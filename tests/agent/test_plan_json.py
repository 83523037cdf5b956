"""A plan and its JSON are the same thing, and every fault of a plan is told so that a model can mend it."""

import json
import string
from dataclasses import replace
from typing import Any

import pytest
from few_tools import SORT, TOOLS
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from openbook.agent.plan import MOST_EACH, MOST_STEPS, Call, Filled, Given, Item, Parse, Plan, Result
from openbook.agent.plan_check import BadPlan
from openbook.agent.plan_faults import checked, faults_of, read_plan
from openbook.agent.plan_json import json_of, plan_of
from openbook.agent.plan_schema import plan_schema
from openbook.generate.constrain import Grammar
from openbook.tokens import Tokenizer
from openbook.train.characters import tokenizer_json

TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
VALUE = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=2),
    max_leaves=5,
)
PATH = st.lists(TEXT | st.integers(0, 9), max_size=3).map(tuple)
ID = st.text("ab1-_", min_size=1, max_size=4)
TERM = st.recursive(
    st.builds(Given, VALUE) | st.builds(Result, ID, PATH) | st.builds(Item, PATH),
    lambda inner: st.builds(Filled, TEXT, st.dictionaries(TEXT, inner, max_size=2)),
    max_leaves=4,
)
CALL = st.builds(
    Call, ID, TEXT, st.dictionaries(TEXT, TERM, max_size=3), st.none() | TERM.filter(lambda term: term != Given(None))
)
PARSE = st.builds(Parse, ID, TERM, TEXT.filter(str.strip), st.just({"type": "string"}))
PLAN = st.builds(Plan, st.lists(CALL | PARSE, max_size=4).map(tuple), TERM)

GOOD: dict[str, Any] = {
    "steps": [
        {"id": "s1", "tool": "search", "arguments": {"query": "rent"}},
        {"id": "s2", "parse": {"result": "s1", "path": [0, "text"]}, "question": "How much?",
         "schema": {"type": "number"}},
        {"id": "s3", "tool": "add", "arguments": {"one": {"result": "s2"}, "other": 2}},
        {"id": "s4", "tool": "send", "each": ["ann", "bob"],
         "arguments": {"to": {"item": []}, "body": {"template": "It is {x}", "fields": {"x": {"result": "s3"}}}}},
        {"id": "s5", "tool": "sort", "arguments": {"rows": {"given": [{"a": 1}]}}},
    ],
    "answer": {"template": "{sum}", "fields": {"sum": {"result": "s3"}}},
}  # fmt: skip


@given(PLAN)
def test_a_plan_comes_back_from_its_json(plan: Plan) -> None:
    written = json.dumps(json_of(plan))
    assert repr(plan_of(json.loads(written))) == repr(plan)  # by repr, since True == 1


def changed(path: list[Any], value: Any) -> dict[str, Any]:
    """The good plan with one place of it changed; a value of ... takes it out."""
    plan = json.loads(json.dumps(GOOD))
    *way, last = path
    at = plan
    for key in way:
        at = at[key]
    if value is ...:
        del at[last]
    else:
        at[last] = value
    return plan


@pytest.mark.parametrize(
    ("path", "value", "said"),
    [
        (["steps"], ..., "lacks steps"),
        (["answer"], ..., "lacks answer"),
        (["steps"], {}, "no list"),
        (["steps"], [GOOD["steps"][0]] * (MOST_STEPS + 1), f"at most {MOST_STEPS}"),
        (["steps", 0], "search", "step 1 is no object"),
        (["steps", 0, "id"], ..., "step 1 lacks id"),
        (["steps", 0, "id"], 1, "id of a step"),
        (["steps", 0, "id"], "s 1", "id of a step"),
        (["steps", 2, "id"], "s1", "two steps have this id"),
        (["steps", 0, "reason"], "because", "'reason', which means nothing"),
        (["steps", 0, "tool"], "serach", "no tool 'serach': did you mean 'search'"),
        (["steps", 0, "tool"], "zzz", "there is search, add, send, sort"),
        (["steps", 0, "arguments"], [], "no object"),
        (["steps", 0, "arguments", "qery"], "x", "no argument of search 'qery': did you mean 'query'"),
        (["steps", 0, "arguments"], {}, "search needs query"),
        (["steps", 0, "arguments", "most"], "many", "step s1: search cannot be called like this: most: "),
        (["steps", 0, "arguments", "query"], {"result": "s3"}, "s1: it needs the result of s3, which is not made bef"),
        (["steps", 0, "arguments", "query"], {"result": "s1"}, "not made before it"),
        (["steps", 2, "arguments", "one"], {"result": "s9"}, "no earlier step 's9': there is s1, s2"),
        (["steps", 2, "arguments", "one"], {"value": 1}, 'an object here is one of {"given"'),
        (["steps", 2, "arguments", "one"], [{"result": "s1"}], 'only as {"given"'),
        (["steps", 2, "arguments", "one"], {"result": "s2", "path": "x"}, "a path is a list"),
        (["steps", 2, "arguments", "one"], {"result": "s2", "path": [True]}, "a path is a list"),
        (["steps", 2, "arguments", "one"], {"item": []}, "item stands for nothing without each"),
        (["steps", 3, "each"], "ann", "each is a list"),
        (["steps", 3, "each"], ["a"] * (MOST_EACH + 1), "each is a list of at most"),
        (["steps", 3, "each"], {"item": []}, "each cannot be made of item"),
        (["steps", 3, "arguments", "body", "template"], "It is {y}", "names 'y'"),
        (["steps", 3, "arguments", "body", "template"], "It is {x", "cannot be read"),
        (["steps", 3, "arguments", "body", "template"], "{x.__class__}", "it may name x"),
        (["steps", 1, "question"], " ", "question"),
        (["steps", 1, "schema"], {"type": "text"}, "the type of the schema is one of"),
        (["steps", 1, "schema"], {"$ref": "http://x"}, r"the schema has '\$ref'"),
        (["steps", 1, "schema"], {"type": "string", "pattern": "(a+)+$"}, "the schema has 'pattern'"),
        (["steps", 1, "schema"], {"type": "object"}, "names no properties"),
        (["answer"], {"item": []}, "the answer: item"),
        (["answer"], {"result": "s7"}, "the answer: there is no earlier step"),
    ],
)
def test_every_fault_is_one_line_that_says_where_and_what(path: list[Any], value: Any, said: str) -> None:
    with pytest.raises(BadPlan, match=said) as error:
        read_plan(json.dumps(changed(path, value)), TOOLS)
    assert "\n" not in str(error.value)


def test_several_faults_are_told_at_once_and_not_without_end() -> None:
    plan = changed(["steps", 0, "tool"], "serach")
    plan["steps"][2]["arguments"]["one"] = {"result": "s4"}
    assert len(list(faults_of(plan_of(plan), TOOLS))) == 2
    many = {"steps": [{"id": f"s{n}", "tool": "x"} for n in range(9)], "answer": 1}
    with pytest.raises(BadPlan, match="; and 4 more"):
        checked(plan_of(many), TOOLS)  # type: ignore[arg-type]


def test_a_deep_term_is_refused() -> None:
    term: Any = 1
    for _ in range(30):
        term = {"template": "", "fields": {"a": term}}
    with pytest.raises(BadPlan, match="nested"):
        plan_of({"steps": [], "answer": term})


def test_the_schema_allows_good_plans_and_rules_out_what_can_be_known_while_writing() -> None:
    schema = plan_schema(TOOLS)
    Draft202012Validator.check_schema(schema)
    validator = Draft202012Validator(schema)
    assert validator.is_valid(GOOD)
    read_plan(json.dumps(GOOD), TOOLS)
    for path, value in (
        (["steps", 0, "tool"], "serach"),
        (["steps", 0, "arguments", "qery"], "x"),
        (["steps", 0, "arguments", "most"], "many"),
        (["steps", 0, "arguments"], {}),
        (["steps", 3, "arguments", "kind"], "fax"),
        (["steps", 1, "schema"], {"$ref": "http://x"}),
        (["steps"], [GOOD["steps"][0]] * (MOST_STEPS + 1)),
        (["answer"], {"answer": 1}),
        (["steps", 0, "reason"], "because"),
    ):
        assert not validator.is_valid(changed(path, value)), path


def test_an_engine_held_to_the_schema_can_write_the_plan_and_no_unknown_tool() -> None:
    letters = string.printable
    tokenizer = Tokenizer(json.loads(tokenizer_json(letters)))
    grammar = Grammar(tokenizer, frozenset())
    plan = json.dumps(json_of(plan_of(GOOD)))
    for text, good in ((plan, True), (plan.replace('"search"', '"serach"'), False)):
        held = grammar.matching(json.dumps(plan_schema(TOOLS)))
        for letter in text:
            if not held.allowed(tokenizer.size)[tokenizer.id_of(letter)]:
                break
            held.take(tokenizer.id_of(letter))
        assert held.done == good


def test_a_tools_own_definitions_go_with_it_and_a_reference_to_anything_else_does_not() -> None:
    odd = replace(SORT, name="odd", schema={"type": "object", "properties": {"a": {"$ref": "#/properties/a"}}})
    row = {"type": "object", "properties": {"n": {"type": "integer"}}}
    own = {"type": "object", "properties": {"a": {"$ref": "#/$defs/Row"}}, "$defs": {"Row": row}}
    schema = plan_schema([*TOOLS, odd, replace(SORT, name="own", schema=own)])
    Draft202012Validator.check_schema(schema)
    plan = {"steps": [{"id": "s", "tool": "own", "arguments": {"a": {"given": {"n": 1}}}}], "answer": 1}
    assert Draft202012Validator(schema).is_valid(plan)
    plan["steps"][0]["arguments"]["a"]["given"]["n"] = "x"  # type: ignore[index]
    assert not Draft202012Validator(schema).is_valid(plan)
