"""Whether a call may be made: the policy's word, and a person's where the policy wants it or nobody else can know."""

import time

from openbook.agent.events import Asked
from openbook.agent.pending import Pending
from openbook.agent.tool import Arguments
from openbook.agent.world import Asking, World
from openbook.errors import OpenbookError
from openbook.guard.labelled import Labelled
from openbook.guard.policy import Decision, decide


class NotCalled(OpenbookError):
    """The policy, or a person, refused a call. argument: the one that decided, if one did."""

    def __init__(self, reason: Labelled[str], argument: str | None = None) -> None:
        super().__init__(reason.value)
        self.reason = reason
        self.argument = argument


def decided(call: Pending, taken: Arguments, world: World) -> Decision:
    """Allowed, or to be asked. Raises NotCalled.

    taken: the arguments with defaults, which the policy sees too: its lists of allowed values hold for them as well.
    """
    defaults = {name: Labelled(value) for name, value in taken.items() if name not in call.arguments}
    decision = decide(call.tool.capability, {**defaults, **call.arguments}, call.control, world.policy)
    if decision.action == "refuse":
        raise NotCalled(Labelled(decision.reason, call.made_of), decision.argument)
    return decision


def consent(call: Pending, decision: Decision, world: World, *, again: bool) -> None:
    """A person's word, where it is needed. again: whether the call may have been made already. Raises NotCalled."""
    if decision.action == "allow" and not again:
        return
    said = f"{call.tool.name} may have been done already, before the run was stopped" if again else decision.reason
    reason = Labelled(said, call.made_of)
    start = time.monotonic()
    approved = _approved(Asking(call.tool, call.arguments, reason, call.step, call.item, again), world)
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
