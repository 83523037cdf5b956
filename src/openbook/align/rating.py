"""A person's choices between two answers, as preferences, one a line.

A choice is a pair as every method of this room reads it; a tie names no better one, and is a rating of the one answer
with the other beside it, which readers of pairs make no pair of:

    {"prompt", "chosen", "rejected", "annotator", "ways": [of the chosen, of the rejected], "shown_first": 0 or 1}
    {"prompt", "answer", "tied", "rating": 0.5, "annotator", "ways", "shown_first"}
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

from openbook.evaluate.intervals import Interval, wilson
from openbook.evaluate.significance import sign_test

TIE = 0.5


@dataclass(frozen=True, slots=True)
class Choice:
    """ways, texts: how the two answers were made, and what they say. won: the place of the better one, None for a tie.
    first: the place of the one that was shown first.
    """

    prompt: str
    ways: tuple[str, str]
    texts: tuple[str, str]
    won: int | None
    first: int
    annotator: str = ""


@dataclass(frozen=True, slots=True)
class Tally:
    """wins: of each way. share: of the choices that were no tie, how many the first way won; p_value: of a sign test
    that both win alike; both None where all are ties. first: how often the answer that was shown first won.
    """

    ways: tuple[str, str]
    wins: tuple[int, int]
    ties: int
    first: int
    share: Interval | None
    p_value: float | None

    @property
    def decided(self) -> int:
        return sum(self.wins)


def tally(ways: tuple[str, str], choices: Sequence[Choice]) -> Tally:
    """Of choices between these ways, whichever of them a choice names first."""
    winners = [choice.ways[choice.won] for choice in choices if choice.won is not None]
    wins = winners.count(ways[0]), winners.count(ways[1])
    decided = sum(wins)
    return Tally(
        ways,
        wins,
        len(choices) - decided,
        sum(choice.won == choice.first for choice in choices),
        wilson(wins[0], decided) if decided else None,
        sign_test(*wins) if decided else None,
    )


def row_of(choice: Choice) -> dict[str, Any]:
    """As it stands in a file."""
    one, other = (0, 1) if choice.won in (0, None) else (1, 0)
    texts, ways = (choice.texts[one], choice.texts[other]), [choice.ways[one], choice.ways[other]]
    named = ("answer", "tied") if choice.won is None else ("chosen", "rejected")
    said: dict[str, Any] = {"prompt": choice.prompt, **dict(zip(named, texts, strict=True))}
    said |= {"rating": TIE} if choice.won is None else {}
    return {**said, "annotator": choice.annotator, "ways": ways, "shown_first": int(choice.first != one)}


def choice_of(row: Mapping[str, Any]) -> Choice | None:
    """The choice of a row, None for what no person chose here."""
    ways, first, annotator = row.get("ways"), row.get("shown_first"), row.get("annotator", "")
    named = ("chosen", "rejected") if "chosen" in row else ("answer", "tied")
    texts: list[Any] = [row.get(name) for name in ("prompt", *named)]
    if not isinstance(ways, list) or first not in (0, 1) or not isinstance(annotator, str):
        return None
    both = cast("list[Any]", ways)
    if len(both) != 2 or not all(isinstance(text, str) for text in (*texts, *both)):
        return None
    prompt, one, other = cast("list[str]", texts)
    won = 0 if "chosen" in row else None
    return Choice(prompt, (str(both[0]), str(both[1])), (one, other), won, int(first), annotator)
