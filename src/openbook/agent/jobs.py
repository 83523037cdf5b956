"""What a step comes to once its terms have values: one call, or one for each item of its list."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from openbook.agent.invoke import invoke
from openbook.agent.once import kept, once
from openbook.agent.perform import Work
from openbook.agent.plan import MOST_EACH, Call, Parse, Step, needs
from openbook.agent.terms import NothingFound, found_nothing, resolved
from openbook.agent.tool import Charged, ToolFailed
from openbook.agent.world import World
from openbook.errors import OpenbookError
from openbook.guard.labelled import Labelled, as_text, mapped
from openbook.values import TRUSTED, Json, Label

PARSE = "parse"
"""What a step that reads a text is called where a tool's name stands."""


@dataclass(frozen=True, slots=True)
class Job:
    """arguments: of a Parse, its ``text``. control: what the decision to do it derives from."""

    step: Step
    item: int | None
    arguments: Mapping[str, Labelled[Json]]
    control: Label = TRUSTED

    @property
    def tool(self) -> str:
        return tool_of(self.step)


@dataclass(frozen=True, slots=True)
class Jobs:
    """dropped: how many items of the list are over MOST_EACH. control: what their number derives from."""

    jobs: tuple[Job, ...]
    dropped: int = 0
    control: Label = TRUSTED


def tool_of(step: Step) -> str:
    return PARSE if isinstance(step, Parse) else step.tool


def jobs_of(step: Step, results: Mapping[str, Labelled[Json]]) -> Jobs:
    """How often a step with ``each`` is done is what its list says, and so is the control of every call of it.

    Raises NotThere, NothingFound, and OpenbookError where a term cannot be resolved.
    """
    for name in sorted(needs(step)):
        if name in results and found_nothing(results[name].value):
            raise NothingFound(name)
    if isinstance(step, Parse):
        return Jobs((Job(step, None, {"text": resolved(step.text, results)}),))
    if step.each is None:
        return Jobs((Job(step, None, _arguments(step, results, None)),))
    whole = resolved(step.each, results)
    if not isinstance(whole.value, Sequence) or isinstance(whole.value, str):
        raise OpenbookError("what it is to be done for is no list: name a list, or leave `each` out")
    items = [Labelled(value, whole.label) for value in whole.value[:MOST_EACH]]
    jobs = [Job(step, place, _arguments(step, results, item), whole.label) for place, item in enumerate(items)]
    return Jobs(tuple(jobs), len(whole.value) - len(items), whole.label)


def do(job: Job, world: World) -> Labelled[Json]:
    """Raises NotCalled, CallFailed and OverBudget."""
    if isinstance(job.step, Parse):
        return _parsed(job.step, job.arguments["text"], world)
    return invoke(world.tools[job.tool], job.arguments, job.control, world, step=job.step.id, item=job.item)


def _parsed(step: Parse, text: Labelled[Json], world: World) -> Labelled[Json]:
    """What the parser made of a text, as tainted as that: whoever wrote the text may have chosen it."""

    def parse() -> Json | Charged:
        if world.parser is None:
            raise ToolFailed("nothing here reads texts: name a model")
        return world.parser(mapped(as_text, text), step.question, step.schema)

    made_of = [step.question, dict(step.schema), text.value]
    work = Work(PARSE, step.id, None, made_of, text.label, acts=False, seconds=world.bounds.parsing, function=parse)
    return kept(work, world) or once(work, world)


def _arguments(
    step: Call, results: Mapping[str, Labelled[Json]], item: Labelled[Json] | None
) -> Mapping[str, Labelled[Json]]:
    return {name: resolved(term, results, item) for name, term in step.arguments.items()}
