"""What ``openbook eval judge`` was asked for, and where its replies are kept."""

from dataclasses import dataclass
from pathlib import Path

from platformdirs import user_cache_path

from openbook.cli.judge_input import Method
from openbook.evaluate.judge import geval
from openbook.evaluate.judge.estimate import FREE, Prices

MOST_CALLS = 500
"""More are made only where somebody says yes."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """The options, typed. own_steps: the model writes evaluation steps where a criterion has none."""

    model: str
    criteria: tuple[str, ...] = ()
    method: Method | None = None
    own_steps: bool = True
    samples: int = geval.SAMPLES
    cache: Path | None = None
    replay: bool = False
    yes: bool = False
    prices: Prices = FREE
    quiet: bool = False


def place_of(wanted: Wanted) -> Path:
    """The file of replies: the one named, or one for all in the person's cache folder."""
    return wanted.cache or user_cache_path("openbook", appauthor=False) / "judge" / "replies.sqlite"
