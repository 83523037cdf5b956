"""Preferences from JSON lines: pairs, and ratings as pairs. What cannot teach is left out and counted, never silently.

A line is {"prompt", "chosen", "rejected"} or {"prompt", "answer", "rating"}, texts and a number, with an "annotator"
and an "id" where they are known. Transcripts that repeat their prompt in front are cut to the replies.
"""

import json
import math
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path
from typing import Any

from openbook.align.transcripts import cut
from openbook.json_lines import BadData, rows_of
from openbook.report.files import write_whole

MOST = 1_000_000
"""Lines of a file, and pairs that its ratings make."""

_LARGEST = 1e100
"""Rating: whatever the scale, no number of it is larger, and none is infinite or no number."""


@dataclass(frozen=True, slots=True)
class Pair:
    """Two replies to a prompt, the first preferred. annotator, id: "" where the file does not say."""

    prompt: str
    chosen: str
    rejected: str
    annotator: str = ""
    id: str = ""


@dataclass(frozen=True, slots=True)
class Rating:
    """A number that an annotator gave one answer, higher for better."""

    prompt: str
    answer: str
    rating: float
    annotator: str = ""


@dataclass(frozen=True, slots=True)
class Preferences:
    """pairs: each prompt, choice and annotator once. left_out: how many were left out, by what is wrong with them."""

    pairs: tuple[Pair, ...]
    left_out: Mapping[str, int]

    @property
    def notes(self) -> tuple[tuple[str, str], ...]:
        """What was left out, as rows of a table."""
        return tuple((f"left out, {why}", f"{count:,} pairs") for why, count in self.left_out.items())


def read(path: Path) -> Preferences:
    """The pairs of a file, .gz too. Raises BadData for a line that is neither, and where nothing can be learnt."""
    pairs: list[Pair] = []
    ratings: list[Rating] = []
    for number, row in rows_of(path, MOST):
        found = _entry(row, f"{path}:{number}")
        pairs.append(found) if isinstance(found, Pair) else ratings.append(found)
    if ratings and not pairs and len({one.rating for one in ratings}) == 1:
        raise BadData(
            f"every rating in {path} is {ratings[0].rating:g}, so no answer is better than another: rate some apart"
        )
    kept = checked([*pairs, *as_pairs(ratings)])
    if not kept.pairs:
        reasons = ", ".join(f"{count:,} {why}" for why, count in kept.left_out.items()) or "it is empty"
        raise BadData(f"{path} has no pair to learn from ({reasons}): give prompts with a better and a worse reply")
    return kept


def read_pairs(path: Path) -> list[Pair]:
    """As ``read``, for who need not know what was left out."""
    return list(read(path).pairs)


def write_pairs(path: Path, pairs: Iterable[Pair]) -> None:
    """A line a pair, in the format that is read here, whole or not at all."""
    write_whole(path, "".join(line_of(pair) for pair in pairs))


def line_of(pair: Pair) -> str:
    """The pair as a line, without what is not known of it."""
    row = {"prompt": pair.prompt, "chosen": pair.chosen, "rejected": pair.rejected}
    known = {name: value for name, value in (("annotator", pair.annotator), ("id", pair.id)) if value}
    return json.dumps(row | known, ensure_ascii=False) + "\n"


def checked(pairs: Iterable[Pair]) -> Preferences:
    """Without pairs of no choice, of an empty text, and without repetitions by one annotator."""
    kept: dict[tuple[str, str, str, str], Pair] = {}
    left_out: Counter[str] = Counter()
    for pair in pairs:
        key = pair.prompt, pair.chosen, pair.rejected, pair.annotator
        if not pair.prompt.strip():
            left_out["empty prompt"] += 1
        elif not pair.chosen.strip() or not pair.rejected.strip():
            left_out["empty reply"] += 1
        elif pair.chosen == pair.rejected:
            left_out["identical replies"] += 1
        elif key in kept:
            left_out["repeated"] += 1
        else:
            kept[key] = pair
    return Preferences(tuple(kept.values()), dict(left_out))


def as_pairs(ratings: Iterable[Rating]) -> list[Pair]:
    """Of every two answers that one annotator rated differently for one prompt, a pair. Raises BadData for too many."""
    grouped: dict[tuple[str, str], list[Rating]] = {}
    for one in ratings:
        grouped.setdefault((one.annotator, one.prompt), []).append(one)
    if sum(math.comb(len(group), 2) for group in grouped.values()) > MOST:
        raise BadData(f"the ratings make more than {MOST:,} pairs: rate fewer answers to one prompt, or pass a part")
    found: list[Pair] = []
    for (annotator, prompt), group in grouped.items():
        for one, other in combinations(group, 2):
            if one.rating != other.rating:
                better, worse = (one, other) if one.rating > other.rating else (other, one)
                found.append(Pair(prompt, better.answer, worse.answer, annotator))
    return found


def _entry(row: Mapping[str, Any], where: str) -> Pair | Rating:
    prompt = row.get("prompt", "")
    annotator, name = ("" if row.get(key) is None else str(row[key]) for key in ("annotator", "id"))
    chosen, rejected, answer, rating = (row.get(key) for key in ("chosen", "rejected", "answer", "rating"))
    if isinstance(prompt, str) and isinstance(chosen, str) and isinstance(rejected, str):
        return Pair(*cut(prompt, chosen, rejected), annotator, name)
    number = rating if isinstance(rating, int | float) and not isinstance(rating, bool) else math.nan
    if isinstance(prompt, str) and isinstance(answer, str) and abs(number) <= _LARGEST:
        return Rating(prompt, answer, float(number), annotator)
    raise BadData(
        f"{where} has neither texts in prompt, chosen and rejected nor texts in prompt and answer with a number as "
        "rating: mend or remove it"
    )
