"""Who plans and reads in a run of the agent, a language model or rules, and the policy that either is held to."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import cast

from openbook.agent.events import Event
from openbook.agent.plan import Plan
from openbook.agent.world import Parser, World
from openbook.cli.agent_setting import SHIPPED, Opened, Setting
from openbook.errors import OpenbookError
from openbook.guard.policy import Policy
from openbook.json_lines import shortened
from openbook.protocols import LanguageModel


def opened_model(setting: Setting) -> LanguageModel | None:
    """Raises OpenbookError where it cannot be opened, or steps are to be chosen and nobody chooses."""
    if setting.model is None:
        if setting.stepwise:
            raise OpenbookError("--stepwise needs a language model that chooses each call: name one with --model")
        return None
    from openbook.generate.open import open_model

    return open_model(setting.model)


def policy_of(setting: Setting, opened: Opened) -> Policy:
    """The default policy, or the file's, read against the tools that there are."""
    if setting.policy is None:
        return Policy()
    from openbook.cli.progress import say
    from openbook.guard.policy_file import read_policy

    arguments = {
        tool.name: list(cast("Mapping[str, object]", tool.schema.get("properties", {}))) for tool in opened.tools
    }
    policy = read_policy(Path(setting.policy), arguments, SHIPPED)
    if absent := [name for name in policy.tools if name not in arguments]:
        say(f"the policy has rules for tools not opened here: {shortened(', '.join(absent), 200)}")
    return policy


def reading_with(model: LanguageModel | None) -> Parser:
    """Who turns a text into a value: a model without tools, or rules."""
    if model is None:
        from openbook.agent.typed_reader import read_typed

        return read_typed
    from openbook.agent.quarantine import Quarantine

    return Quarantine(model)


def events_of(task: str, plan: Plan | None, model: LanguageModel | None, world: World) -> Iterator[Event]:
    """The run. plan: None where the model chooses step by step."""
    if plan is None:
        assert model is not None
        from openbook.agent.stepwise import stepwise

        return stepwise(task, model, world)
    if model is None:
        from openbook.agent.run import run

        return run(plan, world)
    from openbook.agent.run_repaired import run_repaired

    return run_repaired(task, plan, model, world)
