"""How long a server is waited for, and when it is asked again: back-off that doubles, with jitter (Brooker 2015)."""

import random
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime


@dataclass(frozen=True, slots=True)
class Patience:
    """Seconds. connect: to be let in. silence: between two pieces of an answer; a model that is loaded first, or reads
    a long prompt on a slow machine, says nothing for minutes. total: of one answer. tries: the first included. first,
    longest: of the waits between tries; a server that asks for more than ``longest`` is not waited for.
    """

    connect: float = 10.0
    silence: float = 300.0
    total: float = 3_600.0
    tries: int = 4
    first: float = 0.5
    longest: float = 60.0

    def wait(self, tried: int, asked: float | None) -> float | None:
        """Before the next try, after so many; None where there is to be none. asked: by the server, where it did.

        Jitter takes up to half of the wait away, so that those who were refused together do not come back together.
        """
        if tried >= self.tries or (asked is not None and asked > self.longest):
            return None
        wait = min(self.first * 2 ** (tried - 1), self.longest) * random.uniform(0.5, 1.0)  # noqa: S311 - no secret
        return max(wait, asked or 0.0)


PATIENCE = Patience()


def retry_after(header: str) -> float | None:
    """The seconds that a Retry-After header asks for, as a number or a date; None where it says neither."""
    if re.fullmatch(r"\s*\d{1,9}(\.\d*)?\s*", header):
        return float(header)
    try:
        return max((parsedate_to_datetime(header) - datetime.now(UTC)).total_seconds(), 0.0)
    except (ValueError, TypeError):  # no date, or one without a zone
        return None
