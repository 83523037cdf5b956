"""One writer an index: a lock file beside it, held for the whole run and freed by the system when a process dies."""

from collections.abc import Callable, Generator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from openbook.errors import IndexBusy
from openbook.index.faults import explained


@contextmanager
def sole_writer(index: Path, wait_seconds: float, on_wait: Callable[[], None] = lambda: None) -> Generator[None]:
    """Hold the index for writing. Calls ``on_wait`` once where another process has it, then waits as long as told.

    Raises IndexBusy when the wait is over, IndexProblem where the lock file cannot be made.
    """
    with explained(index):
        index.parent.mkdir(parents=True, exist_ok=True)
        path = index.with_name(f"{index.name}.lock")
        path.open("ab").close()  # where no file can be made at all, waiting would never end
        lock = FileLock(path)
        try:
            lock.acquire(timeout=0)
        except Timeout:
            on_wait()
            try:
                lock.acquire(timeout=wait_seconds)
            except Timeout:
                raise IndexBusy(
                    f"{index} is being written by another process: try again when it has finished"
                ) from None
    try:
        yield
    finally:
        lock.release()
