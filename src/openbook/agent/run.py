"""A plan carried out, and told as it goes: what is refused or fails is left out, and the rest goes on.

Control flow is the plan's alone: no result decides which tool is called next, only whether a step has all that it
needs. What a step gave keeps the label of all that it derives from, into the answer.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from openbook.agent.budget import OverBudget
from openbook.agent.event_json import packed
from openbook.agent.events import Answered, BudgetSpent, Event, Failed, Finished, Planned, Refused, Started
from openbook.agent.invoke import NotCalled
from openbook.agent.jobs import Job, Jobs, do, jobs_of, tool_of
from openbook.agent.parallel import Ended, Tell, at_once, one_by_one
from openbook.agent.perform import CallFailed, call_name
from openbook.agent.plan import Call, Plan, Step
from openbook.agent.plan_check import check_plan
from openbook.agent.plan_json import plan_of
from openbook.agent.sofar import Sofar
from openbook.agent.waves import acts, waves
from openbook.agent.world import World
from openbook.agent.write_answer import written
from openbook.errors import OpenbookError
from openbook.guard.labelled import Labelled
from openbook.guard.policy import decide
from openbook.values import Json


def run(plan: Plan, world: World) -> Iterator[Event]:
    """The last event is Answered, whatever went wrong with the steps.

    Raises BadPlan before anything is done. With a journal, each event is written down before it is told, and what an
    earlier attempt of the run has done is not done again: where that attempt wrote the plan again, what it is now is
    carried out. Raises JournalProblem where that cannot be.
    """
    events = carried_out(revisions(plan, world)[-1], world, Sofar())
    return events if world.journal is None else world.journal.noted(events)


def revisions(plan: Plan, world: World) -> tuple[Plan, ...]:
    """The plan, and what earlier attempts of the run have written it again to; the last is the one that holds.

    Raises BadPlan, and JournalProblem where the run is of another plan.
    """
    check_plan(plan, world.tools, parser=world.parser is not None)
    if world.journal is None:
        return (plan,)
    world.journal.hold_to(packed(plan))
    later = [plan_of(revision) for revision in world.journal.revisions()]
    if later:
        check_plan(later[-1], world.tools, parser=world.parser is not None)
    return (plan, *later)


def carried_out(plan: Plan, world: World, sofar: Sofar) -> Iterator[Event]:
    """The same, with no event written down. sofar: filled on the way; what it holds already is not done again."""
    steps = tuple((step.id, tool_of(step)) for step in plan.steps)
    yield Planned(steps, 1 if world.journal is None else world.journal.attempt)
    try:
        for wave in waves(_to_do(plan, sofar), world.tools):
            yield from _wave(wave, sofar, world)
    except OverBudget as error:
        yield BudgetSpent(str(error))
        for step in _to_do(plan, sofar):
            yield sofar.leave_out(step, Labelled(str(error)))
    yield Answered(
        written(plan.answer, sofar.results, sofar.left_out),
        tuple(sofar.left_out[step.id] for step in plan.steps if step.id in sofar.left_out),
    )


def _to_do(plan: Plan, sofar: Sofar) -> list[Step]:
    return [step for step in plan.steps if step.id not in sofar.results and step.id not in sofar.left_out]


def _wave(wave: Sequence[Step], sofar: Sofar, world: World) -> Iterator[Event]:
    """Raises OverBudget when all that there was room for is done and kept."""
    ready: list[tuple[Step, Jobs]] = []
    spent: OverBudget | None = None
    for step in wave:
        try:
            world.spending.take_step(world.budget)
            ready.append((step, jobs_of(step, sofar.results)))
        except OverBudget as error:
            spent = error
            break
        except OpenbookError as error:
            yield sofar.leave_out(step, sofar.why_not(error))
    ended: dict[tuple[str, int | None], Ended] = {}
    yield from _done([job for _, jobs in ready for job in jobs.jobs], ended, world)
    spent = next((end for end in ended.values() if isinstance(end, OverBudget)), spent)
    for step, jobs in ready:
        found = (ended.get((step.id, job.item), spent) for job in jobs.jobs)
        yield from sofar.gather(step, jobs, [end for end in found if end is not None])
    if spent is not None:
        raise spent


def _done(jobs: Sequence[Job], ended: dict[tuple[str, int | None], Ended], world: World) -> Iterator[Event]:
    """Fills ``ended``; after a spent budget no other job is begun."""

    def doing(job: Job, tell: Tell) -> Labelled[Json]:
        return do(job, replace(world, tell=tell))

    together = len(jobs) > 1 and _may_go_together(jobs, world)
    if together:
        yield from (_started(job) for job in jobs)
    for batch in [jobs] if together else [[job] for job in jobs]:
        if not together:
            yield from (_started(job) for job in batch)
        alone = any(_needs_this_thread(job, world) for job in batch)
        kept = {(job.step.id, job.item) for job in batch if _is_kept(job, world)}
        for job, told in one_by_one(batch, doing) if alone else at_once(batch, doing):
            if isinstance(told, Labelled | NotCalled | CallFailed | OverBudget):
                ended[job.step.id, job.item] = told
                yield from _end(job, told, kept=(job.step.id, job.item) in kept)
            else:
                yield told
        if any(isinstance(ended.get((job.step.id, job.item)), OverBudget) for job in batch):
            return


def _may_go_together(jobs: Sequence[Job], world: World) -> bool:
    """Not where a person will be asked, nor where a budget may end among them: then order decides what is done."""
    budget, spent = world.budget, world.spending
    if budget.tokens is not None or budget.money is not None:
        return False
    room = budget.calls is None or budget.calls - spent.calls >= len(jobs) * max(world.bounds.tries, 1)
    return room and not any(_needs_this_thread(job, world) for job in jobs)


def _needs_this_thread(job: Job, world: World) -> bool:
    """What acts, or what a person may be asked about."""
    if not isinstance(job.step, Call):
        return False
    capability = world.tools[job.tool].capability
    return acts(job.step, world.tools) or decide(capability, job.arguments, job.control, world.policy).action == "ask"


def _started(job: Job) -> Started:
    return Started(job.step.id, job.item, job.tool, job.arguments, job.control)


def _is_kept(job: Job, world: World) -> bool:
    return world.journal is not None and world.journal.ended(call_name(job.step.id, job.item)) is not None


def _end(job: Job, ended: Ended, *, kept: bool) -> Iterator[Event]:
    at = (job.step.id, job.item, job.tool)
    match ended:
        case Labelled():
            yield Finished(*at, ended, kept)
        case NotCalled(reason=reason, argument=argument):
            yield Refused(*at, reason, argument)
        case CallFailed(said=said, unknown=unknown, why=why):
            yield Failed(*at, said, unknown, why)
        case OverBudget():
            pass
