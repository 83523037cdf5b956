"""A bound on what a model takes: weights, keys and values of all its texts, refused before they are allocated."""

import re
import threading
import weakref

from openbook.errors import OpenbookError

RUNTIME = 52_000_000
"""Bytes that the runtime takes for itself and for what a pass computes."""

_COPIES = 2
"""The kernels keep weights in an order of their own, beside what was read: at most this often the file, measured."""

_UNITS = {"": 1, "kb": 10**3, "mb": 10**6, "gb": 10**9, "kib": 2**10, "mib": 2**20, "gib": 2**30}


class OverMemory(OpenbookError):
    """More memory than was allowed."""


class Memory:
    """most: bytes, None for no bound. Threads may share it."""

    def __init__(self, most: int | None = None) -> None:
        self.most, self.used = most, 0
        self._lock = threading.Lock()

    def weights(self, size: int) -> None:
        """Count a model file of so many bytes. Raises OverMemory."""
        needed = _COPIES * size + RUNTIME
        if self.most is not None and needed > self.most:
            raise OverMemory(
                f"the model takes {shown(needed)}, more than the {shown(self.most)} allowed: allow more, or compress it"
                " to int4"
            )
        self.used += needed

    def reserve(self, owner: object, size: int, tokens: int, rows: int) -> None:
        """Count the keys and values of so many rows of so many tokens for as long as ``owner`` lives.

        Raises OverMemory.
        """
        with self._lock:
            if self.most is not None and self.used + size > self.most:
                many = f"{rows} rows of " if rows > 1 else ""
                raise OverMemory(
                    f"{many}{tokens:,} tokens take {shown(size)} beside the {shown(self.used)} in use, more than the"
                    f" {shown(self.most)} allowed: shorten the prompt, write fewer tokens, or allow more"
                )
            self.used += size
        weakref.finalize(owner, self._release, size)

    def _release(self, size: int) -> None:
        with self._lock:
            self.used -= size


def size_of(text: str) -> int:
    """``2GB``, ``500 MB``, ``1.5GiB`` or bytes. Raises OpenbookError."""
    found = re.fullmatch(r"\s*([0-9]{1,15}(?:\.[0-9]{1,6})?)\s*([a-z]*)\s*", text.lower())
    size = int(float(found[1]) * _UNITS[found[2]]) if found and found[2] in _UNITS else 0
    if not 0 < size < 2**60:
        raise OpenbookError("an amount of memory is a number with KB, MB or GB, such as 2GB")
    return size


def shown(size: int) -> str:
    return f"{size / 1e9:,.2f} GB" if size >= 10**9 else f"{size / 1e6:,.1f} MB"
