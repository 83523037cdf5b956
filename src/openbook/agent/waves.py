"""Which steps may be done at once: those that do not need each other, and that change nothing.

A step that acts is done alone, in its place in the plan, so that what is read before it is read before it. Between two
of them, the others go by waves, each as soon as all that it needs is there.
"""

from collections.abc import Iterator, Mapping, Sequence

from openbook.agent.plan import Parse, Step, needs
from openbook.agent.tool import Tool


def waves(steps: Sequence[Step], tools: Mapping[str, Tool]) -> Iterator[tuple[Step, ...]]:
    """Every step once, each wave in the order of the plan."""
    looking: list[Step] = []
    for step in steps:
        if acts(step, tools):
            yield from _levels(looking)
            yield (step,)
            looking = []
        else:
            looking.append(step)
    yield from _levels(looking)


def acts(step: Step, tools: Mapping[str, Tool]) -> bool:
    return not isinstance(step, Parse) and tools[step.tool].capability.acts


def _levels(steps: Sequence[Step]) -> Iterator[tuple[Step, ...]]:
    """Every step needs earlier ones alone, so that each level has one at least."""
    waiting = list(steps)
    while waiting:
        names = {step.id for step in waiting}
        ready = tuple(step for step in waiting if not needs(step) & names)
        yield ready
        done = {step.id for step in ready}
        waiting = [step for step in waiting if step.id not in done]
