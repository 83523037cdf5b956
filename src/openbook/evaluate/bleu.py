"""BLEU (Papineni et al. 2002) of a corpus or a sentence, with the smoothings of Chen and Cherry (2014).

BLEU = BP · exp(1/N Σ log pₙ), where pₙ is the share of the hypotheses' n-grams that a reference holds (counted at most
as often as there), and BP = exp(1 - r/h) where the hypotheses are shorter (h tokens) than their closest references (r).
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from math import exp, log
from typing import Literal, TypeAlias

import numpy as np

from openbook.evaluate.bleu_tokens import Tokeniser, tokenised
from openbook.evaluate.ngrams import Ints, Tokens, clipped, shared
from openbook.evaluate.references import one_number, signature

Smoothing: TypeAlias = Literal["exp", "floor", "add-k", "none"]
DEFAULT_VALUES = {"floor": 0.1, "add-k": 1.0}
AT_ONCE = 2_000
"""Pairs held in memory; a corpus of any length streams."""

_NEVER = -9_999_999_999.0  # log 0, so that a missing order makes the product 0


@dataclass(frozen=True, slots=True)
class BleuSettings:
    """smoothing: what stands for a precision of 0. value: of "floor" and "add-k", None their defaults. effective:
    orders that a hypothesis is too short for do not count, as sentences need.
    """

    tokens: Tokeniser = "13a"
    smoothing: Smoothing = "exp"
    value: float | None = None
    lowercase: bool = False
    effective: bool = False
    orders: int = 4

    def signature(self, references: int | None) -> str:
        """How the figure came about, in sacreBLEU's words. references: of each text; None where that varies."""
        value = DEFAULT_VALUES.get(self.smoothing) if self.value is None else self.value
        smooth = self.smoothing if self.smoothing not in DEFAULT_VALUES else f"{self.smoothing}[{value:.2f}]"
        case, effective = "lc" if self.lowercase else "mixed", "yes" if self.effective else "no"
        return signature(references, f"case:{case}", f"eff:{effective}", f"tok:{self.tokens}", f"smooth:{smooth}")


@dataclass(frozen=True, slots=True)
class Bleu:
    """score and precisions: 0 to 100. lengths: tokens of the hypotheses, and of their closest references."""

    score: float
    precisions: tuple[float, ...]
    brevity_penalty: float
    lengths: tuple[int, int]
    signature: str


def bleu(
    hypotheses: Iterable[str], references: Iterable[Sequence[str]], settings: BleuSettings = BleuSettings()
) -> Bleu:
    """Corpus BLEU; references: one or more texts for each hypothesis. Raises ValueError where the numbers differ."""
    total = np.zeros(2 + 2 * settings.orders, np.int64)
    seen: set[int] = set()
    for part, counts in _statistics(hypotheses, references, settings):
        total += part.sum(axis=0)
        seen |= counts
    return from_statistics(total, settings, one_number(seen))


def sentence_bleu(
    hypothesis: str, references: Sequence[str], settings: BleuSettings = BleuSettings(effective=True)
) -> Bleu:
    """BLEU of one text: orders beyond its length do not count unless the settings say so."""
    return bleu([hypothesis], [references], settings)


def statistics(
    hypotheses: Iterable[str], references: Iterable[Sequence[str]], settings: BleuSettings = BleuSettings()
) -> Ints:
    """What BLEU is made of, a row for each hypothesis: its length, its closest reference's, matches by order, n-grams
    by order. Rows add up, so that a bootstrap needs no text.
    """
    parts = [part for part, _ in _statistics(hypotheses, references, settings)]
    return np.concatenate(parts) if parts else np.zeros((0, 2 + 2 * settings.orders), np.int64)


def from_statistics(total: Ints, settings: BleuSettings, references: int | None) -> Bleu:
    """BLEU of summed rows of ``statistics``."""
    orders = settings.orders
    ours, theirs = int(total[0]), int(total[1])
    matches, counts = [float(n) for n in total[2 : 2 + orders]], [float(n) for n in total[2 + orders :]]
    penalty = 1.0 if ours >= theirs else exp(1 - theirs / ours) if ours else 0.0
    said = settings.signature(references)
    if not any(matches):
        return Bleu(0.0, (0.0,) * orders, penalty, (ours, theirs), said)
    precisions, used = _precisions(matches, counts, settings)
    mean = sum(log(p) if p > 0 else _NEVER for p in precisions[:used]) / used
    return Bleu(penalty * exp(mean), tuple(precisions), penalty, (ours, theirs), said)


def _precisions(matches: list[float], counts: list[float], settings: BleuSettings) -> tuple[list[float], int]:
    """In percent by order, smoothed, and how many orders count."""
    value = DEFAULT_VALUES.get(settings.smoothing, 0.0) if settings.value is None else settings.value
    found = [0.0] * settings.orders
    used, halving = settings.orders, 1.0
    for n, (right, all_of) in enumerate(zip(matches, counts, strict=True)):
        more = value if settings.smoothing == "add-k" and n else 0.0
        if all_of + more == 0:
            break
        if settings.effective:
            used = n + 1
        if right + more:
            found[n] = 100 * (right + more) / (all_of + more)
        elif settings.smoothing == "exp":
            halving *= 2
            found[n] = 100 / (halving * all_of)
        elif settings.smoothing == "floor":
            found[n] = 100 * value / all_of
    return found, used


def bleu_by_the_equation(
    hypotheses: Sequence[Tokens], references: Sequence[Sequence[Tokens]], orders: int = 4
) -> float:
    """Unsmoothed corpus BLEU of tokens, 0 to 100, as Papineni et al. state it."""
    ours = sum(map(len, hypotheses))
    theirs = sum(closest([len(r) for r in rs], len(h)) for h, rs in zip(hypotheses, references, strict=True))
    precisions = [
        sum(clipped(h, rs, n) for h, rs in zip(hypotheses, references, strict=True))
        / max(1, sum(max(0, len(h) - n + 1) for h in hypotheses))
        for n in range(1, orders + 1)
    ]
    if min(precisions) == 0:
        return 0.0
    return 100 * min(1.0, exp(1 - theirs / ours)) * exp(sum(map(log, precisions)) / orders)


def closest(lengths: Sequence[int], length: int) -> int:
    """The reference's length nearest to the hypothesis's, the shorter of two as near; -1 where there is none."""
    return min(lengths, key=lambda each: (abs(each - length), each), default=-1)


def _statistics(
    hypotheses: Iterable[str], references: Iterable[Sequence[str]], settings: BleuSettings
) -> Iterator[tuple[Ints, set[int]]]:
    """Rows of at most ``AT_ONCE`` hypotheses, and how many references there were."""
    pairs = zip(hypotheses, references, strict=True)
    while part := list(islice(pairs, AT_ONCE)):
        texts = tokenised([h for h, _ in part], settings.tokens, lowercase=settings.lowercase)
        flat = tokenised([r for _, rs in part for r in rs], settings.tokens, lowercase=settings.lowercase)
        each = iter(flat)
        own = [list(islice(each, len(rs))) for _, rs in part]
        lengths = [len(text) for text in texts]
        nearest = [closest([len(r) for r in rs], n) for rs, n in zip(own, lengths, strict=True)]
        counts = np.maximum(0, np.array(lengths)[:, None] - np.arange(settings.orders))
        yield (
            np.column_stack([lengths, nearest, shared(texts, own, settings.orders), counts]).astype(np.int64),
            {len(rs) for _, rs in part},
        )
