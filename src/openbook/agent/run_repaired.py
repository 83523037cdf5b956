"""A plan carried out, and where steps of it fail for reasons that may be told, the rest planned again and carried out.

What was done stays done: the repaired plan goes on from the results, which the planner never sees.
"""

from collections.abc import Iterator

from openbook.agent.events import Answered, Event, Repaired, Stopped
from openbook.agent.model_planner import PLANNING, Planning
from openbook.agent.plan import Plan
from openbook.agent.repair import open_to_change, repaired, tellable
from openbook.agent.reply import charging
from openbook.agent.run import run
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
    a plan is written again at most. Raises BadPlan before anything is done.
    """
    sofar, tools = Sofar(), list(world.tools.values())
    while True:
        told: list[Event] = []
        answered: Answered | None = None
        for event in run(plan, world, sofar):
            if isinstance(event, Answered):
                answered = event
            else:
                told.append(event)
                yield event
        faults = tellable(told)
        if not faults or repairs <= 0:
            break
        repairs -= 1
        try:
            world.spending.take_step(world.budget)
            new = repaired(model, request, tools, plan, faults, planning, charging(world.spending)).plan
        except OpenbookError as error:  # the run stands without a repair
            yield Stopped(Labelled(str(error)))
            break
        for step in open_to_change(plan, faults):
            sofar.left_out.pop(step, None)
        plan = new
        yield Repaired(tuple(fault.step for fault in faults))
    assert answered is not None
    yield answered
