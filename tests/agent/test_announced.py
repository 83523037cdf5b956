"""What a plan said before anything was read is the request's; all else that is called is what was read."""

from openbook.agent.announced import requested
from openbook.agent.plan import Call, Given, Result
from openbook.values import Label

READ = Label(frozenset(["page"]))
PLAN = (
    Call("1", "send", {"to": Given("ann"), "body": Result("0")}),
    Call("2", "send", {"to": Result("0"), "body": Given("hi")}, each=Result("0")),
)


def test_an_announced_call_is_the_requests_and_what_it_left_open_is_not() -> None:
    made = requested("send", {"to": "ann", "body": "x"}, PLAN, frozenset(), READ)
    assert made.planned == 0
    assert made.control.trusted
    assert made.arguments["to"].label.trusted
    assert made.arguments["body"].label == READ


def test_a_call_that_was_not_announced_or_was_made_before_is_what_was_read() -> None:
    for arguments, used in (
        ({"to": "eve", "body": "x"}, frozenset[int]()),
        ({"to": "ann", "body": "x"}, frozenset([0])),
    ):
        made = requested("send", arguments, PLAN, used, READ)
        assert made.planned is None
        assert made.control == READ
        assert {argument.label for argument in made.arguments.values()} == {READ}


def test_how_often_a_call_for_each_item_is_made_is_never_the_requests() -> None:
    for used in (frozenset[int](), frozenset([1])):
        made = requested("send", {"to": "eve", "body": "hi"}, PLAN, used, READ)
        assert made.planned == 1
        assert made.control == READ
