"""A plan written by a language model that is shown the request and the tools, and nothing else.

The planner of CaMeL (Debenedetti et al. 2025, section 5): since nothing that it reads came from outside, nothing from
outside chose a step. What is wrong with a plan is told to the model, which mends it, so often and no more.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from openbook.agent.correct import corrected
from openbook.agent.plan import MOST_STEPS, Plan
from openbook.agent.plan_faults import read_plan
from openbook.agent.plan_schema import plan_schema
from openbook.agent.reply import Heard, unheard
from openbook.agent.tool import Tool
from openbook.agent.tool_listing import listing
from openbook.errors import OpenbookError
from openbook.json_lines import shortened
from openbook.protocols import LanguageModel
from openbook.values import TRUSTED, Decoding, Part, Prompt

LONGEST_REQUEST = 8_000

_INSTRUCTIONS = f"""You plan how tools are used to do what a person asks. You see no results: a plan is made before \
anything is read, and is then carried out as it stands.

Write one JSON object: {{"steps": [...], "answer": TERM}}, of at most {MOST_STEPS} steps, in the order they are made.
A step that uses a tool: {{"id": "s1", "tool": NAME, "arguments": {{NAME: TERM}}}}. With "each": TERM as well, a list, \
it is made for every item of the list.
A step that finds a value in a text: {{"id": "s2", "parse": TERM, "question": TEXT, "schema": JSON SCHEMA}}.
A TERM is a text, a number, true, false, null or a list of these; or
{{"result": "s1", "path": ["key", 0]}}, what an earlier step gave, or the part of it at the path;
{{"item": ["key"]}}, in a step with "each", the item or the part of it at the path;
{{"template": "It costs {{price}}.", "fields": {{"price": TERM}}}}, a text with terms filled in;
{{"given": VALUE}}, an object or a list of objects.
"answer" is what the person is told at the end.

An argument that only the request may choose is a value from the request, or made of such values by a calculation: \
a result that was read from outside is refused there.

The tools:
"""


class NoPlan(OpenbookError):
    """A model wrote nothing that can be carried out."""


@dataclass(frozen=True, slots=True)
class Planned:
    """plan: made from the request and the tools alone. faults: of each earlier reply, which the model then mended."""

    plan: Plan
    faults: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Planning:
    """corrections: how often a model may mend a plan. tells: whether it learns why. most_tokens: of a reply."""

    corrections: int = 3
    tells: bool = True
    most_tokens: int = 2_000
    temperature: float = 0.0
    seed: int = 0


PLANNING = Planning()


def planning_prompt(request: str, tools: Sequence[Tool]) -> Prompt:
    """Raises OpenbookError for an empty or endless request."""
    return (Part(_INSTRUCTIONS + listing(tools), TRUSTED, "system"), Part(checked_request(request), TRUSTED, "user"))


def checked_request(request: str) -> str:
    """The same request. Raises OpenbookError for an empty or endless one."""
    if not request.strip():
        raise OpenbookError("the request is empty: say what is to be done")
    if len(request) > LONGEST_REQUEST:
        raise OpenbookError(
            f"the request has {len(request):,} characters, at most {LONGEST_REQUEST:,} are planned for: put texts in a "
            "document"
        )
    return request


def decoding_of(planning: Planning, tools: Sequence[Tool]) -> Decoding:
    """Held to the plans that these tools allow, where the engine can."""
    return Decoding(
        max_tokens=planning.most_tokens,
        temperature=planning.temperature,
        seed=planning.seed,
        schema=plan_schema(tools),
    )


def written_plan(
    model: LanguageModel,
    request: str,
    tools: Sequence[Tool],
    planning: Planning = PLANNING,
    heard: Heard = unheard,
) -> Planned:
    """Raises NoPlan, in one line, and OpenbookError where the model cannot be asked."""
    read = corrected(
        model,
        planning_prompt(request, tools),
        decoding_of(planning, tools),
        lambda text: read_plan(text, tools),
        planning.corrections,
        heard,
        tells=planning.tells,
    )
    if read.value is None:
        raise no_plan(read.faults)
    return Planned(read.value, read.faults)


def no_plan(faults: Sequence[str]) -> NoPlan:
    """What is said after the last fault."""
    tries = f"{len(faults)} tries" if len(faults) > 1 else "one try"
    why = shortened(faults[-1], 300)
    return NoPlan(f"the model wrote no plan in {tries} ({why}): say the request otherwise, or use another model")
