"""The problems of a bake-off: to be judged and learnt from, to try the reward models on, the exam; no prompt twice."""

from dataclasses import dataclass

from openbook.align.compare.recipe import CompareRecipe
from openbook.align.problems import AlignProblem
from openbook.align.task import Problem, Task

_ROUNDS = 20


@dataclass(frozen=True, slots=True)
class Parts:
    """taught: judged for the reward models to learn from; held: judged to try them on; exam: every policy's."""

    taught: tuple[Problem, ...]
    held: tuple[Problem, ...]
    exam: tuple[Problem, ...]


def parted(task: Task, recipe: CompareRecipe) -> Parts:
    """By the recipe's seed. Raises AlignProblem where the task has fewer different problems than are asked for."""
    sizes = recipe.annotators.prompts, recipe.annotators.held, recipe.measure.problems
    found: dict[str, Problem] = {}
    for number in range(_ROUNDS):
        for problem in task.problems(sum(sizes), [recipe.seed, 41, number]):
            found.setdefault(problem.prompt, problem)
        if len(found) >= sum(sizes):
            break
    else:
        raise AlignProblem(
            f"{task.name} has about {len(found):,} different problems and the bake-off asks for {sum(sizes):,}: lower "
            "annotators.prompts, annotators.held or measure.problems"
        )
    every = list(found.values())
    first, second = sizes[0], sizes[0] + sizes[1]
    return Parts(tuple(every[:first]), tuple(every[first:second]), tuple(every[second : sum(sizes)]))
