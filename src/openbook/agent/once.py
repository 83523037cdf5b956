"""Work done once over all attempts of a run: what ended is read from the journal, what acts is intended there first."""

from decimal import Decimal
from functools import partial

from openbook.agent.bounded import NotJson, bounded
from openbook.agent.journal import Ended
from openbook.agent.perform import CallFailed, Work, performed
from openbook.agent.tool import Charged, Done
from openbook.agent.world import World
from openbook.guard.labelled import Labelled
from openbook.values import Json


def kept(work: Work, world: World) -> Labelled[Json] | None:
    """What an earlier attempt got, charged to the budget again; None where none did.

    A call that failed stays failed: it may have had its effect. Raises CallFailed, OverBudget, and JournalProblem where
    the earlier attempt did something else under this name.
    """
    if world.journal is None:
        return None
    world.journal.same(work.call, work.name, work.made_of)
    ended = world.journal.ended(work.call)
    if ended is None:
        return None
    world.spending.take_call(world.budget)
    world.spending.charge(tokens=ended.tokens, money=ended.money)
    label = ended.result.label.join(work.label)
    if ended.failed:
        said = Labelled(str(ended.result.value), label)
        raise CallFailed(said, arguments=ended.why == "arguments", unknown=ended.unknown, hung=ended.why == "time")
    return Labelled(ended.result.value, label)


def once(work: Work, world: World) -> Labelled[Json]:
    """Raises CallFailed and OverBudget."""
    journal = world.journal
    if journal is None:
        return Labelled(performed(work, world).value, work.label)
    intend = partial(journal.intend, work.call, work.name, work.made_of) if work.acts else None
    try:
        made = performed(work, world, intend)
    except CallFailed as error:
        ended = Ended(error.said, failed=True, unknown=error.unknown, why=error.why)
        journal.end(work.call, work.name, work.made_of, ended, durable=work.acts)
        raise
    return _kept(work, made, world)


def settle(work: Work, done: Done, world: World) -> Labelled[Json]:
    """Work that turned out to have been done before the run was stopped."""
    try:
        value = bounded(done.value, world.bounds).value
    except NotJson:
        value = None
    return _kept(work, Charged(value, Decimal(0)), world)


def _kept(work: Work, made: Charged, world: World) -> Labelled[Json]:
    result = Labelled(made.value, work.label)
    if world.journal is not None:
        ended = Ended(result, money=made.money, tokens=made.tokens)
        world.journal.end(work.call, work.name, work.made_of, ended, durable=work.acts)
    return result
