"""How many n-grams a text shares with its references, for many texts at once: exact, by sorting whole numbers.

An n-gram is one number: its tokens' ids as digits. Numbers that would grow beyond 63 bits are replaced by their ranks,
so two n-grams are the same number only where they are the same.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Hashable, Iterable, Sequence
from itertools import chain
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

Ints: TypeAlias = NDArray[np.int64]
Tokens: TypeAlias = Sequence[Hashable]

_LARGEST = 2**62


def ngrams(tokens: Tokens, n: int) -> Counter[tuple[Hashable, ...]]:
    """Each run of n tokens, and how often it stands in the text."""
    return Counter(tuple(tokens[place : place + n]) for place in range(len(tokens) - n + 1))


def clipped(hypothesis: Tokens, references: Sequence[Tokens], n: int) -> int:
    """Σ over n-grams of min(count in the hypothesis, largest count in a reference) (Papineni et al. 2002, 2.1)."""
    most: Counter[tuple[Hashable, ...]] = Counter()
    for reference in references:
        most |= ngrams(reference, n)
    return (ngrams(hypothesis, n) & most).total()


def shared(hypotheses: Sequence[Tokens], references: Sequence[Sequence[Tokens]], orders: int) -> Ints:
    """``clipped`` for every hypothesis and every n from 1 to ``orders``: (hypotheses, orders)."""
    texts = [*hypotheses, *chain.from_iterable(references)]
    owners = [*range(len(hypotheses)), *(n for n, own in enumerate(references) for _ in own)]
    labels = [*([0] * len(hypotheses)), *(1 + place for own in references for place in range(len(own)))]
    return shared_ids(*ids_of(texts), owners, labels, len(hypotheses), orders)


def ids_of(texts: Iterable[Tokens]) -> tuple[Ints, Ints]:
    """The texts' tokens one after another, the same number for the same token; how many tokens each text has."""
    kept = list(texts)
    known: defaultdict[Hashable, int] = defaultdict()
    size: Callable[[], int] = known.__len__
    known.default_factory = size
    lengths = np.fromiter(map(len, kept), np.int64, len(kept))
    return np.fromiter(map(known.__getitem__, chain.from_iterable(kept)), np.int64, int(lengths.sum())), lengths


def shared_ids(ids: Ints, lengths: Ints, owners: Sequence[int], labels: Sequence[int], pairs: int, orders: int) -> Ints:
    """The same of texts as ``ids_of`` gives them. owners: whose each is; labels: 0 a hypothesis, else a reference."""
    found = np.zeros((pairs, orders), np.int64)
    kinds = max(labels, default=0) + 1
    base = int(ids.max(initial=0)) + 1
    left = np.repeat(np.cumsum(lengths), lengths) - np.arange(len(ids))  # tokens from here to the end of the text
    owner = np.repeat(np.asarray(owners, np.int64), lengths)
    label = np.repeat(np.asarray(labels, np.int64), lengths)
    keys, size = ids, base
    for n in range(1, min(orders, len(ids)) + 1):
        if n > 1:
            if size > _LARGEST // (base * base * kinds * max(pairs, 1)):
                ranks = np.unique(keys, return_inverse=True)[1].reshape(-1)
                keys, size = ranks.astype(np.int64), int(ranks.max(initial=0)) + 1
            keys, size = keys[:-1] * base + ids[n - 1 :], size * base
        inside = left[: len(keys)] >= n
        whole = (owner[: len(keys)] * size + keys) * kinds + label[: len(keys)]
        found[:, n - 1] = _matches(whole[inside], size, kinds, pairs)
    return found


def _matches(whole: Ints, size: int, kinds: int, pairs: int) -> Ints:
    """For each owner the sum over its n-grams of min(count of label 0, largest count of another label)."""
    whole.sort()
    first = _starts(whole)
    counts = np.diff(first, append=len(whole))
    if kinds == 2:
        return _of_neighbours(whole[first], counts, size, pairs)
    keys, label = np.divmod(whole[first], kinds)
    group = _starts(keys)
    if not len(group):
        return np.zeros(pairs, np.int64)
    ours = np.add.reduceat(np.where(label == 0, counts, 0), group)
    theirs = np.maximum.reduceat(np.where(label == 0, 0, counts), group)
    matched = np.bincount(keys[group] // size, np.minimum(ours, theirs), minlength=pairs)
    return matched.astype(np.int64)


def _of_neighbours(runs: Ints, counts: Ints, size: int, pairs: int) -> Ints:
    """The same for labels 0 and 1 alone: an n-gram that both have stands in two runs, one beside the other."""
    both = np.flatnonzero((runs[1:] - runs[:-1] == 1) & (runs[1:] & 1 == 1))
    matched = np.bincount(runs[both] // (2 * size), np.minimum(counts[both], counts[both + 1]), minlength=pairs)
    return matched.astype(np.int64)


def _starts(ordered: Ints) -> Ints:
    """Where each run of equal numbers begins."""
    if not len(ordered):
        return np.zeros(0, np.int64)
    return np.flatnonzero(np.concatenate([[True], ordered[1:] != ordered[:-1]]))
