"""A call that may be made: its tool, its arguments, and what the decision to make it derives from."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from openbook.agent.bounded import Bounded, Bounds, NotJson, bounded
from openbook.agent.perform import CallFailed
from openbook.agent.tool import Tool, result_label
from openbook.guard.labelled import Labelled, together
from openbook.json_lines import shortened
from openbook.values import Json, Label

ARGUMENTS_ROOM = 10
"""Arguments may be so many times larger than one result: they may be made of several."""


@dataclass(frozen=True, slots=True)
class Pending:
    tool: Tool
    arguments: Mapping[str, Labelled[Json]]
    control: Label
    step: str
    item: int | None

    @property
    def made_of(self) -> Label:
        """What its arguments, and whether it is made, derive from."""
        return together(self.arguments).label.join(self.control)

    @property
    def label(self) -> Label:
        """What its result derives from."""
        return result_label(self.tool, self.arguments).join(self.control)


def sized(call: Pending, bounds: Bounds) -> Pending:
    """The call with copies of its arguments, which nobody else holds. Raises CallFailed where they are too large."""
    room = {"characters": ARGUMENTS_ROOM * bounds.characters, "values": ARGUMENTS_ROOM * bounds.values}
    most = replace(bounds, **room)
    copies: dict[str, Labelled[Json]] = {}
    for name, argument in call.arguments.items():
        try:
            copy = bounded(argument.value, most)
        except NotJson as error:
            copy = Bounded(None, (f"it is a {error}, which is no JSON",), whole=False)
        if not copy.whole:
            said = f"{call.tool.name}: its {shortened(name)} cannot be passed: {copy.notices[0]}"
            raise CallFailed(Labelled(said, call.made_of), arguments=True)
        copies[name] = Labelled(copy.value, argument.label)
    return replace(call, arguments=copies)
