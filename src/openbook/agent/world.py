"""All that a run may reach: its tools, the policy between them and it, and the bounds that it is held to."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

from openbook.agent.bounded import Bounds
from openbook.agent.budget import Budget, Spending
from openbook.agent.events import Event
from openbook.agent.journal import RunJournal
from openbook.agent.tool import Charged, Tool
from openbook.guard.labelled import Labelled
from openbook.guard.policy import Policy
from openbook.values import Json

Parser: TypeAlias = Callable[[Labelled[str], str, Mapping[str, Json]], Json | Charged]
"""A text, a question about it and the JSON schema of the answer: the value, or ToolFailed. It has no tools. The run
labels the value as the text is labelled."""


@dataclass(frozen=True, slots=True)
class Asking:
    """What a person is asked to allow. again: whether the call may have been made already, before the run was stopped.
    by_hand: whether only who looks at it can say, so that a yes given beforehand is none; so it is with ``again``.

    arguments: with those that nobody gave, as they are by default. reason: one line. It and the arguments may hold
    words from outside.
    """

    tool: Tool
    arguments: Mapping[str, Labelled[Json]]
    reason: Labelled[str]
    step: str
    item: int | None = None
    again: bool = False
    by_hand: bool = False


Approve: TypeAlias = Callable[[Asking], bool]


def _nobody(event: Event) -> None:
    """Listens to nothing."""


@dataclass(frozen=True, slots=True)
class World:
    """For one run. tools: by name. parser: of steps that read a text; None where no plan has any. approve: how a person
    is asked, one question at a time; None where nobody can be, so that what would be asked is refused. spending: what
    was spent so far. journal: of this run; None where nothing is kept. tell: hears what happens within a call."""

    tools: Mapping[str, Tool]
    policy: Policy = field(default_factory=Policy)
    parser: Parser | None = None
    approve: Approve | None = None
    budget: Budget = field(default_factory=Budget)
    bounds: Bounds = field(default_factory=Bounds)
    spending: Spending = field(default_factory=Spending)
    journal: RunJournal | None = None
    tell: Callable[[Event], None] = _nobody
