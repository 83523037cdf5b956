"""chrF (Popović 2015) and chrF++ (Popović 2017): the F score of shared character n-grams, and of words beside them.

F = (1 + β²) · P · R / (β² · P + R), where P and R are means over the orders of the shares of n-grams matched; β = 2
weighs recall four times.
"""

import string
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, islice

import numpy as np
from numpy.typing import NDArray

from openbook.evaluate.ngrams import Ints, clipped, ids_of, ngrams, shared_ids
from openbook.evaluate.references import best_of, one_number, signature

AT_ONCE = 1_000
"""Pairs held in memory; a corpus of any length streams."""

_MARKS = frozenset(string.punctuation)


@dataclass(frozen=True, slots=True)
class ChrfSettings:
    """characters, words: the longest n-grams of each; words 2 is chrF++. blanks: whether blanks count as characters."""

    characters: int = 6
    words: int = 0
    beta: float = 2.0
    lowercase: bool = False
    blanks: bool = False

    def signature(self, references: int | None) -> str:
        """How the figure came about, in sacreBLEU's words."""
        case, blanks = "lc" if self.lowercase else "mixed", "yes" if self.blanks else "no"
        orders = f"nc:{self.characters}", f"nw:{self.words}"
        return signature(references, f"case:{case}", "eff:yes", *orders, f"space:{blanks}")


@dataclass(frozen=True, slots=True)
class Chrf:
    """score: 0 to 100."""

    score: float
    signature: str


def chrf(
    hypotheses: Iterable[str], references: Iterable[Sequence[str]], settings: ChrfSettings = ChrfSettings()
) -> Chrf:
    """Of a corpus: each text counts against that of its references that it scores best against. Raises ValueError where
    the numbers differ.
    """
    total = np.zeros((settings.characters + settings.words, 3), np.int64)
    seen: set[int] = set()
    for rows, counts in _best(hypotheses, references, settings):
        total += rows.sum(axis=0)
        seen |= counts
    score = float(f_scores(total[None], settings.beta)[0])
    return Chrf(score, settings.signature(one_number(seen)))


def sentence_chrf(hypothesis: str, references: Sequence[str], settings: ChrfSettings = ChrfSettings()) -> Chrf:
    return chrf([hypothesis], [references], settings)


def statistics(
    hypotheses: Iterable[str], references: Iterable[Sequence[str]], settings: ChrfSettings = ChrfSettings()
) -> Ints:
    """(hypotheses, orders, 3): n-grams of the text, of its best reference, and matched. Rows add up."""
    parts = [rows for rows, _ in _best(hypotheses, references, settings)]
    return np.concatenate(parts) if parts else np.zeros((0, settings.characters + settings.words, 3), np.int64)


def f_scores(statistics: Ints, beta: float) -> NDArray[np.float64]:
    """Of each row of (rows, orders, 3), 0 to 100. Orders that one of both is too short for do not count."""
    ours, theirs, matched = (statistics[..., column].astype(np.float64) for column in range(3))
    counts = (ours > 0) & (theirs > 0)
    used = np.maximum(counts.sum(axis=-1), 1)
    precision = np.where(counts, matched / np.maximum(ours, 1), 0).sum(axis=-1) / used
    recall = np.where(counts, matched / np.maximum(theirs, 1), 0).sum(axis=-1) / used
    below = beta**2 * precision + recall
    return np.where(below > 0, 100 * (1 + beta**2) * precision * recall / np.where(below > 0, below, 1), 0.0)


def chrf_by_the_equation(hypothesis: str, reference: str, settings: ChrfSettings = ChrfSettings()) -> float:
    """The score of one text against one reference, n-gram by n-gram."""
    precisions: list[float] = []
    recalls: list[float] = []
    cut = [(characters(text, settings), words_of(text)) for text in (hypothesis, reference)]
    for kind, orders in ((0, settings.characters), (1, settings.words)):
        ours, theirs = cut[0][kind], cut[1][kind]
        for n in range(1, orders + 1):
            if len(ours) >= n and len(theirs) >= n:
                matched = clipped(ours, [theirs], n)
                precisions.append(matched / ngrams(ours, n).total())
                recalls.append(matched / ngrams(theirs, n).total())
    if not sum(precisions):
        return 0.0
    p, r = sum(precisions) / len(precisions), sum(recalls) / len(recalls)
    return 100 * (1 + settings.beta**2) * p * r / (settings.beta**2 * p + r)


def characters(text: str, settings: ChrfSettings) -> str:
    return text if settings.blanks else "".join(text.split())


def words_of(text: str) -> list[str]:
    """What blanks part, with a mark at the end, or else at the beginning, of a word cut off."""
    found: list[str] = []
    for word in text.split():
        if len(word) > 1 and word[-1] in _MARKS:
            found += (word[:-1], word[-1])
        elif len(word) > 1 and word[0] in _MARKS:
            found += (word[0], word[1:])
        else:
            found.append(word)
    return found


def _best(
    hypotheses: Iterable[str], references: Iterable[Sequence[str]], settings: ChrfSettings
) -> Iterator[tuple[Ints, set[int]]]:
    """Rows against each hypothesis's best reference, for at most ``AT_ONCE``, and how many references there were."""
    pairs = zip(hypotheses, references, strict=True)
    while part := list(islice(pairs, AT_ONCE)):
        ours = [_cased(h, settings) for h, rs in part for _ in rs]
        theirs = [_cased(r, settings) for _, rs in part for r in rs]
        rows = _against(ours, theirs, settings)
        scores = f_scores(rows, settings.beta)
        found = np.zeros((len(part), *rows.shape[1:]), np.int64)
        texts, places = best_of(scores, [len(rs) for _, rs in part])
        found[texts] = rows[places]
        yield found, {len(rs) for _, rs in part}


def _cased(text: str, settings: ChrfSettings) -> str:
    return text.lower() if settings.lowercase else text


def _against(ours: Sequence[str], theirs: Sequence[str], settings: ChrfSettings) -> Ints:
    """(pairs, orders, 3) of each text against the reference at its place."""
    cut = [characters(text, settings) for text in chain(ours, theirs)]
    rows = _counted(*_code_points(cut), settings.characters)
    if not settings.words:
        return rows
    return np.concatenate([rows, _counted(*ids_of(map(words_of, chain(ours, theirs))), settings.words)], axis=1)


def _counted(ids: Ints, lengths: Ints, orders: int) -> Ints:
    """ids: of all texts, then of all references. An n-gram that the reference is too short for counts in neither."""
    pairs = len(lengths) // 2
    owners = [*range(pairs), *range(pairs)]
    matched = shared_ids(ids, lengths, owners, [0] * pairs + [1] * pairs, pairs, orders)
    counts = np.maximum(0, lengths[:, None] - np.arange(orders))
    ours, theirs = counts[:pairs], counts[pairs:]
    return np.stack([np.where(theirs > 0, ours, 0), theirs, matched], axis=-1)


def _code_points(texts: Sequence[str]) -> tuple[Ints, Ints]:
    """As ``ids_of``, of characters: the code points' ranks."""
    whole = np.frombuffer("".join(texts).encode("utf-32-le", "surrogatepass"), np.uint32)
    present = np.zeros(int(whole.max(initial=0)) + 1, np.int64)
    present[whole] = 1
    return (np.cumsum(present) - 1)[whole], np.fromiter(map(len, texts), np.int64, len(texts))
