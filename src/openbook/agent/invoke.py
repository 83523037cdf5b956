"""The only place where a tool is called: its arguments checked, the policy heard, a person asked, the result bounded.

Whoever decides to make a call, a plan or a model that reads, comes through here with the label of each argument and of
the decision itself. Nothing is called before the policy has spoken, and an effect that may have happened is never
repeated by itself, not even after the run was killed.
"""

from collections.abc import Mapping
from copy import deepcopy
from dataclasses import replace

from openbook.agent.attempt import Fault, attempted
from openbook.agent.consent import NotCalled as NotCalled
from openbook.agent.consent import consent, decided, with_defaults
from openbook.agent.once import kept, once, settle
from openbook.agent.pending import Pending, sized
from openbook.agent.perform import CallFailed, Work
from openbook.agent.tool import Arguments, Charged, Done, Tool
from openbook.agent.world import World
from openbook.guard.labelled import Labelled
from openbook.values import Json, Label


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
    for every call of a run. Raises NotCalled, CallFailed, OverBudget, and JournalProblem where there is a journal.
    """
    call = sized(Pending(tool, arguments, control, step, item), world.bounds)
    work = _work(call, world)
    if (found := kept(work, world)) is not None:
        return found
    taken = _checked(call, world)
    whole = with_defaults(call, taken)
    decision = decided(call, whole, world)
    unknown = tool.capability.acts and world.journal is not None and world.journal.begun(work.call)
    if unknown and (done := _looked_up(call, work, world)) is not None:
        return settle(work, done, world)
    # what takes a key repeats nothing, and what can be looked up was; of any other a person decides
    consent(call, whole, decision, world, again=unknown and tool.done is None and tool.keyed is None)
    return once(replace(work, function=lambda: _call(call, taken, work, world)), world)


def _work(call: Pending, world: World) -> Work:
    """Its function is known once the arguments are checked."""
    tool = call.tool
    made_of = {name: argument.value for name, argument in call.arguments.items()}
    acts = tool.capability.acts
    return Work(tool.name, call.step, call.item, made_of, call.label, acts, world.bounds.seconds, lambda: None)


def _call(call: Pending, taken: Arguments, work: Work, world: World) -> Json | Charged:
    if call.tool.keyed is not None and world.journal is not None:
        return call.tool.keyed(taken, world.journal.key(work.call))
    return call.tool.call(taken)


def _checked(call: Pending, world: World) -> Arguments:
    """The arguments as the tool takes them. Raises CallFailed with what is wrong with them."""
    given = {name: deepcopy(argument.value) for name, argument in call.arguments.items()}
    found = attempted(lambda: call.tool.check(given), world.bounds.seconds)
    if isinstance(found, Fault):
        if found.hung:
            world.spending.note_hung(call.tool.name)
        raise CallFailed(Labelled(found.message, call.made_of), arguments=True)
    return found.value


def _looked_up(call: Pending, work: Work, world: World) -> Done | None:
    """Of a call that was intended before the run was stopped: what it gave, where the tool knows that it was done.

    Raises CallFailed where the tool cannot say; the call then stays unknown.
    """
    if call.tool.done is None or world.journal is None:
        return None
    done, key = call.tool.done, world.journal.key(work.call)
    found = attempted(lambda: done(key), work.seconds)
    if isinstance(found, Fault):
        said = f"{call.tool.name} may have been done before the run was stopped, and cannot say: {found.message}"
        raise CallFailed(Labelled(said, call.label), unknown=True)
    return found.value
