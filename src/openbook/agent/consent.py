"""Whether a call may be made: the policy's word, and a person's where the policy wants it or nobody else can know."""

import time
from collections.abc import Mapping

from openbook.agent.events import Asked
from openbook.agent.pending import Pending
from openbook.agent.tool import Arguments
from openbook.agent.world import Asking, World
from openbook.errors import OpenbookError
from openbook.guard.labelled import Labelled
from openbook.guard.policy import Decision, decide
from openbook.values import Json


class NotCalled(OpenbookError):
    """The policy, or a person, refused a call. argument: the one that decided, if one did."""

    def __init__(self, reason: Labelled[str], argument: str | None = None) -> None:
        super().__init__(reason.value)
        self.reason = reason
        self.argument = argument


def with_defaults(call: Pending, taken: Arguments) -> Mapping[str, Labelled[Json]]:
    """The call's arguments and, as trusted ones, those that the tool takes where nothing is given: the policy's lists
    of allowed values hold for them, and a person sees them."""
    return {**call.arguments, **{name: Labelled(value) for name, value in taken.items() if name not in call.arguments}}


def decided(call: Pending, arguments: Mapping[str, Labelled[Json]], world: World) -> Decision:
    """Allowed, or to be asked. arguments: with defaults. Raises NotCalled."""
    decision = decide(call.tool.capability, arguments, call.control, world.policy)
    if decision.action == "refuse":
        raise NotCalled(Labelled(decision.reason, call.made_of), decision.argument)
    return decision


def consent(
    call: Pending, arguments: Mapping[str, Labelled[Json]], decision: Decision, world: World, *, again: bool
) -> None:
    """A person's word, where it is needed. again: whether the call may have been made already. Raises NotCalled."""
    if decision.action == "allow" and not again:
        return
    said = f"{call.tool.name} may have been done already, before the run was stopped" if again else decision.reason
    reason = Labelled(said, call.made_of)
    start = time.monotonic()
    asking = Asking(call.tool, arguments, reason, call.step, call.item, again, decision.by_hand)
    approved = _approved(asking, world)
    world.spending.wait(time.monotonic() - start)
    world.tell(Asked(call.step, call.item, call.tool.name, reason, approved))
    if not approved:
        refused = f"{said}; nobody said to do it again" if again else f"{said}; nobody allowed it"
        raise NotCalled(Labelled(refused, reason.label), decision.argument)


def _approved(asking: Asking, world: World) -> bool:
    """Where nobody can be asked, or the asking itself fails, it is no."""
    if world.approve is None:
        return False
    try:
        return world.approve(asking) is True
    except Exception:  # noqa: BLE001 - a prompt that breaks is no consent
        return False
