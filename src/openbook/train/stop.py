"""Ctrl-C and a polite kill end a run after the step at hand; a second one ends it at once."""

import signal
import threading
from collections.abc import Callable, Generator
from contextlib import contextmanager
from types import FrameType

from openbook.errors import OpenbookError


@contextmanager
def stopping() -> Generator[Callable[[], bool]]:
    """Gives a function that tells whether the run was asked to stop."""
    asked = False

    def ask(number: int, _frame: FrameType | None) -> None:
        nonlocal asked
        if asked and number == signal.SIGINT:
            raise KeyboardInterrupt
        asked = True

    if threading.current_thread() is not threading.main_thread():  # only the main thread hears signals
        yield lambda: False
        return
    before = {number: signal.signal(number, ask) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield lambda: asked
    except OpenbookError:
        raise
    except Exception:
        if asked:  # a compiler of ours was stopped by the same Ctrl-C, which is no fault of anybody's
            raise KeyboardInterrupt from None
        raise
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
