"""The loop that learns pieces, BPE's and WordPiece's alike: score every pair of neighbours, merge the best one, again.

This is the algorithm to read: every round counts anew. The fast path updates counts instead, and is tested equal.
"""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

Pair = tuple[str, str]
Word = tuple[str, ...]
Score = Callable[[int, int, int], float]
"""(count of the pair, count of its first symbol, count of its second) to how much it is wanted."""


@dataclass(frozen=True, slots=True)
class Learned:
    """pieces: the vocabulary, its place being the id. merges: pairs in the order learned."""

    pieces: tuple[str, ...]
    merges: tuple[Pair, ...]


def by_count(pair: int, first: int, second: int) -> float:
    """BPE (Sennrich et al. 2016, algorithm 1): the most frequent pair."""
    del first, second
    return pair


def by_likelihood(pair: int, first: int, second: int) -> float:
    """WordPiece (Schuster and Nakajima 2012): count(ab) / (count(a) count(b)), the gain in likelihood."""
    return pair / (first * second)


def learn(
    words: Mapping[Word, int],
    pieces: Sequence[str],
    size: int,
    *,
    score: Score,
    min_frequency: int = 2,
    prefix: str = "",
) -> Learned:
    """Merge until there are ``size`` pieces, or no pair occurs ``min_frequency`` times.

    words: each as its symbols, with its count. pieces: the vocabulary to begin with, every symbol included. prefix:
    what marks a symbol that continues a word; it is dropped from the second of a pair. Of equal scores the pair of the
    smallest ids wins, first symbol first, so that the result depends on nothing but the counts.
    """
    ids = {piece: place for place, piece in enumerate(pieces)}
    merges: list[Pair] = []
    while len(ids) < size:
        pairs, symbols = count(words)
        frequent = [pair for pair, times in pairs.items() if times >= max(1, min_frequency)]
        if not frequent:
            break
        wanted = {(a, b): score(pairs[a, b], symbols[a], symbols[b]) for a, b in frequent}
        best = min(frequent, key=lambda pair: (-wanted[pair], ids[pair[0]], ids[pair[1]]))
        merged = best[0] + best[1].removeprefix(prefix)
        ids.setdefault(merged, len(ids))
        merges.append(best)
        words = {merge(word, best, merged): times for word, times in words.items()}
    return Learned(tuple(ids), tuple(merges))


def count(words: Mapping[Word, int]) -> tuple[Counter[Pair], Counter[str]]:
    """How often each pair of neighbours and each symbol occurs. In "aaa" the pair (a, a) occurs twice."""
    pairs: Counter[Pair] = Counter()
    symbols: Counter[str] = Counter()
    for word, times in words.items():
        for pair in pairwise(word):
            pairs[pair] += times
        for symbol in word:
            symbols[symbol] += times
    return pairs, symbols


def merge(word: Word, pair: Pair, merged: str) -> Word:
    """The word with every occurrence of the pair as one symbol, from left to right."""
    if pair[0] not in word:
        return word
    done: list[str] = []
    for symbol in word:
        if done and (done[-1], symbol) == pair:
            done[-1] = merged
        else:
            done.append(symbol)
    return tuple(done)
