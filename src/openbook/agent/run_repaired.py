"""A plan carried out, and where steps of it fail for reasons that may be told, the rest planned again and carried out.

What was done stays done: the repaired plan goes on from the results, which the planner never sees. With a journal each
plan is kept before anything of it is done, so that a run that was stopped goes on with the last one.
"""

from collections.abc import Iterator, Sequence

from openbook.agent.events import Answered, Event, Repaired, Stopped
from openbook.agent.model_planner import PLANNING, Planning
from openbook.agent.plan import Plan
from openbook.agent.plan_json import json_of
from openbook.agent.repair import Fault, open_to_change, repaired, tellable
from openbook.agent.reply import charging
from openbook.agent.run import carried_out, revisions
from openbook.agent.sofar import Sofar
from openbook.agent.world import World
from openbook.errors import OpenbookError
from openbook.guard.labelled import Labelled
from openbook.protocols import LanguageModel

MOST_REPAIRS = 2


def run_repaired(
    request: str,
    plan: Plan,
    model: LanguageModel,
    world: World,
    *,
    repairs: int = MOST_REPAIRS,
    planning: Planning = PLANNING,
) -> Iterator[Event]:
    """The events of ``run``, once for each plan, with Repaired between them; one Answered, the last. repairs: how often
    a plan is written again at most, earlier attempts of the run included. Raises what ``run`` raises.
    """
    plans = list(revisions(plan, world))
    events = _events(request, plans, model, world, repairs, planning)
    return events if world.journal is None else world.journal.noted(events)


def _events(
    request: str, plans: list[Plan], model: LanguageModel, world: World, repairs: int, planning: Planning
) -> Iterator[Event]:
    """plans: all so far, the last of which is carried out; it grows."""
    sofar = Sofar()
    while True:
        told: list[Event] = []
        answered: Answered | None = None
        for event in carried_out(plans[-1], world, sofar):
            if isinstance(event, Answered):
                answered = event
            else:
                told.append(event)
                yield event
        assert answered is not None
        faults = tellable(told)
        if not faults or len(plans) > repairs:
            break
        try:
            new = _repaired(request, plans, faults, model, world, planning)
        except OpenbookError as error:  # the run stands without a repair
            yield Stopped(Labelled(str(error)))
            break
        kept = json_of(new)
        if world.journal is not None:
            world.journal.revise(kept)
        for step in open_to_change(plans[-1], faults):
            sofar.left_out.pop(step, None)
        plans.append(new)
        yield Repaired(tuple(fault.step for fault in faults), Labelled(kept))
    yield answered


def _repaired(
    request: str,
    plans: Sequence[Plan],
    faults: Sequence[Fault],
    model: LanguageModel,
    world: World,
    planning: Planning,
) -> Plan:
    """Raises OpenbookError where no plan comes. A step's id names what it did in the journal, so none comes again."""
    world.spending.take_step(world.budget)
    tools, heard = list(world.tools.values()), charging(world.spending)
    used = list(dict.fromkeys(step.id for plan in plans for step in plan.steps))
    return repaired(model, request, tools, plans[-1], faults, planning, heard, used=used).plan
