"""A tool: what it is called with, what a call may do, and the function that does it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from openbook.errors import OpenbookError
from openbook.guard.capability import Capability
from openbook.guard.labelled import Labelled, together
from openbook.values import Json, Label

Arguments = Mapping[str, Json]


class BadArguments(OpenbookError):
    """A call's arguments are not what the tool's schema says; the message says which and why, for whoever called."""


class ToolFailed(OpenbookError):
    """A tool could not do what it was asked. The message may hold a server's or a file's words: it is tainted."""


@dataclass(frozen=True, slots=True)
class Tool:
    """Made by ``declare.declared`` from a typed function, or from a server's listing.

    schema: JSON schema of the arguments, an object. check: the arguments as the function takes them; raises
    BadArguments. call: does it; whatever it raises is caught by the run. derived: the result is made of its arguments
    and nothing else, so that it is as trusted as they are; otherwise it is tainted by the tool itself too.
    examples: requests of people that this tool answers, for a planner without a language model.
    """

    name: str
    description: str
    schema: Mapping[str, Json]
    capability: Capability
    check: Callable[[Arguments], Arguments]
    call: Callable[[Arguments], Json]
    derived: bool = False
    examples: tuple[str, ...] = ()


def result_label(tool: Tool, arguments: Mapping[str, Labelled[Json]]) -> Label:
    """What the result of a call derives from."""
    made_of = together(arguments).label
    return made_of if tool.derived else made_of.join(Label(frozenset([tool.name])))
