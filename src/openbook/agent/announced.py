"""A call that a model makes while it reads, held against the plan that it made before it had read anything.

A model that acts step by step (Yao et al. 2023, "ReAct") has seen tainted text when it chooses, so that its choice is
tainted too. What it announced beforehand is not: a call that the plan has, with the arguments that the plan gave, is
the request's; every other argument, and every other call, derives from all that was read.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from openbook.agent.plan import Call, Given
from openbook.guard.labelled import Labelled, same
from openbook.values import TRUSTED, Json, Label


@dataclass(frozen=True, slots=True)
class Requested:
    """A call with the label of each argument, and of the decision to make it. planned: the place in the plan of the
    announced call that this one is; None where it was not announced."""

    arguments: Mapping[str, Labelled[Json]]
    control: Label
    planned: int | None


def requested(
    tool: str, arguments: Mapping[str, Json], plan: Sequence[Call], used: frozenset[int], read: Label
) -> Requested:
    """used: places in the plan of announced calls that were made. read: the label of all that the model has seen.

    Of several announced calls that this may be, the one that gives most arguments; a call with ``each`` may be made
    again and again, and its control is never the request's alone.
    """
    fitting = [
        (place, given)
        for place, call in enumerate(plan)
        if call.tool == tool and (place not in used or call.each is not None)
        for given in [_given(call)]
        if all(name in arguments and same(arguments[name], value) for name, value in given.items())
    ]
    if not fitting:
        return Requested({name: Labelled(value, read) for name, value in arguments.items()}, read, None)
    place, given = max(fitting, key=lambda pair: len(pair[1]))
    labels = {name: Labelled(value, TRUSTED if name in given else read) for name, value in arguments.items()}
    return Requested(labels, TRUSTED if plan[place].each is None else read, place)


def _given(call: Call) -> dict[str, Json]:
    return {name: term.value for name, term in call.arguments.items() if isinstance(term, Given)}
