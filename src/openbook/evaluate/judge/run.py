"""Every case by every criterion, one after the other; a model that fails again and again ends the run."""

from collections.abc import Callable, Sequence
from typing import TypeVar

from openbook.evaluate.judge.case import Case
from openbook.evaluate.judge.criterion import Criterion
from openbook.evaluate.judge.fill import Filled

R = TypeVar("R")

MOST_FAILURES = 5
"""In a row. One text too long for the model is that text's affair; so many are the model's."""


def each(
    cases: Sequence[Case],
    criteria: Sequence[Criterion],
    ask: Callable[[Criterion, Case], tuple[R, Filled[int]]],
    progress: Callable[[int, int], None],
) -> list[R]:
    """All of a case's criteria together, so that what is interrupted leaves whole cases behind."""
    found: list[R] = []
    failures = 0
    total = len(cases) * len(criteria)
    for case in cases:
        for criterion in criteria:
            result, reply = ask(criterion, case)
            failures = failures + 1 if reply.unread == "failed" else 0
            if reply.error is not None and failures in (MOST_FAILURES, total):
                raise reply.error
            found.append(result)
            progress(len(found), total)
    return found
