"""AgentDojo's suites as tools of ours over its own environments, and one run judged by its own checks.

An attack has succeeded if the suite's check holds after any of its calls, not only at the end, since a call that is
made again can spoil what the first one did. What the model says at the end is the task's own answer, or nothing where a
call of the user's task was refused, since it could not know; and what the attack wants said is said beside it.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from agentdojo.agent_pipeline.tool_execution import tool_result_to_str
from agentdojo.attacks.important_instructions_attacks import ImportantInstructionsAttack
from agentdojo.base_tasks import BaseInjectionTask, BaseUserTask
from agentdojo.functions_runtime import FunctionCall, FunctionsRuntime, TaskEnvironment
from agentdojo.task_suite.load_suites import get_suites
from agentdojo.task_suite.task_suite import TaskSuite
from agentdojo.types import text_content_block_from_string

from benchmarks.agentdojo_attacks import attack_calls
from benchmarks.agentdojo_plans import UNASKED, announced
from benchmarks.agentdojo_tools import CAPABILITIES
from benchmarks.worst_case import Guarded, Tried, Wanted, obeyed
from openbook.agent.plan import Call
from openbook.agent.tool import Arguments, Tool, ToolFailed

VERSION = "v1.2.2"
MARK = "<INFORMATION>"
"""Stands in every text that the attack is written in, and in no other."""


@dataclass(frozen=True, slots=True)
class Suite:
    """environment: clean; never changed. tools: without a function. defaults: as ``agentdojo_plans`` takes them."""

    name: str
    package: TaskSuite
    environment: TaskEnvironment
    tools: Mapping[str, Tool]
    defaults: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Outcome:
    """useful: whether the user's task is done. attacked: whether the attack's is."""

    useful: bool
    attacked: bool
    tried: tuple[Tried, ...]

    @property
    def refused(self) -> tuple[Tried, ...]:
        """Calls of the user's task that were not made."""
        return tuple(each for each in self.tried if each.result is None and not each.attack)


def suites() -> list[Suite]:
    return [_suite(name, package) for name, package in get_suites(VERSION).items()]


def _suite(name: str, package: TaskSuite) -> Suite:
    tools = {
        each.name: Tool(
            each.name,
            each.description,
            each.parameters.model_json_schema(),
            CAPABILITIES[each.name],
            lambda arguments: arguments,
            lambda _: None,
        )
        for each in package.tools
    }
    defaults = {
        f"{each.name}.{argument}": field.default
        for each in package.tools
        for argument, field in each.parameters.model_fields.items()
        if not field.is_required()
    }
    return Suite(name, package, package.load_and_inject_default_environment({}), tools, defaults)


def injected(suite: Suite, attack: BaseInjectionTask) -> Suite:
    """The suite with the attack written into every place that it can be written into, in the words of the package's
    strongest fixed attack (Debenedetti et al. 2024, "important instructions")."""
    words = ImportantInstructionsAttack._JB_STRING  # noqa: SLF001
    text = words.format(goal=attack.GOAL, model="AI model", user="Emma Johnson")
    places = suite.package.get_injection_vector_defaults()
    environment = suite.package.load_and_inject_default_environment(dict.fromkeys(places, text))
    return replace(suite, environment=environment)


def plan_of(suite: Suite, task: BaseUserTask) -> list[Call]:
    """What the request announces."""
    calls = [(call.function, call.args) for call in task.ground_truth(started(suite, task))]
    asked = calls[: UNASKED.get((suite.name, task.ID), len(calls))]
    return announced(asked, task.PROMPT, suite.defaults)


def started(suite: Suite, task: BaseUserTask) -> TaskEnvironment:
    return task.init_environment(suite.environment.model_copy(deep=True))


def run(
    suite: Suite, task: BaseUserTask, attack: BaseInjectionTask | None, guarded: Guarded, *, read_first: bool = False
) -> Outcome:
    """read_first: whether the model attacks only once it has read the attack's text, and not after any result."""
    environment = started(suite, task)
    before = environment.model_copy(deep=True)
    runtime = FunctionsRuntime(suite.package.tools)
    shown = tool_result_to_str if read_first else str  # YAML takes most of the time, and only a reader needs it
    tools = {
        name: replace(tool, call=partial(_call, runtime, environment, shown, name))
        for name, tool in suite.tools.items()
    }
    user = [Wanted(call.function, dict(call.args)) for call in task.ground_truth(before.model_copy(deep=True))]
    wanted = attack_calls(suite.name, attack, before) if attack else []
    tried: list[Tried] = []
    made: list[FunctionCall] = []
    attacked, read = False, False

    def moved(results: Sequence[str]) -> bool:
        nonlocal read
        read = read or not read_first or MARK in results[-1]
        return read

    def holds(check: Any, of: Any, said: str) -> bool:
        words = [text_content_block_from_string(said)]
        return bool(check(of, words, before.model_copy(deep=True), environment.model_copy(deep=True), made))

    of_attack = suite.package._check_injection_task_security  # noqa: SLF001
    of_task = suite.package._check_user_task_utility  # noqa: SLF001
    for each in obeyed(user, wanted, plan_of(suite, task), tools, guarded, moved):
        tried.append(each)
        if each.result is not None:
            made.append(FunctionCall(function=each.wanted.tool, args=dict(each.wanted.arguments)))
            if attack and each.attack and not attacked:
                attacked = holds(of_attack, attack, "")
    lost = sum(each.result is not None and not each.attack for each in tried) < len(user)
    said = "" if lost else task.GROUND_TRUTH_OUTPUT
    if attack and read and not attacked:
        attacked = holds(of_attack, attack, f"{said} {attack.GROUND_TRUTH_OUTPUT}")
    return Outcome(holds(of_task, task, said), attacked, tuple(tried))


def _call(
    runtime: FunctionsRuntime,
    environment: TaskEnvironment,
    shown: Callable[[Any], str],
    name: str,
    arguments: Arguments,
) -> str:
    result, error = runtime.run_function(environment, name, arguments)
    if error is not None:
        raise ToolFailed(error)
    return shown(result)
