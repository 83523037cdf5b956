"""A line of a file of preferences as a pair or a rating, and ratings as the pairs that they order."""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any

from openbook.align.conversations import cut_chat, prompt_of
from openbook.align.transcripts import cut
from openbook.generate.chat import Message
from openbook.json_lines import BadData

MOST = 1_000_000
"""Lines of a file, and pairs that its ratings make."""

_LARGEST = 1e100
"""Rating: whatever the scale, no number of it is larger, and none is infinite or no number."""


@dataclass(frozen=True, slots=True)
class Pair:
    """Two replies to a prompt, the first preferred. annotator, id: "" where the file does not say.

    messages: the prompt as turns of a chat, where the file has it so; then ``prompt`` is their text.
    """

    prompt: str
    chosen: str
    rejected: str
    annotator: str = ""
    id: str = ""
    messages: tuple[Message, ...] = ()


@dataclass(frozen=True, slots=True)
class Rating:
    """A number that an annotator gave one answer, higher for better."""

    prompt: str
    answer: str
    rating: float
    annotator: str = ""


def entry(row: Mapping[str, Any], where: str) -> Pair | Rating:
    """What the line says. Raises BadData, with ``where``, for what is neither."""
    prompt = row.get("prompt", "")
    annotator, name = ("" if row.get(key) is None else str(row[key]) for key in ("annotator", "id"))
    chosen, rejected, answer, rating = (row.get(key) for key in ("chosen", "rejected", "answer", "rating"))
    if isinstance(prompt, str) and isinstance(chosen, str) and isinstance(rejected, str):
        return Pair(*cut(prompt, chosen, rejected), annotator, name)
    said = (prompt or "", chosen, rejected)
    if any(isinstance(one, list) for one in said) and all(isinstance(one, str | list) for one in said):
        if row.get("tools"):
            raise BadData(f"{where} offers tools, which are not read: remove it")
        messages, chosen, rejected = cut_chat(prompt, chosen, rejected, where)
        return Pair(prompt_of(messages), chosen, rejected, annotator, name, messages)
    number = rating if isinstance(rating, int | float) and not isinstance(rating, bool) else math.nan
    if isinstance(prompt, str) and isinstance(answer, str) and abs(number) <= _LARGEST:
        return Rating(prompt, answer, float(number), annotator)
    raise BadData(
        f"{where} has neither texts or lists of messages in prompt, chosen and rejected nor texts in prompt and answer "
        "with a number as rating: mend or remove it"
    )


def as_pairs(ratings: Iterable[Rating]) -> list[Pair]:
    """Of every two answers that one annotator rated differently for one prompt, a pair. Raises BadData for too many."""
    grouped = _compared(ratings)
    if sum(math.comb(len(group), 2) for group in grouped) > MOST:
        raise BadData(f"the ratings make more than {MOST:,} pairs: rate fewer answers to one prompt, or pass a part")
    found: list[Pair] = []
    for group in grouped:
        for one, other in combinations(group, 2):
            if one.rating != other.rating:
                better, worse = (one, other) if one.rating > other.rating else (other, one)
                found.append(Pair(one.prompt, better.answer, worse.answer, one.annotator))
    return found


def unpaired(ratings: Iterable[Rating]) -> int:
    """How many are in no pair, since their annotator rated no answer to the prompt differently."""
    return sum(len(group) for group in _compared(ratings) if len({one.rating for one in group}) == 1)


def _compared(ratings: Iterable[Rating]) -> Sequence[list[Rating]]:
    """Those of one annotator and one prompt together."""
    grouped: dict[tuple[str, str], list[Rating]] = {}
    for one in ratings:
        grouped.setdefault((one.annotator, one.prompt), []).append(one)
    return list(grouped.values())
