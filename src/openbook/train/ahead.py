"""Steps' batches made ahead by other threads while a GPU computes, in their order: a step reads the same either way."""

from collections import deque
from collections.abc import Callable, Generator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from typing import TypeVar

T = TypeVar("T")


@contextmanager
def ahead(make: Callable[[int], T], first: int, end: int, threads: int) -> Generator[Callable[[int], T]]:
    """``make`` for the steps ``first`` to ``end``, to be asked in this order; two for each thread are made in advance.

    threads: 0 makes each when it is asked for. What ``make`` raises is raised where its step is asked for.
    """
    if not threads:
        yield make
        return
    queued: deque[Future[T]] = deque()
    coming = iter(range(first, end))

    def take(_: int) -> T:
        for step in coming:
            queued.append(pool.submit(make, step))
            if len(queued) > 2 * threads:
                break
        return queued.popleft().result()

    pool = ThreadPoolExecutor(threads, thread_name_prefix="batches")
    try:
        yield take
    finally:
        pool.shutdown(cancel_futures=True)
