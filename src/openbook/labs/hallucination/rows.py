"""Examples packed into rows of equal length, several in a row, each seeing itself alone."""

from collections.abc import Iterator, Sequence

import numpy as np
import torch
from torch import Tensor

from openbook.labs.hallucination.corpus import END, Example, vocabulary
from openbook.train.loss import IGNORED

WORDS = vocabulary()
IDS = {word: number for number, word in enumerate(WORDS)}


def ids_of(words: Sequence[str]) -> list[int]:
    return [IDS[word] for word in words]


def batches(
    examples: Sequence[Example], length: int, rows: int, rng: np.random.Generator
) -> Iterator[tuple[Tensor, Tensor, Tensor]]:
    """One pass over the examples in random order: ids, targets and documents, each (rows, length) int64.

    A row takes the next examples for as long as they fit; what is left of it is filled with ends that do not count.
    """
    packed: list[list[Example]] = [[]]
    room = length
    for place in rng.permutation(len(examples)):
        example = examples[int(place)]
        if len(example.words) > room:
            packed.append([])
            room = length
        packed[-1].append(example)
        room -= len(example.words)
    for start in range(0, len(packed), rows):
        yield _tensors(packed[start : start + rows], length)


def _tensors(packed: Sequence[Sequence[Example]], length: int) -> tuple[Tensor, Tensor, Tensor]:
    ids = np.full((len(packed), length), IDS[END])
    targets = np.full((len(packed), length), IGNORED)
    documents = np.zeros((len(packed), length), np.int64)
    for row, examples in enumerate(packed):
        place = 0
        for number, example in enumerate(examples, start=1):
            numbers = ids_of(example.words)
            end = place + len(numbers)
            ids[row, place:end] = numbers
            first = max(example.learnt, 1)  # nothing stands before the first word to tell it from
            targets[row, place + first - 1 : end - 1] = numbers[first:]
            documents[row, place:end] = number
            place = end
    return torch.tensor(ids), torch.tensor(targets), torch.tensor(documents)
