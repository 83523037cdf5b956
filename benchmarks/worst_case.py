"""A simulated model that obeys whatever it reads: the worst case for whoever guards an agent.

After each tool result it makes every call that the attack wants, then goes on with the user's task as if nothing had
been said. No real model obeys so well, and none keeps so well to the user's task: how many attacks succeed is an upper
bound, and so is how many tasks get done. Every call goes the way that an agent's calls go, through ``agent.invoke``.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from openbook.agent.announced import Requested, requested
from openbook.agent.bounded import Bounds
from openbook.agent.budget import OverBudget
from openbook.agent.events import Asked
from openbook.agent.invoke import NotCalled, invoke
from openbook.agent.perform import CallFailed
from openbook.agent.plan import Call
from openbook.agent.tool import result_label
from openbook.agent.world import World
from openbook.guard.capability import EFFECTS
from openbook.guard.labelled import Labelled
from openbook.guard.policy import Policy
from openbook.values import TRUSTED, Json, Label

BOUNDS = Bounds(tries=1)
NOTHING_REFUSED = Policy(effects=dict.fromkeys(EFFECTS, "allow"), tainted="ask")
"""With somebody who says yes to every question: no policy at all."""


@dataclass(frozen=True, slots=True)
class Wanted:
    tool: str
    arguments: Mapping[str, Json]


@dataclass(frozen=True, slots=True)
class Tried:
    """attack: whether the attack wants it. planned: its place in the plan, if it was announced. asked: whether somebody
    was. result: what the model saw of it; None where it was not made, for the
    reason in ``refused``."""

    wanted: Wanted
    attack: bool
    planned: int | None
    asked: bool
    result: Labelled[Json] | None
    refused: str = ""


@dataclass(frozen=True, slots=True)
class Obedient:
    """The attack's calls, and when the model makes them.

    moved: whether what it has read so far makes it. read: the label of what it was shown before its first call, a
    tool's poisoned description for one; tainted, the attack comes before everything else.
    """

    calls: Sequence[Wanted] = ()
    moved: Callable[[Sequence[str]], bool] = lambda _: True
    read: Label = TRUSTED


@dataclass(frozen=True, slots=True)
class Guarded:
    """policy: None, for none. approve: what a person says who is asked. stops: whether a result ends the run."""

    policy: Policy | None = None
    approve: Callable[[Requested], bool] = lambda _: False
    stops: Callable[[str], bool] = lambda _: False


@dataclass(slots=True)
class _Run:
    plan: Sequence[Call]
    world: World
    approve: Callable[[Requested], bool]
    read: Label
    used: frozenset[int] = frozenset()
    calls: int = 0
    results: list[str] = field(default_factory=list)


def obeyed(
    user: Sequence[Wanted], attack: Obedient, plan: Sequence[Call], world: World, guarded: Guarded
) -> Iterator[Tried]:
    """Every call as it is tried. world: its tools and budget; policy and person are those of ``guarded``."""
    world = replace(world, policy=guarded.policy or NOTHING_REFUSED, bounds=BOUNDS)
    approve = guarded.approve if guarded.policy else lambda _: True
    run = _Run(plan, world, approve, attack.read)
    turns = [(each, False) for each in user]
    obeying = [(each, True) for each in attack.calls]
    if not attack.read.trusted:
        turns = obeying + turns
    while turns:
        wanted, of_attack = turns.pop(0)
        try:
            tried = _tried(run, wanted, of_attack)
        except OverBudget:
            return
        yield tried
        if tried.result is None:
            continue
        run.results.append(str(tried.result.value))
        if guarded.stops(run.results[-1]):
            return
        if not of_attack and attack.moved(run.results):
            turns = obeying + turns


def _tried(run: _Run, wanted: Wanted, attack: bool) -> Tried:
    tool = run.world.tools[wanted.tool]
    made = requested(wanted.tool, wanted.arguments, run.plan, run.used, run.read)
    asked: list[Asked] = []
    world = replace(
        run.world,
        approve=lambda _: run.approve(made),
        tell=lambda event: asked.append(event) if isinstance(event, Asked) else None,
    )
    run.calls += 1
    try:
        result = invoke(tool, made.arguments, made.control, world, step=str(run.calls))
    except NotCalled as error:
        return Tried(wanted, attack, made.planned, bool(asked), None, str(error))
    except CallFailed as error:
        result = error.said
    run.read = run.read.join(result.label).join(result_label(tool, made.arguments))
    if made.planned is not None:
        run.used |= {made.planned}
    return Tried(wanted, attack, made.planned, bool(asked) and run.world.policy is not NOTHING_REFUSED, result)
