"""What a judge said of a case: a score, or a verdict in both orders; and what became of replies that say nothing."""

from dataclasses import dataclass
from typing import Literal, TypeAlias

Unread: TypeAlias = Literal["", "malformed", "leak", "missing", "failed"]
"""Why there is no score: the reply was not the form filled in, or gave the instructions away; a replay lacks it; the
model refused.
"""


@dataclass(frozen=True, slots=True)
class Judgement:
    """score: None where nothing could be read. mass: the probability that was on scores of the scale, from
    log-probabilities; spread: the standard deviation of ``samples`` scores, where there were none. instead: the start
    of what the judge wrote where nothing could be read, or why it refused. flagged: why the text looks like an attack
    on the judge, which changes no score.
    """

    case: str
    criterion: str
    score: float | None
    mass: float | None = None
    spread: float | None = None
    samples: int = 0
    unread: Unread = ""
    instead: str = ""
    flagged: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Verdict:
    """choice, swapped: 1, 2 or 0 for a tie, in the order given and in the other, turned back; None where unread,
    and ``instead`` as of a judgement.
    """

    case: str
    criterion: str
    choice: int | None
    swapped: int | None
    unread: Unread = ""
    instead: str = ""
    flagged: tuple[str, ...] = ()

    @property
    def kept(self) -> int | None:
        """A preference counts only if it survives the swap; else it is a tie."""
        if self.choice is None or self.swapped is None:
            return None
        return self.choice if self.choice == self.swapped else 0
