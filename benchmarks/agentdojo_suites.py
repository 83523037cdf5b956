"""AgentDojo's suites: its environments, its tools as ours without a function, and the attack as a text in them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from agentdojo.attacks.important_instructions_attacks import ImportantInstructionsAttack
from agentdojo.base_tasks import BaseInjectionTask, BaseUserTask
from agentdojo.functions_runtime import TaskEnvironment
from agentdojo.task_suite.load_suites import get_suites
from agentdojo.task_suite.task_suite import TaskSuite

from benchmarks.agentdojo_plans import UNASKED, announced
from benchmarks.agentdojo_tools import CAPABILITIES
from benchmarks.worst_case import Wanted
from openbook.agent.plan import Call
from openbook.agent.tool import Tool

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


def plan_of(suite: Suite, task: BaseUserTask, calls: Sequence[Wanted]) -> list[Call]:
    """What the request announces of the calls that do the task."""
    asked = calls[: UNASKED.get((suite.name, task.ID), len(calls))]
    return announced([(call.tool, call.arguments) for call in asked], task.PROMPT, suite.defaults)


def started(suite: Suite, task: BaseUserTask) -> TaskEnvironment:
    return task.init_environment(suite.environment.model_copy(deep=True))
