"""A tool: what it is called with, what a call may do, and the function that does it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal

from openbook.errors import OpenbookError
from openbook.guard.capability import Capability
from openbook.guard.labelled import Labelled, together
from openbook.values import Json, Label

Arguments = Mapping[str, Json]


class BadArguments(OpenbookError):
    """A call's arguments are not what the tool's schema says; the message says which and why, for whoever called."""


class ToolFailed(OpenbookError):
    """A tool could not do what it was asked. The message may hold a server's or a file's words: it is tainted.

    again: whether another try may go better, as after a broken connection; a file that is not there stays away.
    undone: whether it is certain that nothing was done, as where a file is there already.
    """

    def __init__(self, message: str, *, again: bool = False, undone: bool = False) -> None:
        super().__init__(message)
        self.again = again
        self.undone = undone


@dataclass(frozen=True, slots=True)
class Charged:
    """What a tool or a parser gave, and what that cost, where it reports it."""

    value: Json
    money: Decimal = Decimal(0)
    tokens: int = 0


@dataclass(frozen=True, slots=True)
class Done:
    """A call of a key took effect earlier, and gave this."""

    value: Json = None


@dataclass(frozen=True, slots=True)
class Tool:
    """Made by ``declare.declared`` from a typed function, or from a server's listing.

    schema: JSON schema of the arguments, an object. check: the arguments as the function takes them; raises
    BadArguments. call: does it; whatever it raises is caught by the run. derived: the result is made of its arguments
    and nothing else, so that it is as trusted as they are; otherwise it is tainted by the tool itself too.
    examples: requests of people that this tool answers, for a planner without a language model. keyed: in place of
    ``call``, for a tool that takes an idempotency key: of all calls with one key, at most one takes effect. done:
    whether the call of a key took effect, for a tool that can look it up; it too is called with the key, by ``keyed``.
    """

    name: str
    description: str
    schema: Mapping[str, Json]
    capability: Capability
    check: Callable[[Arguments], Arguments]
    call: Callable[[Arguments], Json | Charged]
    derived: bool = False
    examples: tuple[str, ...] = ()
    keyed: Callable[[Arguments, str], Json | Charged] | None = None
    done: Callable[[str], Done | None] | None = None


def result_label(tool: Tool, arguments: Mapping[str, Labelled[Json]]) -> Label:
    """What the result of a call derives from."""
    made_of = together(arguments).label
    return made_of if tool.derived else made_of.join(Label(frozenset([tool.name])))
