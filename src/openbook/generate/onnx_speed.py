"""How fast a compressed decoder reads and writes here, and how near it comes to what the memory can deliver.

Writing one token reads every weight once, so bytes of weights times tokens a second is the bandwidth that is used.
"""

import statistics
import time
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np

from openbook.generate.onnx_session import OnnxSession

_SECONDS = 1.0
"""Of each measurement, in all its rounds."""

_READ = 1 << 26
"""Numbers read for the bandwidth: 256 MB, more than caches hold."""

_ROUNDS = 5


@dataclass(frozen=True, slots=True)
class Speed:
    """Tokens a second in each round, and their medians: of a prompt, and written one by one in one row and in eight
    together. weights: bytes that each written token reads.
    """

    prompts: tuple[float, ...]
    ones: tuple[float, ...]
    eights: tuple[float, ...]
    weights: int

    @property
    def prompt(self) -> float:
        return statistics.median(self.prompts)

    @property
    def one(self) -> float:
        return statistics.median(self.ones)

    @property
    def eight(self) -> float:
        return statistics.median(self.eights)

    @property
    def bytes_per_second(self) -> float:
        return self.one * self.weights


def speeds(sessions: Mapping[str, OnnxSession], prompt: int = 256) -> dict[str, Speed]:
    """Of several models in turn, so that what else the machine does meets all of them. prompt: its tokens."""
    timed: dict[str, dict[str, list[float]]] = {name: {"prompt": [], "one": [], "eight": []} for name in sessions}
    for _ in range(_ROUNDS):
        for name, session in sessions.items():
            length = min(prompt, session.folder.shape.context // 2)
            timed[name]["prompt"].append(_reading(session, length))
            timed[name]["one"].append(_writing(session, 1, length))
            timed[name]["eight"].append(_writing(session, 8, length))
    return {
        name: Speed(
            tuple(own["prompt"]), tuple(own["one"]), tuple(own["eight"]), sessions[name].folder.model.stat().st_size
        )
        for name, own in timed.items()
    }


def bandwidth(threads: int) -> float:
    """Bytes a second that these threads read from memory together: the best of some rounds of long dot products."""
    numbers = np.ones(_READ, dtype=np.float32)
    size = -(-_READ // threads)

    def read(part: int) -> float:
        mine = numbers[part * size : (part + 1) * size]
        return float(np.dot(mine, mine))

    best = 0.0
    with ThreadPoolExecutor(threads) as pool:
        for _ in range(_ROUNDS):
            started = time.perf_counter()
            list(pool.map(read, range(threads)))
            best = max(best, numbers.nbytes / (time.perf_counter() - started))
    return best


def _reading(session: OnnxSession, length: int) -> float:
    ids = np.arange(length, dtype=np.int64)[None] % session.folder.shape.vocabulary

    def once() -> int:
        session.start(1, length).feed(ids)
        return length

    return _rate(once)


def _writing(session: OnnxSession, batch: int, length: int) -> float:
    """After a prompt: what is written is looked at again by every later token."""
    shape = session.folder.shape
    room = min(shape.context, length + 512)
    growing = session.start(batch, room)
    growing.feed(np.arange(batch * length, dtype=np.int64).reshape(batch, length) % shape.vocabulary)
    ids = np.ones((batch, 1), dtype=np.int64)

    def once() -> int:
        if growing.used == room:
            growing.forget(length)
        growing.feed(ids)
        return batch

    once()
    return _rate(once)


def _rate(once: Callable[[], int]) -> float:
    """Tokens a second, until a round's share of the time is over."""
    started, tokens = time.perf_counter(), 0
    while True:
        tokens += once()
        elapsed = time.perf_counter() - started
        if elapsed >= _SECONDS / _ROUNDS:
            return tokens / elapsed
