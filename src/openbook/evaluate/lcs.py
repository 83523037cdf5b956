"""The longest common subsequence of two token sequences, by bits: a row of the table is one whole number.

Bit i of a row is 0 where the table grows from i to i + 1 (Crochemore et al. 2001; Hyyrö 2004, "Bit-parallel LCS-length
computation revisited"), so that a row costs a few operations on whole numbers instead of one a cell.
"""

from collections.abc import Hashable, Sequence
from typing import TypeAlias

Tokens: TypeAlias = Sequence[Hashable]


def length_by_the_table(left: Tokens, right: Tokens) -> int:
    """The table of the textbook (Cormen et al., chapter 15), cell by cell."""
    row = [0] * (len(right) + 1)
    for token in left:
        former, row = row, [0]
        for place, other in enumerate(right):
            row.append(former[place] + 1 if token == other else max(former[place + 1], row[place]))
    return row[-1]


def length(left: Tokens, right: Tokens) -> int:
    """The same by bits."""
    table = rows(left, right)
    return len(left) - table[-1].bit_count() if table else 0


def rows(left: Tokens, right: Tokens) -> list[int]:
    """A number for each token of ``right``; bit i is 0 where left[:i + 1] shares a longer subsequence than left[:i]."""
    where: dict[Hashable, int] = {}
    for place, token in enumerate(left):
        where[token] = where.get(token, 0) | (1 << place)
    full = row = (1 << len(left)) - 1
    found: list[int] = []
    for token in right:
        hit = row & where.get(token, 0)
        row = ((row + hit) | (row - hit)) & full
        found.append(row)
    return found


def places(reference: Tokens, hypothesis: Tokens) -> list[int]:
    """Where in the reference one longest common subsequence stands, from its end: of those that there are, the one that
    takes a match where there is one, and else goes back in the hypothesis only where the reference alone would lose.
    """
    table = rows(reference, hypothesis)
    i, j = len(reference), len(hypothesis)
    found: list[int] = []
    while i and j:
        if reference[i - 1] == hypothesis[j - 1]:
            i, j = i - 1, j - 1
            found.append(i)
        elif table[j - 1] >> (i - 1) & 1:
            i -= 1
        else:
            j -= 1
    return found
