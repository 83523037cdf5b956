"""The problems that a run draws replies to: a task's, fresh ones every step, or a file's prompts, again every epoch.

What is kept apart for evaluation is never learnt from.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from openbook.align.online_recipe import Problems
from openbook.align.pair_groups import visited
from openbook.align.problems import AlignProblem
from openbook.align.task import Problem, Task
from openbook.json_lines import rows_of

_HELD, _TRAINING = 1, 2
"""Set the random numbers of these draws apart, under one seed."""

_TRIES = 50
_MOST = 1_000_000


@dataclass(frozen=True, slots=True)
class Source:
    """training: the problems of a step. held: kept apart. left_out: prompts too long for the context."""

    training: Callable[[int], list[Problem]]
    held: list[Problem]
    left_out: int = 0


def of_task(task: Task, recipe: Problems, batch: int, seed: int) -> Source:
    """Problems of a task. Raises AlignProblem where it has too few for some to be kept apart."""
    least, most = recipe.sizes or task.sizes
    sizes = (least, most)
    held = list({one.prompt: one for one in task.problems(recipe.held, [seed, _HELD], sizes)}.values())
    apart = {one.prompt for one in held}

    def training(step: int) -> list[Problem]:
        found: list[Problem] = []
        for again in range(_TRIES):
            drawn = task.problems(batch - len(found), [seed, _TRAINING, step, again], sizes)
            found += [one for one in drawn if one.prompt not in apart]
            if len(found) == batch:
                return found
        raise AlignProblem(
            f"nearly all problems of {task.name} in sizes {least} to {most} are among the {len(held)} kept apart: "
            "lower task.held, or set larger task.sizes"
        )

    return Source(training, held)


def of_file(recipe: Problems, batch: int, seed: int, fits: Callable[[str], bool]) -> Source:
    """Prompts of a file, each once; fits: whether one leaves room for a reply. Raises AlignProblem or BadData."""
    prompts: dict[str, None] = {}
    for number, row in rows_of(recipe.source, _MOST):
        prompt = row.get("prompt")
        if not isinstance(prompt, str) or not prompt:
            raise AlignProblem(f'{recipe.source}:{number} has no text under "prompt": give every line one')
        prompts[prompt] = None
    fitting = [prompt for prompt in prompts if fits(prompt)]
    if len(fitting) <= recipe.held:
        raise AlignProblem(
            f"{recipe.source} has {len(fitting):,} prompts that leave room for a reply, too few for task.held = "
            f"{recipe.held}: lower it, or give more"
        )
    order: list[int] = np.random.default_rng([seed, _HELD]).permutation(len(fitting)).tolist()
    problems = [Problem(fitting[number], "", "", 0) for number in order]
    held, learnt = problems[: recipe.held], problems[recipe.held :]
    return Source(
        lambda step: [learnt[n] for n in visited(len(learnt), seed, step, batch)], held, len(prompts) - len(fitting)
    )
