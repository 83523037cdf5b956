"""Foreign work held to bounds: time, size and budget, and retries where it has no effects."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal

from openbook.agent.attempt import Fault, Gave, attempted
from openbook.agent.bounded import Bounded, NotJson, bounded
from openbook.agent.events import Noticed, Retried, Why
from openbook.agent.tool import Charged, ToolFailed
from openbook.agent.world import World
from openbook.errors import OpenbookError
from openbook.guard.labelled import Labelled
from openbook.values import Json, Label

MOST_HANGS = 2
"""What was given up so often is not tried again in this run."""

FIRST_PAUSE, LONGER = 0.1, 3.0
"""Seconds before the second try, and how many times as long each further pause is."""


class CallFailed(OpenbookError):
    """said: why, labelled, since it may be told to a model. arguments: whether the call was wrong, so that another may
    be right. unknown: whether it may have had its effect all the same. hung: whether no answer came in time."""

    def __init__(
        self, said: Labelled[str], *, arguments: bool = False, unknown: bool = False, hung: bool = False
    ) -> None:
        super().__init__(said.value)
        self.said = said
        self.arguments = arguments
        self.unknown = unknown
        self.hung = hung

    @property
    def why(self) -> Why:
        """The kind of failure."""
        return "arguments" if self.arguments else "time" if self.hung else "tool"


@dataclass(frozen=True, slots=True)
class Work:
    """name: of the tool, or ``parse``. made_of: all that decides what is done. label: what its result, and what it says
    of a fault, derive from."""

    name: str
    step: str
    item: int | None
    made_of: Json
    label: Label
    acts: bool
    seconds: float
    function: Callable[[], Json | Charged]

    @property
    def call(self) -> str:
        return call_name(self.step, self.item)


def call_name(step: str, item: int | None) -> str:
    """What a call is named within its run."""
    return step if item is None else f"{step}/{item}"


def performed(work: Work, world: World, intend: Callable[[], None] | None = None) -> Charged:
    """What the work gave, bounded, and what it cost. Work that acts is tried once. Raises CallFailed and OverBudget.

    intend: called once, when nothing but the work itself is left to do.
    """
    pause = FIRST_PAUSE
    tries = 1 if work.acts else max(world.bounds.tries, 1)
    attempt = 1
    while True:
        if world.spending.hung(work.name) >= MOST_HANGS:
            said = f"{work.name} did not answer in time {MOST_HANGS} times: it is not called again"
            raise CallFailed(Labelled(said, work.label), hung=True)
        world.spending.take_call(world.budget)
        if intend is not None and attempt == 1:
            intend()
        found = _once(work, world)
        if isinstance(found, Gave):
            return found.value
        message = Labelled(f"{work.name}: {found.message}", work.label)
        if attempt >= tries or not found.again:
            # a tool finds its arguments bad before it does anything
            unknown = work.acts and not found.arguments and not found.undone
            raise CallFailed(message, arguments=found.arguments, unknown=unknown, hung=found.hung)
        world.tell(Retried(work.step, work.item, work.name, attempt, message))
        time.sleep(min(pause, max(world.spending.left(world.budget), 0.0)))
        pause, attempt = LONGER * pause, attempt + 1


def _once(work: Work, world: World) -> Gave[Charged] | Fault:
    found = attempted(lambda: _sized(work, world), min(work.seconds, world.spending.left(world.budget)))
    if isinstance(found, Fault):
        if found.hung:
            world.spending.note_hung(work.name)
        return found
    made, cost = found.value
    world.spending.charge(tokens=cost.tokens, money=cost.money)
    for notice in made.notices:
        world.tell(Noticed(work.step, work.item, work.name, notice))
    return Gave(Charged(made.value, cost.money, cost.tokens))


def _sized(work: Work, world: World) -> tuple[Bounded, Charged]:
    """Within the thread of the work, since what it gave may be slow to read as well."""
    given = work.function()
    given = given if isinstance(given, Charged) else Charged(given)
    try:
        return bounded(given.value, world.bounds), Charged(None, Decimal(given.money), int(given.tokens))
    except NotJson as error:
        raise ToolFailed(f"what it gave is a {error}, which is no JSON", again=True) from None
