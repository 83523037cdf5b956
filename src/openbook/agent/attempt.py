"""Foreign code run in a thread of its own for a bounded time: it may hang, raise anything, or end the program.

Python cannot stop a thread. One that does not come back in time is given up: it is a daemon, so that it holds up no
exit, and whatever it gives later goes nowhere.
"""

import threading
from collections.abc import Callable
from dataclasses import dataclass
from queue import Empty, SimpleQueue
from typing import Generic, TypeVar

from openbook.agent.tool import BadArguments, ToolFailed
from openbook.json_lines import shortened

T = TypeVar("T")

MOST_SAID = 500
"""Characters of a fault's message."""


@dataclass(frozen=True, slots=True)
class Gave(Generic[T]):
    value: T


@dataclass(frozen=True, slots=True)
class Fault:
    """message: one line, which may hold words from outside. again: whether another try may go better. hung: whether it
    was given up, so that nobody knows what it did. arguments: whether the call was wrong, and not the tool. undone:
    whether it says that it did nothing."""

    message: str
    again: bool = False
    hung: bool = False
    arguments: bool = False
    undone: bool = False


def attempted(function: Callable[[], T], seconds: float) -> Gave[T] | Fault:
    """What ``function`` gave, or what went wrong; it raises nothing."""
    answers = SimpleQueue[Gave[T] | Fault]()
    threading.Thread(target=lambda: answers.put(_tried(function)), daemon=True).start()
    try:
        return answers.get(timeout=max(seconds, 0.0))
    except Empty:
        return Fault(f"no answer within {seconds:.3g} seconds: given up", again=True, hung=True)


def _tried(function: Callable[[], T]) -> Gave[T] | Fault:
    try:
        return Gave(function())
    except BadArguments as error:
        return Fault(_said(error), arguments=True)
    except ToolFailed as error:
        return Fault(_said(error), again=error.again, undone=error.undone)
    except BaseException as error:  # noqa: BLE001 - foreign code may raise anything, an exit of the program too
        said = _said(error)
        return Fault(f"{type(error).__name__[:60]}: {said}" if said else type(error).__name__[:60], again=True)


def _said(error: BaseException) -> str:
    try:
        return shortened(str(error)[: 20 * MOST_SAID], MOST_SAID)
    except BaseException:  # noqa: BLE001 - its text is foreign code as well
        return ""
