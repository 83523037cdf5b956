"""A model that acts, sees what came of it, and decides again (Yao et al. 2023, "ReAct"), held to what it announced.

It announces a plan from the request alone, before it reads anything. Each later call is compared with that: what was
announced is the request's, all else derives from what was read, and the policy decides by that. Faults are told to the
model, which mends them, and after a failure it is asked what to change (Shinn et al. 2023, "Reflexion"). Everything is
bounded: turns, faults in a row, equal calls, reflections.
"""

from collections.abc import Callable, Generator, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Literal, TypeAlias

from openbook.agent.action import Act, Finish, action_in, action_schema
from openbook.agent.announced import Requested
from openbook.agent.budget import OverBudget
from openbook.agent.correct import UNTOLD, why_unusable
from openbook.agent.course import Course
from openbook.agent.events import (
    Answered,
    BudgetSpent,
    Corrected,
    Event,
    Failed,
    Finished,
    Planned,
    Reflected,
    Refused,
    Started,
    Stopped,
)
from openbook.agent.invoke import NotCalled, invoke
from openbook.agent.model_planner import PLANNING, NoPlan, Planning, written_plan
from openbook.agent.perform import CallFailed
from openbook.agent.plan import Call, Plan
from openbook.agent.reply import Reply, charging, replied
from openbook.agent.tool import Tool
from openbook.agent.transcript import Transcript, opened
from openbook.agent.world import World
from openbook.errors import OpenbookError, PromptTooLong
from openbook.guard.labelled import Labelled
from openbook.protocols import LanguageModel
from openbook.values import Decoding, Json, Prompt


@dataclass(frozen=True, slots=True)
class Stepping:
    """most_turns: replies of the model, the last of which is to be the answer. corrections: faults in a row after which
    it may go on; 0: the first fault is the end. tells: whether it learns what a fault was, or only that there was one.
    reflections: how often it is asked what to change. announces: whether a plan is made first.
    """

    most_turns: int = 24
    corrections: int = 4
    tells: bool = True
    reflections: int = 2
    announces: bool = True
    most_tokens: int = 1_000
    temperature: float = 0.0
    seed: int = 0
    planning: Planning = PLANNING


STEPPING = Stepping()

Ended: TypeAlias = Literal["good", "unusable", "failed"]

_REFLECTION = 200
"""Tokens."""


def stepwise(request: str, model: LanguageModel, world: World, stepping: Stepping = STEPPING) -> Iterator[Event]:
    """The last event is Answered, whatever goes wrong after the plan. Raises OpenbookError where the model cannot be
    asked for that, or the request is none.

    With a journal, each event is written down before it is told, and a call that an earlier attempt of the run has made
    is not made again; a model that then chooses another call is stopped.
    """
    events = _events(request, model, world, stepping)
    return events if world.journal is None else world.journal.noted(events)


def _events(request: str, model: LanguageModel, world: World, stepping: Stepping) -> Iterator[Event]:
    work = _Work(model, world, stepping, list(world.tools.values()))
    plan = yield from work.announced(request)
    course = Course(tuple(step for step in plan.steps if isinstance(step, Call)) if plan else ())
    script = opened(request, work.tools, plan)
    yield Planned(tuple((call.id, call.tool) for call in course.calls))
    try:
        answer = yield from work.turns(course, script)
    except OverBudget as error:
        yield BudgetSpent(str(error))
        answer = f"(not finished: {error})"
    except OpenbookError as error:
        yield Stopped(Labelled(str(error), script.seen))
        answer = f"(not finished: {error})"
    yield Answered(Labelled(answer, script.seen), course.left_out(script.seen))


@dataclass(frozen=True, slots=True)
class _Turn:
    """where: names the call that the reply is to choose."""

    where: str
    reply: Reply
    course: Course
    script: Transcript


@dataclass(frozen=True, slots=True)
class _Work:
    model: LanguageModel
    world: World
    stepping: Stepping
    tools: Sequence[Tool]

    def announced(self, request: str) -> Generator[Event, None, Plan | None]:
        """The plan, where one is made. Without one, every call after the first reading derives from what was read."""
        if not self.stepping.announces:
            return None
        heard = charging(self.world.spending)
        try:
            return written_plan(self.model, request, self.tools, self.stepping.planning, heard).plan
        except NoPlan as error:
            yield Corrected("plan", Labelled(str(error)))
            return None

    def turns(self, course: Course, script: Transcript) -> Generator[Event, None, str]:
        """The answer. Raises OverBudget, and OpenbookError where the model cannot be asked or does not end."""
        faults = reflections = 0
        for number in range(1, self.stepping.most_turns + 1):
            self.world.spending.take_step(self.world.budget)
            reply = self._reply(script, last=number == self.stepping.most_turns)
            turn = _Turn(f"call-{course.made + 1}", reply, course, script)
            ended = yield from self.turn(turn)
            if isinstance(ended, Finish):
                return ended.answer
            faults = 0 if ended == "good" else faults + 1
            if faults > self.stepping.corrections:
                often = f"{faults} faults in a row" if faults > 1 else "a fault"
                raise OpenbookError(f"{often}, the last as {turn.where}: nothing else is tried")
            if ended == "failed" and self.stepping.tells and reflections < self.stepping.reflections:
                reflections += 1
                yield self.reflected(turn)
        raise OpenbookError(f"no answer in {self.stepping.most_turns} turns")

    def turn(self, turn: _Turn) -> Generator[Event, None, Finish | Ended]:
        """What a reply comes to: the end, or ``good``, ``unusable`` or ``failed``."""
        try:
            action = action_in(turn.reply.text, self.tools)
        except OpenbookError as error:
            yield self.unusable(turn, why_unusable(str(error), turn.reply))
            return "unusable"
        if isinstance(action, Finish):
            return action
        made = turn.course.requested(action, turn.script.seen)
        if why := turn.course.repeated(action, made):
            yield self.unusable(turn, f"this very call {why}: make another one, or answer")
            return "unusable"
        turn.course.made += 1
        yield Started(turn.where, None, action.tool.name, made.arguments, made.control)
        told: list[Event] = []
        result, end = self.called(turn, action, made, told)
        yield from told
        yield end
        self.show(turn, result, told=isinstance(end, Finished) or self.stepping.tells)
        return "good" if isinstance(end, Finished) else "failed"

    def called(
        self, turn: _Turn, act: Act, made: Requested, told: list[Event]
    ) -> tuple[Labelled[Json], Finished | Refused | Failed]:
        """What the model is shown of a call, and the event of its end."""
        world, at = replace(self.world, tell=told.append), (turn.where, None, act.tool.name)
        try:
            result = invoke(act.tool, made.arguments, made.control, world, step=turn.where)
        except NotCalled as error:
            turn.course.refused(act, turn.where)
            return error.reason, Refused(*at, error.reason, error.argument)
        except CallFailed as error:
            turn.course.failed(act, made, turn.where, error)
            return error.said, Failed(*at, error.said, error.unknown, error.why)
        acting = {tool.name: tool.capability.acts for tool in self.tools}
        turn.course.succeeded(act, made, turn.where, acting)
        return result, Finished(*at, result)

    def unusable(self, turn: _Turn, fault: str) -> Corrected:
        """Nothing was called. What is wrong with it is made of the reply, and so as tainted."""
        said = Labelled(fault, turn.script.seen)
        self.show(turn, said, told=self.stepping.tells)
        return Corrected(turn.where, said)

    def show(self, turn: _Turn, outcome: Labelled[Json], *, told: bool) -> None:
        """The next prompt holds it; or, where the model is told nothing, that it went wrong."""
        turn.script.said(turn.reply.text, outcome if told else Labelled(UNTOLD, outcome.label))

    def reflected(self, turn: _Turn) -> Reflected:
        """What the model would change, which it sees from then on."""
        reply = self._said(turn.script, turn.script.reflection, Decoding(max_tokens=_REFLECTION))
        turn.script.thought(reply.text, reply.label)
        return Reflected(turn.where, Labelled(reply.text, reply.label))

    def _reply(self, script: Transcript, *, last: bool) -> Reply:
        decoding = Decoding(
            self.stepping.most_tokens,
            self.stepping.temperature,
            seed=self.stepping.seed,
            schema=action_schema(self.tools),
        )
        return self._said(script, lambda: script.prompt(last=last), decoding)

    def _said(self, script: Transcript, prompt: Callable[[], Prompt], decoding: Decoding) -> Reply:
        """Where the prompt is too long, the older turns are left out of it."""
        while True:
            try:
                return replied(self.model, prompt(), decoding, charging(self.world.spending))
            except PromptTooLong:
                if not script.shorten():
                    raise
