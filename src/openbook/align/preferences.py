"""Preferences from JSON lines: pairs, and ratings as pairs. What cannot teach is left out and counted, never silently.

A line is {"prompt", "chosen", "rejected"} or {"prompt", "answer", "rating"}, texts and a number, with an "annotator"
and an "id" where they are known; prompt, chosen and rejected may be lists of messages (``conversations``). Transcripts
that repeat their prompt in front are cut to the replies.
"""

import json
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from openbook.align.conversations import as_rows
from openbook.align.preference_rows import MOST, Pair, Rating, as_pairs, entry, unpaired
from openbook.generate.chat import Message
from openbook.json_lines import BadData, rows_of
from openbook.report.files import write_whole
from openbook.report.plural import plural


@dataclass(frozen=True, slots=True)
class Preferences:
    """pairs: each prompt, choice and annotator once. left_out: how many were left out, by what is wrong with them.

    unpaired: ratings that no pair was made of.
    """

    pairs: tuple[Pair, ...]
    left_out: Mapping[str, int]
    unpaired: int = 0

    @property
    def notes(self) -> tuple[tuple[str, str], ...]:
        """What was left out, as rows of a table."""
        rows = [(f"left out, {why}", plural(count, "pair")) for why, count in self.left_out.items()]
        if self.unpaired:
            rows.append(("left out, beside no other", plural(self.unpaired, "rating")))
        return tuple(rows)


def read(path: Path) -> Preferences:
    """The pairs of a file, .gz too. Raises BadData for a line that is neither, and where nothing can be learnt."""
    pairs: list[Pair] = []
    ratings: list[Rating] = []
    for number, row in rows_of(path, MOST):
        found = entry(row, f"{path}:{number}")
        pairs.append(found) if isinstance(found, Pair) else ratings.append(found)
    if ratings and not pairs and len({one.rating for one in ratings}) == 1:
        raise BadData(
            f"every rating in {path} is {ratings[0].rating:g}, so no answer is better than another: rate some apart"
        )
    kept = replace(checked([*pairs, *as_pairs(ratings)]), unpaired=unpaired(ratings))
    if not kept.pairs:
        reasons = [f"{plural(count, 'pair')} {why}" for why, count in kept.left_out.items()]
        if kept.unpaired:
            alone = "no prompt has two answers that one annotator rated differently"
            reasons.append(f"{plural(kept.unpaired, 'rating')}, but {alone}")
        said = ", ".join(reasons) or "it is empty"
        raise BadData(f"{path} has no pair to learn from ({said}): give prompts with a better and a worse reply")
    return kept


def read_pairs(path: Path) -> list[Pair]:
    """As ``read``, for who need not know what was left out."""
    return list(read(path).pairs)


def write_pairs(path: Path, pairs: Iterable[Pair]) -> None:
    """A line a pair, in the format that is read here, whole or not at all."""
    write_whole(path, "".join(line_of(pair) for pair in pairs))


def line_of(pair: Pair) -> str:
    """The pair as a line, without what is not known of it."""
    row: dict[str, Any] = {"prompt": pair.prompt, "chosen": pair.chosen, "rejected": pair.rejected}
    if pair.messages:
        replies = {"chosen": pair.chosen, "rejected": pair.rejected}
        row = {"prompt": as_rows(pair.messages)}
        row |= {name: as_rows([Message("assistant", text)]) for name, text in replies.items()}
    known = {name: value for name, value in (("annotator", pair.annotator), ("id", pair.id)) if value}
    return json.dumps(row | known, ensure_ascii=False) + "\n"


def checked(pairs: Iterable[Pair]) -> Preferences:
    """Without pairs of no choice, of an empty text, and without repetitions by one annotator."""
    kept: dict[tuple[str, str, str, str], Pair] = {}
    left_out: Counter[str] = Counter()
    for pair in pairs:
        key = pair.prompt, pair.chosen, pair.rejected, pair.annotator
        if not pair.prompt.strip():
            left_out["with an empty prompt"] += 1
        elif not pair.chosen.strip() or not pair.rejected.strip():
            left_out["with an empty reply"] += 1
        elif pair.chosen == pair.rejected:
            left_out["with identical replies"] += 1
        elif key in kept:
            left_out["repeated"] += 1
        else:
            kept[key] = pair
    return Preferences(tuple(kept.values()), dict(left_out))
