"""A task's demonstrations as what a model is trained on: problems drawn by a seed, a vocabulary, tokens."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from openbook.align.problems import AlignProblem
from openbook.align.sft_recipe import Demonstrations
from openbook.align.task import Problem, Task
from openbook.align.tasks import by_name
from openbook.align.vocabulary import tokenizer_json
from openbook.tokens.definition import check
from openbook.tokens.tokenizer import Tokenizer
from openbook.train.answers import Answers, encoded, fitting

_SHOWN = 4_000
"""Problems that the vocabulary is taken from, so that it is the same however few are learnt."""

_LEARNT, _KEPT, _VOCABULARY, _TERSE = 101, 102, 103, 104
"""Set the random numbers of these draws apart, from one another and from those of other methods under the same seed."""


@dataclass(frozen=True, slots=True)
class Lessons:
    """training, validation: problems with their demonstrations. tokenizer: its file's text."""

    task: Task
    training: Sequence[Problem]
    validation: Sequence[Problem]
    tokenizer: str


def lessons(asked: Demonstrations, end: str) -> Lessons:
    """Equal recipes give equal ones. Problems of training are kept out of validation.

    Raises AlignProblem where the task has too few different problems for both.
    """
    task = by_name(asked.name)
    training = task.problems(asked.examples, [asked.seed, _LEARNT], asked.between)
    validation = unseen(task, asked.validation, [asked.seed, _KEPT], {one.prompt for one in training}, asked.between)
    shown = [*training, *validation, *task.problems(_SHOWN, [asked.seed, _VOCABULARY], asked.between)]
    texts = (text for one in shown for text in (one.prompt, one.solution, one.answer))
    tokenizer = tokenizer_json(texts, asked.pieces, end)
    training, validation = (
        shortened(part, asked.terse, [asked.seed, _TERSE, number])
        for number, part in enumerate((training, validation), start=1)
    )
    return Lessons(task, training, validation, tokenizer)


def shortened(problems: Sequence[Problem], share: float, key: Sequence[int]) -> list[Problem]:
    """Each, by a chance of its own, with its answer alone for a demonstration. A larger share shortens the same and
    more.
    """
    numbers = np.random.default_rng(key).random(len(problems))
    return [
        replace(one, solution=one.answer) if number < share else one
        for one, number in zip(problems, numbers, strict=True)
    ]


def unseen(
    task: Task, count: int, key: Sequence[int], seen: set[str], sizes: tuple[int, int] | None = None
) -> list[Problem]:
    """So many problems whose prompts are not among those seen, and differ from one another. Raises AlignProblem."""
    found: dict[str, Problem] = {}
    for block in range(20):
        for problem in task.problems(2 * count, [*key, block], sizes):
            if problem.prompt not in seen:
                found.setdefault(problem.prompt, problem)
        if len(found) >= count:
            return list(found.values())[:count]
    raise AlignProblem(
        f"{task.name} has too few different problems of these sizes to keep {count} that are not trained on: ask for "
        "larger ones, or for fewer"
    )


def answers(problems: Sequence[Problem], tokenizer: Tokenizer, end: str, context: int) -> Answers:
    """The demonstrations as the training loop takes them. Raises AlignProblem for one over the context."""
    found = [encoded([(one.prompt, False), (one.solution, True)], tokenizer, end) for one in problems]
    kept = fitting(found, context)
    if len(kept) < len(found):
        longest = max(example.ids.size for example in found)
        raise AlignProblem(
            f"a demonstration has {longest:,} tokens with its prompt and model.context is {context:,}: raise it"
        )
    return Answers(kept, context)


def opened_tokenizer(text: str) -> Tokenizer:
    """What the file's text is for."""
    return Tokenizer(check(json.loads(text), "the task's vocabulary"))
