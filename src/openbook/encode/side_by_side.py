"""The same work on many items, on every core at once: the largest first, a bounded number waiting."""

import os
from collections import deque
from collections.abc import Callable, Generator, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

T = TypeVar("T")


def usable_threads(threads: int | None = None) -> int:
    """``threads``, or as many as there are cores that this process may use. Raises ValueError for fewer than 1."""
    if threads is None:
        threads = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else (os.cpu_count() or 1)
    if threads < 1:
        raise ValueError(f"threads must be 1 or more, not {threads}")
    return threads


def side_by_side(work: Callable[[int], T], sizes: Sequence[int], threads: int) -> Generator[tuple[int, T], None, None]:
    """(item, work(item)) for each item; the largest first, so that no core is left with a long one at the end.

    Closing the generator stops what has not begun.
    """
    largest_first = sorted(range(len(sizes)), key=lambda item: -sizes[item])
    if threads == 1 or len(sizes) < 2:
        for item in largest_first:
            yield item, work(item)
        return
    pool = ThreadPoolExecutor(min(threads, len(sizes)), thread_name_prefix="encode")
    try:
        yield from _in_order(pool, work, largest_first)
    finally:
        pool.shutdown(cancel_futures=True)


def _in_order(
    pool: ThreadPoolExecutor, work: Callable[[int], T], items: Sequence[int], ahead: int = 256
) -> Iterator[tuple[int, T]]:
    """At most ``ahead`` items are queued, so that memory is bounded."""
    queued: deque[tuple[int, Future[T]]] = deque()
    for item in items:
        queued.append((item, pool.submit(work, item)))
        if len(queued) >= ahead:
            first, future = queued.popleft()
            yield first, future.result()
    for item, future in queued:
        yield item, future.result()
