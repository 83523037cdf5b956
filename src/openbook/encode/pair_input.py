"""A question and a passage as one row of tokens: [CLS] question [SEP] headings passage [SEP].

Training and the shipped graph take the same rows, so that what was learnt is what runs.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from openbook.encode.wordpiece import WordPiece

QUESTION_TOKENS = 64
"""A longer question is cut; its first words ask."""

HEADING_TOKENS = 48
ROW_TOKENS = 384
"""A row at most: a chunk with headings and a question fit, and what lies beyond is read in further rows."""


@dataclass(frozen=True, slots=True)
class PairRow:
    """ids, kinds: int64 (tokens,); kinds is 1 from the first token after the question's [SEP].

    begins: place of the passage's first token; offsets: [start, end) of each of its tokens in the passage's text.
    """

    ids: NDArray[np.int64]
    kinds: NDArray[np.int64]
    begins: int
    offsets: Sequence[tuple[int, int]]


def pair_rows(
    tokens: WordPiece,
    question: str,
    passage: str,
    heading: Sequence[str] = (),
    *,
    window: int = ROW_TOKENS,
    overlap: int = 64,
) -> list[PairRow]:
    """The rows of at most ``window`` tokens that read the whole passage: one, or several that overlap.

    Only the first ``64 · longest`` characters of a passage are read, about sixteen rows, so that any text is bounded.
    """
    asked, _ = tokens.pieces(question, QUESTION_TOKENS)
    titles = tokens.pieces(" ".join(heading), HEADING_TOKENS)[0] if heading else []
    room = window - 3 - len(asked) - len(titles)
    ids, offsets = tokens.pieces(passage, LONGEST_PASSAGE)
    starts = [0]
    while starts[-1] + room < len(ids):
        starts.append(starts[-1] + room - overlap)
    before = [tokens.first, *asked, tokens.last]
    return [_row(before, titles, ids[at : at + room], offsets[at : at + room], tokens.last) for at in starts]


LONGEST_PASSAGE = 4096
"""Tokens of a passage that are read."""


def _row(
    before: Sequence[int], titles: Sequence[int], ids: Sequence[int], offsets: Sequence[tuple[int, int]], last: int
) -> PairRow:
    whole = np.array([*before, *titles, *ids, last], dtype=np.int64)
    kinds = (np.arange(len(whole)) >= len(before)).astype(np.int64)
    return PairRow(whole, kinds, len(before) + len(titles), offsets)
