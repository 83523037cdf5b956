"""What a policy decides: outside text never chooses an effect, a person's list may, and the strictest voice counts."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openbook.guard.capability import EFFECTS, Capability
from openbook.guard.labelled import Labelled, tainted
from openbook.guard.policy import ArgumentRule, Policy, ToolRule, decide
from openbook.values import TRUSTED, Label

SEND = Capability("send_mail", frozenset(["sends"]), content=frozenset(["body"]))
MAIL = Label(frozenset(["mail 7"]))
FREE = Policy(effects=dict.fromkeys(EFFECTS, "allow"))


def test_what_the_request_says_is_done_with_outside_text_as_content() -> None:
    arguments = {"to": Labelled("ann@example.org"), "body": tainted("hello", "mail 7")}
    assert decide(SEND, arguments, TRUSTED, FREE).action == "allow"
    assert decide(SEND, arguments, TRUSTED, Policy()).action == "ask"


@given(st.sampled_from(["writes", "sends", "spends", "executes"]), st.booleans())
def test_outside_text_chooses_neither_an_effect_nor_whom_it_reaches(effect: str, by_control: bool) -> None:
    capability = Capability("tool", frozenset([effect]), content=frozenset(["body"]))  # type: ignore[list-item]
    to = Labelled("x") if by_control else tainted("x", "mail 7")
    decision = decide(capability, {"to": to}, MAIL if by_control else TRUSTED, FREE)
    assert decision.action == "refuse"
    assert "mail 7" in decision.reason


def test_looking_may_be_chosen_by_outside_text_but_not_where() -> None:
    search = Capability("search", frozenset(["reads"]), content=frozenset(["query"]))
    assert decide(search, {"query": tainted("x", "a")}, MAIL, FREE).action == "allow"
    read = Capability("read_file", frozenset(["reads"]))
    assert decide(read, {"path": tainted("x", "a")}, TRUSTED, FREE).argument == "path"


def test_a_list_in_the_policy_endorses_and_forbids() -> None:
    rule = ToolRule(arguments={"to": ArgumentRule(one_of=("ann@example.org", 1))})
    policy = Policy(effects=FREE.effects, tools={"send_mail": rule})
    assert decide(SEND, {"to": tainted("ann@example.org", "a")}, TRUSTED, policy).action == "allow"
    for other in ("bob@example.org", True, 1.0):
        assert decide(SEND, {"to": Labelled(other)}, TRUSTED, policy).action == "refuse"


@pytest.mark.parametrize("action", ["allow", "ask", "refuse"])
def test_a_rule_for_a_tool_stands_for_its_effects_and_opens_nothing_else(action: str) -> None:
    policy = Policy(tools={"send_mail": ToolRule(action=action)})  # type: ignore[arg-type]
    assert decide(SEND, {"to": Labelled("a")}, TRUSTED, policy).action == action
    assert decide(SEND, {"to": tainted("a", "b")}, TRUSTED, policy).action == "refuse"


def test_an_effect_that_the_policy_forgot_is_refused() -> None:
    assert decide(SEND, {"to": Labelled("a")}, TRUSTED, Policy(effects={"reads": "allow"})).action == "refuse"


def test_a_listed_argument_is_not_left_to_the_tool() -> None:
    policy = Policy(effects=FREE.effects, tools={"send_mail": ToolRule(arguments={"to": ArgumentRule(one_of=([1],))})})
    assert decide(SEND, {}, TRUSTED, policy).action == "refuse"
    assert decide(SEND, {"to": Labelled([True])}, TRUSTED, policy).action == "refuse"
    assert decide(SEND, {"to": Labelled([1])}, TRUSTED, policy).action == "allow"


def test_whoever_is_asked_learns_that_outside_text_chose() -> None:
    decision = decide(SEND, {"to": tainted("x", "mail 7")}, TRUSTED, Policy(tainted="ask"))
    assert decision.action == "ask"
    assert "mail 7" in decision.reason
