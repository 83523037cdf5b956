"""What a text may go on with, looked up in itself: what followed the last place that reads as its end does.

Text that copies, as answers from a prompt's documents do, often goes on as it went on there (Saxena 2023, prompt
lookup decoding). A draft costs a wider pass, so its width doubles while all of it comes true, and a text that keeps
proving its drafts wrong is left alone, for longer each time.
"""

from collections.abc import Sequence

MATCHES = (8, 5, 3)
"""Tokens at the end that are looked up, the longest first."""

WIDEST = 32
_FIRST = 4
_COST = 0.25
"""What one drafted token costs in passes of one token: it shares the reading of the weights."""

_ALLOWANCE, _PAUSE = 8.0, 64


class Drafts:
    """Of one text."""

    def __init__(self) -> None:
        self._after: dict[tuple[int, ...], int] = {}
        self._noted = self._from = 0
        self._width, self._balance, self._pause = _FIRST, _ALLOWANCE, _PAUSE

    def propose(self, ids: Sequence[int], most: int) -> list[int]:
        """At most so many tokens that may follow, none where the end is new or drafts have not been worth it."""
        start = self._found(ids)
        if start is None or len(ids) < self._from:
            return []
        return list(ids[start : start + min(most, self._width)])

    def learn(self, drafted: int, right: int, redone: int) -> None:
        """How many of a draft came true, and how many tokens had to be read a second time, one by one."""
        if drafted:
            self._width = min(2 * self._width, WIDEST) if right == drafted else max(right, 2)
        self._balance = min(self._balance + right - _COST * drafted - redone, 4 * _ALLOWANCE)
        if self._balance < 0:
            self._from, self._balance = self._noted + self._pause, _ALLOWANCE / 2
            self._pause *= 2

    def _found(self, ids: Sequence[int]) -> int | None:
        """Where the text went on the last time that it read as it does at its end now; the places since are noted."""
        for end in range(self._noted, len(ids)):  # what ends right before this place
            for length in MATCHES:
                if length <= end:
                    self._after[tuple(ids[end - length : end])] = end
        self._noted = len(ids)
        ends = (tuple(ids[-length:]) for length in MATCHES if length <= len(ids))
        return next((self._after[end] for end in ends if end in self._after), None)
