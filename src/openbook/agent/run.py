"""A plan carried out, and told as it goes: what is refused or fails is left out, and the rest goes on.

Control flow is the plan's alone: no result decides which tool is called next, only whether a step has all that it
needs. What a step gave keeps the label of all that it derives from, into the answer.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

from openbook.agent.budget import OverBudget
from openbook.agent.events import (
    Answered,
    BudgetSpent,
    Event,
    Failed,
    Finished,
    LeftOut,
    Planned,
    Refused,
    Started,
)
from openbook.agent.invoke import NotCalled
from openbook.agent.jobs import Job, Jobs, do, jobs_of, tool_of
from openbook.agent.parallel import Ended, Tell, at_once, one_by_one
from openbook.agent.perform import CallFailed
from openbook.agent.plan import MOST_EACH, Call, Plan, Step
from openbook.agent.plan_check import check_plan
from openbook.agent.terms import NotThere
from openbook.agent.waves import acts, waves
from openbook.agent.world import World
from openbook.agent.write_answer import written
from openbook.errors import OpenbookError
from openbook.guard.labelled import Labelled, joined
from openbook.guard.policy import decide
from openbook.values import TRUSTED, Json


@dataclass(frozen=True, slots=True)
class _Sofar:
    results: dict[str, Labelled[Json]] = field(default_factory=dict[str, Labelled[Json]])
    left_out: dict[str, LeftOut] = field(default_factory=dict[str, LeftOut])


def run(plan: Plan, world: World) -> Iterator[Event]:
    """The last event is Answered, whatever went wrong. Raises BadPlan before anything is done."""
    check_plan(plan, world.tools, parser=world.parser is not None)
    return _events(plan, world)


def _events(plan: Plan, world: World) -> Iterator[Event]:
    yield Planned(tuple((step.id, tool_of(step)) for step in plan.steps))
    sofar = _Sofar()
    try:
        for wave in waves(plan.steps, world.tools):
            yield from _wave(wave, sofar, world)
    except OverBudget as error:
        yield BudgetSpent(str(error))
        for step in plan.steps:
            if step.id not in sofar.results and step.id not in sofar.left_out:
                yield _leave_out(step, Labelled(str(error)), sofar)
    yield Answered(
        written(plan.answer, sofar.results, sofar.left_out),
        tuple(sofar.left_out[step.id] for step in plan.steps if step.id in sofar.left_out),
    )


def _wave(wave: Sequence[Step], sofar: _Sofar, world: World) -> Iterator[Event]:
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
            yield _leave_out(step, _why_not(error, sofar), sofar)
    ended: dict[tuple[str, int | None], Ended] = {}
    yield from _done([job for _, jobs in ready for job in jobs.jobs], ended, world)
    for step, jobs in ready:
        found = [ended[step.id, job.item] for job in jobs.jobs if (step.id, job.item) in ended]
        yield from _gathered(step, jobs, found, sofar)
    spent = next((end for end in ended.values() if isinstance(end, OverBudget)), spent)
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
        for job, told in one_by_one(batch, doing) if alone else at_once(batch, doing):
            if isinstance(told, Labelled | NotCalled | CallFailed | OverBudget):
                ended[job.step.id, job.item] = told
                yield from _end(job, told)
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


def _end(job: Job, ended: Ended) -> Iterator[Event]:
    at = (job.step.id, job.item, job.tool)
    match ended:
        case Labelled():
            yield Finished(*at, ended)
        case NotCalled(reason=reason, argument=argument):
            yield Refused(*at, reason, argument)
        case CallFailed(said=said, unknown=unknown):
            yield Failed(*at, said, unknown)
        case OverBudget():
            pass


def _gathered(step: Step, jobs: Jobs, ended: Sequence[Ended], sofar: _Sofar) -> Iterator[Event]:
    """The step's result; of a step with ``each``, the list of what was done."""
    good = [end for end in ended if isinstance(end, Labelled)]
    bad = [end for end in ended if not isinstance(end, Labelled)]
    whole = len(jobs.jobs) + jobs.dropped
    reasons = [_reason(end) for end in bad] or [Labelled(f"a step is done for {MOST_EACH} items at most")]
    if not isinstance(step, Call) or step.each is None:
        if good:
            sofar.results[step.id] = good[0]
            return
        yield _leave_out(step, reasons[0], sofar)
        return
    label = joined([jobs.control, *(end.label for end in good), *(_reason(end).label for end in bad)])
    if good or not whole:
        sofar.results[step.id] = Labelled([end.value for end in good], label)
    if len(good) < whole:
        said = f"{whole - len(good):,} of {whole:,} items: {reasons[0].value}"
        yield _leave_out(step, Labelled(said, label), sofar)


def _reason(ended: NotCalled | CallFailed | OverBudget) -> Labelled[str]:
    match ended:
        case NotCalled():
            return ended.reason
        case CallFailed():
            return ended.said
        case OverBudget():
            return Labelled(str(ended))


def _why_not(error: OpenbookError, sofar: _Sofar) -> Labelled[str]:
    """Of a step whose terms have no values. A part's name is the plan's own; whether it is there, the result's."""
    label = joined([result.label for result in sofar.results.values()]) if not isinstance(error, NotThere) else TRUSTED
    if isinstance(error, NotThere) and error.step in sofar.left_out:
        reason = sofar.left_out[error.step].reason
        return Labelled(f"it needs step {error.step}, which was left out", reason.label)
    return Labelled(str(error), label)


def _leave_out(step: Step, reason: Labelled[str], sofar: _Sofar) -> LeftOut:
    left = LeftOut(step.id, tool_of(step), reason)
    sofar.left_out[step.id] = left
    return left
