"""What a run tells while it goes on: a frozen value for each thing that happened, in an order that is always the same.

``step`` is the step's id in the plan, ``item`` the place in the list of a step that is done for each item, else None.
Nothing here says when: the events of a run read back from its journal equal those that were told.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, TypeAlias

from openbook.guard.labelled import Labelled
from openbook.values import Json, Label


@dataclass(frozen=True, slots=True)
class Planned:
    """What will be done, before anything is: the id of each step and its tool. attempt: above 1 where a run that was
    stopped goes on."""

    steps: tuple[tuple[str, str], ...]
    attempt: int = 1


@dataclass(frozen=True, slots=True)
class Started:
    """control: what the decision to make this call derives from."""

    step: str
    item: int | None
    tool: str
    arguments: Mapping[str, Labelled[Json]]
    control: Label


@dataclass(frozen=True, slots=True)
class Asked:
    """A person was asked; where nobody could be, ``approved`` is false."""

    step: str
    item: int | None
    tool: str
    reason: Labelled[str]
    approved: bool


@dataclass(frozen=True, slots=True)
class Retried:
    """A call without effects failed and is made again. attempt: the number of the try that failed, from 1."""

    step: str
    item: int | None
    tool: str
    attempt: int
    message: Labelled[str]


@dataclass(frozen=True, slots=True)
class Noticed:
    """What a call gave was cut or cleaned, or is suspicious. notice: our own words, nothing of the result."""

    step: str
    item: int | None
    tool: str
    notice: str


@dataclass(frozen=True, slots=True)
class Finished:
    """kept: the result stood in the journal; nothing was called."""

    step: str
    item: int | None
    tool: str
    result: Labelled[Json]
    kept: bool = False


@dataclass(frozen=True, slots=True)
class Refused:
    """The policy or a person said no. argument: the one that decided, if one did."""

    step: str
    item: int | None
    tool: str
    reason: Labelled[str]
    argument: str | None = None


Why: TypeAlias = Literal["arguments", "time", "tool"]
"""What kind of failure it was: the call was wrong, the tool gave no answer in time, or it said that it could not."""


@dataclass(frozen=True, slots=True)
class Failed:
    """unknown: the call may have had its effect all the same. why: the kind of failure, none of the tool's words."""

    step: str
    item: int | None
    tool: str
    message: Labelled[str]
    unknown: bool = False
    why: Why = "tool"


@dataclass(frozen=True, slots=True)
class BudgetSpent:
    """The run stops here, and what it has stays. what: the budget that is spent, and its limit."""

    what: str


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A step, or some of its items, that the answer does without."""

    step: str
    tool: str
    reason: Labelled[str]


@dataclass(frozen=True, slots=True)
class Answered:
    """The end. left_out: all that was planned and not done."""

    answer: Labelled[Json]
    left_out: tuple[LeftOut, ...] = ()


@dataclass(frozen=True, slots=True)
class Corrected:
    """A model's reply could not be used. where: ``plan``, or the name of the call that it was to choose. fault: as
    tainted as all that the model had been shown."""

    where: str
    fault: Labelled[str]


@dataclass(frozen=True, slots=True)
class Reflected:
    """After a failure: what the model says went wrong, and what it will change; as tainted as what it was shown."""

    where: str
    thought: Labelled[str]


@dataclass(frozen=True, slots=True)
class Repaired:
    """The rest of the plan was written again. steps: those whose failure the planner was told. plan: what it is now, in
    the form of ``plan_json``; trusted, as all that the planner was told."""

    steps: tuple[str, ...]
    plan: Labelled[Json]


@dataclass(frozen=True, slots=True)
class Stopped:
    """A model did not come to an end by itself, or wrote nothing that goes on. reason: one line."""

    reason: Labelled[str]


Event: TypeAlias = (
    Planned
    | Started
    | Asked
    | Retried
    | Noticed
    | Finished
    | Refused
    | Failed
    | BudgetSpent
    | LeftOut
    | Corrected
    | Reflected
    | Repaired
    | Stopped
    | Answered
)
