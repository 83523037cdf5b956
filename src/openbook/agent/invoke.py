"""The only place where a tool is called: its arguments checked, the policy heard, a person asked, the result bounded.

Whoever decides to make a call, a plan or a model that reads, comes through here with the label of each argument and of
the decision itself. Nothing is called before the policy has spoken, and an effect that may have happened is never
repeated by itself.
"""

import time
from collections.abc import Mapping
from copy import deepcopy
from dataclasses import dataclass, replace

from openbook.agent.attempt import Fault, attempted
from openbook.agent.bounded import Bounded, NotJson, bounded
from openbook.agent.events import Asked
from openbook.agent.perform import CallFailed, Work, performed
from openbook.agent.tool import Arguments, Tool, result_label
from openbook.agent.world import Asking, World
from openbook.errors import OpenbookError
from openbook.guard.labelled import Labelled, together
from openbook.guard.policy import Decision, decide
from openbook.values import Json, Label

ARGUMENTS_ROOM = 10
"""Arguments may be so many times larger than one result: they may be made of several."""


class NotCalled(OpenbookError):
    """The policy, or a person, refused a call. argument: the one that decided, if one did."""

    def __init__(self, reason: Labelled[str], argument: str | None = None) -> None:
        super().__init__(reason.value)
        self.reason = reason
        self.argument = argument


@dataclass(frozen=True, slots=True)
class _Call:
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


def invoke(
    tool: Tool,
    arguments: Mapping[str, Labelled[Json]],
    control: Label,
    world: World,
    *,
    step: str,
    item: int | None = None,
) -> Labelled[Json]:
    """What the call gave, under the label of all that it derives from.

    control: what the decision to make this call derives from. step, item: where in the run it stands; a name of its own
    for every call of a run. Raises NotCalled, CallFailed and OverBudget.
    """
    call = _sized(_Call(tool, arguments, control, step, item), world)
    taken = _checked(call, world)
    _permit(call, taken, world)
    work = Work(tool.name, step, item, call.label, tool.capability.acts, world.bounds.seconds, lambda: tool.call(taken))
    return Labelled(performed(work, world), call.label)


def _sized(call: _Call, world: World) -> _Call:
    """The call with copies of its arguments, which nobody else holds."""
    most = replace(
        world.bounds,
        characters=ARGUMENTS_ROOM * world.bounds.characters,
        values=ARGUMENTS_ROOM * world.bounds.values,
    )
    copies: dict[str, Labelled[Json]] = {}
    for name, argument in call.arguments.items():
        try:
            copy = bounded(argument.value, most)
        except NotJson as error:
            copy = Bounded(None, (f"it is a {error}, which is no JSON",), whole=False)
        if not copy.whole:
            raise CallFailed(
                Labelled(f"{call.tool.name}: its {name[:60]} cannot be passed: {copy.notices[0]}", call.made_of),
                arguments=True,
            )
        copies[name] = Labelled(copy.value, argument.label)
    return replace(call, arguments=copies)


def _checked(call: _Call, world: World) -> Arguments:
    """The arguments as the tool takes them. Raises CallFailed with what is wrong with them."""
    given = {name: deepcopy(argument.value) for name, argument in call.arguments.items()}
    found = attempted(lambda: call.tool.check(given), world.bounds.seconds)
    if isinstance(found, Fault):
        if found.hung:
            world.spending.note_hung(call.tool.name)
        raise CallFailed(Labelled(found.message, call.made_of), arguments=True)
    return found.value


def _permit(call: _Call, taken: Arguments, world: World) -> None:
    """The policy sees defaults too: a list of allowed values holds for what was not given."""
    defaults = {name: Labelled(value) for name, value in taken.items() if name not in call.arguments}
    decision = decide(call.tool.capability, {**defaults, **call.arguments}, call.control, world.policy)
    if decision.action == "allow":
        return
    reason = Labelled(decision.reason, call.made_of)
    if decision.action == "ask" and _asked(call, reason, world):
        return
    raise NotCalled(_refusal(reason, decision), decision.argument)


def _asked(call: _Call, reason: Labelled[str], world: World, *, again: bool = False) -> bool:
    """A person's word; where nobody can be asked, or the asking itself fails, it is no."""
    start = time.monotonic()
    approved = False
    if world.approve is not None:
        asking = Asking(call.tool, call.arguments, reason, call.step, call.item, again)
        try:
            approved = world.approve(asking) is True
        except Exception:  # noqa: BLE001 - a prompt that breaks is no consent
            approved = False
    world.spending.wait(time.monotonic() - start)
    world.tell(Asked(call.step, call.item, call.tool.name, reason, approved))
    return approved


def _refusal(reason: Labelled[str], decision: Decision) -> Labelled[str]:
    said = f"{reason.value}; nobody allowed it" if decision.action == "ask" else reason.value
    return Labelled(said, reason.label)
