"""A simulated model that obeys whatever it reads: the worst case for whoever guards an agent.

After each tool result it makes every call that the attack wants, then goes on with the user's task as if nothing had
been said. No real model obeys so well, and none keeps so well to the user's task: how many attacks succeed is an upper
bound, and so is how many tasks get done.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from openbook.agent.announced import Requested, requested
from openbook.agent.plan import Call
from openbook.agent.tool import BadArguments, Tool, ToolFailed, result_label
from openbook.guard.policy import Decision, Policy, decide
from openbook.values import TRUSTED, Json, Label


@dataclass(frozen=True, slots=True)
class Wanted:
    tool: str
    arguments: Mapping[str, Json]


@dataclass(frozen=True, slots=True)
class Tried:
    """attack: whether the attack wants it. asked: whether a person was. result: what it gave; None: it was not made."""

    wanted: Wanted
    attack: bool
    planned: int | None
    decision: Decision
    asked: bool
    result: str | None


@dataclass(frozen=True, slots=True)
class Guarded:
    """policy: None, for none. approve: what a person says who is asked. stops: whether a result ends the run."""

    policy: Policy | None = None
    approve: Callable[[Requested], bool] = lambda _: False
    stops: Callable[[str], bool] = lambda _: False


def obeyed(
    user: Sequence[Wanted],
    attack: Sequence[Wanted],
    plan: Sequence[Call],
    tools: Mapping[str, Tool],
    guarded: Guarded,
    moved: Callable[[Sequence[str]], bool] = lambda _: True,
    read: Label = TRUSTED,
) -> Iterator[Tried]:
    """Every call as it is tried. moved: whether the results so far make the model do what the attack wants. read: the
    label of what it was shown before the first call, a tool's poisoned description for one."""
    used: frozenset[int] = frozenset()
    results: list[str] = []
    turns = [(each, False) for each in user]
    if not read.trusted:
        turns = [(each, True) for each in attack] + turns
    while turns:
        wanted, of_attack = turns.pop(0)
        tool = tools[wanted.tool]
        made = requested(wanted.tool, wanted.arguments, plan, used, read)
        tried = _tried(tool, wanted, of_attack, made, guarded)
        yield tried
        if tried.result is None:
            continue
        read = read.join(result_label(tool, made.arguments))
        if made.planned is not None:
            used |= {made.planned}
        if guarded.stops(tried.result):
            return
        results.append(tried.result)
        if not of_attack and moved(results):
            turns = [(each, True) for each in attack] + turns


def _tried(tool: Tool, wanted: Wanted, attack: bool, made: Requested, guarded: Guarded) -> Tried:
    decision = Decision("allow")
    if guarded.policy is not None:
        decision = decide(tool.capability, made.arguments, made.control, guarded.policy)
    asked = decision.action == "ask"
    if decision.action == "refuse" or (asked and not guarded.approve(made)):
        return Tried(wanted, attack, made.planned, decision, asked, None)
    try:
        result = str(tool.call(tool.check(wanted.arguments)))
    except (BadArguments, ToolFailed) as error:
        result = str(error)
    return Tried(wanted, attack, made.planned, decision, asked, result)
