"""Tasks whose reward is known: a right reply can be told from a wrong one, without a person and without a model."""

from collections.abc import Mapping
from difflib import get_close_matches
from pathlib import Path
from types import MappingProxyType

from openbook.align.problems import AlignProblem
from openbook.align.task import Task
from openbook.align.tasks import arithmetic, countdown, counting, facts, gsm8k, sorting, units

_TASKS: Mapping[str, Task] = MappingProxyType(
    {task.name: task for task in (one.TASK for one in (arithmetic, countdown, counting, facts, sorting, units))}
)

NAMES = (*_TASKS, f"{gsm8k.NAME}:FILE")
"""What ``by_name`` takes; FILE: a .jsonl file in GSM8K's format."""


def by_name(name: str) -> Task:
    """The task of this name. Raises AlignProblem for an unknown one, and for a file that cannot be read."""
    if name in _TASKS:
        return _TASKS[name]
    path = file_of(name)
    if path is not None:
        return gsm8k.task(path)
    close = get_close_matches(name, _TASKS, 1)
    raise AlignProblem(
        f"there is no task {name!r}" + (f": do you mean {close[0]}?" if close else f"; known are {', '.join(NAMES)}")
    )


def file_of(name: str) -> Path | None:
    """The file that a task's problems are read from, where it has one."""
    kind, colon, path = name.partition(":")
    return Path(path).expanduser() if kind == gsm8k.NAME and colon and path else None
