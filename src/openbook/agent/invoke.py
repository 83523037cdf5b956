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
from openbook.agent.once import kept, once, settle
from openbook.agent.perform import CallFailed, Work
from openbook.agent.tool import Arguments, Charged, Tool, result_label
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
    work = _work(call, world)
    if (found := kept(work, world)) is not None:
        return found
    taken = _checked(call, world)
    unknown = tool.capability.acts and world.journal is not None and world.journal.begun(work.call)
    _permit(call, taken, world, anew=not unknown)
    if unknown and (found := _settled(call, work, world)) is not None:
        return found
    return once(replace(work, function=lambda: _call(call, taken, work, world)), world)


def _work(call: _Call, world: World) -> Work:
    """Its function is known once the arguments are checked."""
    tool = call.tool
    made_of = {name: argument.value for name, argument in call.arguments.items()}
    acts = tool.capability.acts
    return Work(tool.name, call.step, call.item, made_of, call.label, acts, world.bounds.seconds, lambda: None)


def _call(call: _Call, taken: Arguments, work: Work, world: World) -> Json | Charged:
    if call.tool.keyed is not None and world.journal is not None:
        return call.tool.keyed(taken, world.journal.key(work.call))
    return call.tool.call(taken)


def _settled(call: _Call, work: Work, world: World) -> Labelled[Json] | None:
    """Of a call that was intended before the run was stopped: what it gave; None where it is to be made.

    A tool that takes a key repeats nothing by itself; one that can look the key up says whether it was done; of any
    other a person decides. Raises NotCalled and CallFailed; it then stays unknown.
    """
    tool = call.tool
    if world.journal is None:
        return None
    if tool.done is not None:
        done, key = tool.done, world.journal.key(work.call)
        found = attempted(lambda: done(key), work.seconds)
        if isinstance(found, Fault):
            said = f"{tool.name} may have been done before the run was stopped, and cannot say: {found.message}"
            raise CallFailed(Labelled(said, call.label), unknown=True)
        return None if found.value is None else settle(work, found.value, world)
    reason = Labelled(f"{tool.name} may have been done already, before the run was stopped", call.made_of)
    if tool.keyed is None and not _asked(call, reason, world, again=True):
        raise NotCalled(Labelled(f"{reason.value}; nobody said to do it again", reason.label))
    return None


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


def _permit(call: _Call, taken: Arguments, world: World, *, anew: bool) -> None:
    """The policy sees defaults too: a list of allowed values holds for what was not given.

    anew: whether a person is to be asked; not where the call was allowed and intended before the run was stopped.
    """
    defaults = {name: Labelled(value) for name, value in taken.items() if name not in call.arguments}
    decision = decide(call.tool.capability, {**defaults, **call.arguments}, call.control, world.policy)
    if decision.action == "allow" or (decision.action == "ask" and not anew):
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
