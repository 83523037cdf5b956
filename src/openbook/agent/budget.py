"""What a run may spend, and what it has spent: over any limit it stops, and what it has stays."""

import threading
import time
from collections import Counter
from dataclasses import dataclass
from decimal import Decimal

from openbook.errors import OpenbookError


class OverBudget(OpenbookError):
    """A limit is reached. The message says which."""


@dataclass(frozen=True, slots=True)
class Budget:
    """None: no limit. calls: of tools, retries too. seconds: of work; what a person takes to answer does not count.

    tokens and money are known only after they were spent, so that one call may go over; the next is not made.
    """

    steps: int | None = 64
    calls: int | None = 512
    seconds: float | None = 600.0
    tokens: int | None = None
    money: Decimal | None = None


class Spending:
    """The meter of one run. Threads share it; the clock runs from the first look at it."""

    def __init__(self) -> None:
        self.steps = 0
        self.calls = 0
        self.tokens = 0
        self.money = Decimal(0)
        self._hung = Counter[str]()
        self._waited = 0.0
        self._start: float | None = None
        self._lock = threading.Lock()

    def take_step(self, budget: Budget) -> None:
        """Raises OverBudget, as ``take_call`` does."""
        with self._lock:
            self._check(budget)
            _room(self.steps, budget.steps, "steps")
            self.steps += 1

    def take_call(self, budget: Budget) -> None:
        with self._lock:
            self._check(budget)
            _room(self.calls, budget.calls, "tool calls")
            self.calls += 1

    def charge(self, *, tokens: int = 0, money: Decimal = Decimal(0)) -> None:
        """What a tool or a model reports. Money that is no amount, or less than nothing, buys nothing back."""
        with self._lock:
            self.tokens += max(tokens, 0)
            self.money += money if money.is_finite() and money > 0 else Decimal(0)

    def wait(self, seconds: float) -> None:
        """Time that a person took, which is not the run's."""
        with self._lock:
            self._waited += seconds

    def left(self, budget: Budget) -> float:
        """Seconds that are left; infinity where there is no limit."""
        with self._lock:
            return float("inf") if budget.seconds is None else budget.seconds - self._seconds()

    def note_hung(self, tool: str) -> None:
        with self._lock:
            self._hung[tool] += 1

    def hung(self, tool: str) -> int:
        """How often a tool was given up because it did not answer in time."""
        with self._lock:
            return self._hung[tool]

    def _seconds(self) -> float:
        now = time.monotonic()
        self._start = now if self._start is None else self._start
        return now - self._start - self._waited

    def _check(self, budget: Budget) -> None:
        if budget.seconds is not None and self._seconds() >= budget.seconds:
            raise OverBudget(f"the budget of {budget.seconds:g} seconds is spent")
        if budget.tokens is not None and self.tokens >= budget.tokens:
            raise OverBudget(f"the budget of {budget.tokens:,} tokens is spent")
        if budget.money is not None and self.money >= budget.money:
            raise OverBudget(f"the budget of {budget.money} for paid calls is spent")


def _room(used: int, limit: int | None, what: str) -> None:
    if limit is not None and used >= limit:
        raise OverBudget(f"the budget of {limit:,} {what} is spent")
