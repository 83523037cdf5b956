"""Jobs done at once and told one after the other, so that the order of events never depends on which was faster."""

import threading
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from queue import SimpleQueue
from typing import TypeAlias

from openbook.agent.budget import OverBudget
from openbook.agent.events import Event
from openbook.agent.invoke import NotCalled
from openbook.agent.jobs import Job
from openbook.agent.perform import CallFailed
from openbook.guard.labelled import Labelled
from openbook.values import Json

MOST_AT_ONCE = 8
"""Threads."""

Ended: TypeAlias = Labelled[Json] | NotCalled | CallFailed | OverBudget
Tell: TypeAlias = Callable[[Event], None]
Doing: TypeAlias = Callable[[Job, Tell], Labelled[Json]]


def one_by_one(jobs: Sequence[Job], doing: Doing) -> Iterator[tuple[Job, Event | Ended]]:
    """In this thread, where a person can be asked. A job's own events come when it has ended."""
    for job in jobs:
        heard: list[Event] = []
        ended = _ended(job, doing, heard.append)
        yield from ((job, event) for event in heard)
        yield job, ended


def at_once(jobs: Sequence[Job], doing: Doing) -> Iterator[tuple[Job, Event | Ended]]:
    """What each job tells while it goes on, then how it ended; a job's turn to tell comes when those before it have."""
    told = [SimpleQueue[Event | Ended | BaseException]() for _ in jobs]
    waiting = deque(zip(jobs, told, strict=True))
    for _ in range(min(MOST_AT_ONCE, len(jobs))):  # daemons: an interrupted run does not wait for them
        threading.Thread(target=_work, args=(waiting, doing), daemon=True).start()
    try:
        for job, queue in zip(jobs, told, strict=True):
            ended = False
            while not ended:
                found = queue.get()
                ended = isinstance(found, Labelled | BaseException)
                if isinstance(found, BaseException) and not isinstance(found, NotCalled | CallFailed | OverBudget):
                    raise found
                yield job, found
    finally:
        waiting.clear()


def _work(waiting: "deque[tuple[Job, SimpleQueue[Event | Ended | BaseException]]]", doing: Doing) -> None:
    while True:
        try:
            job, queue = waiting.popleft()
        except IndexError:
            return
        try:
            queue.put(_ended(job, doing, queue.put))
        except BaseException as error:  # noqa: BLE001 - raised again where it can be seen
            queue.put(error)


def _ended(job: Job, doing: Doing, tell: Tell) -> Ended:
    try:
        return doing(job, tell)
    except (NotCalled, CallFailed, OverBudget) as error:
        return error
