"""Key-value retrieval: random pairs as one JSON object, the value of one key asked for (Liu et al. 2023, section 3).

Nothing is to be understood: what fails here fails at looking a thing up.
"""

import json
from collections.abc import Iterator, Sequence
from uuid import UUID

import numpy as np

from openbook.evaluate.position.probe import Probe, document
from openbook.evaluate.scores import BadScores

MOST_PAIRS = 10_000

Pairs = Sequence[tuple[str, str]]


def random_pairs(count: int, seed: int) -> list[tuple[str, str]]:
    """So many pairs of random UUIDs (version 4), none twice."""
    if not 1 <= count <= MOST_PAIRS:
        raise BadScores(f"pairs are drawn 1 to {MOST_PAIRS:,} at a time, not {count}")
    drawn = np.random.default_rng([seed, count]).bytes(32 * count)
    ids = [str(UUID(bytes=drawn[at : at + 16], version=4)) for at in range(0, len(drawn), 16)]
    return list(zip(ids[::2], ids[1::2], strict=True))


def key_value_probes(items: int, lengths: Sequence[int], depths: Sequence[float], seed: int = 0) -> Iterator[Probe]:
    """For each item and length, pairs of its own; the first of them moved to each depth and asked for."""
    for item in range(items):
        for length in lengths:
            (key, value), *others = random_pairs(length, seed * 1_000_003 + item)
            yield from moved(f"pairs {item}", key, value, others, depths)


def moved(item: str, key: str, value: str, others: Pairs, depths: Sequence[float]) -> Iterator[Probe]:
    """One pair at each depth among the others, which keep their order."""
    for depth in depths:
        place = round(depth * len(others))
        pairs = [*others[:place], (key, value), *others[place:]]
        text = json.dumps(dict(pairs), indent=0, ensure_ascii=False)
        question = f'What is the value of the key "{key}" in the JSON object?'
        yield Probe("kv", item, len(pairs), depth, (document(text, "pairs"),), question, (value,))
