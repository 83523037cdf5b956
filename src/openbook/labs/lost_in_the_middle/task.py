"""Key-value retrieval of single tokens: pairs in a row, then keys whose values are asked for (Liu et al. 2023, 2.3).

A row is k₁ v₁ … kₙ vₙ, then q a q a …, each q one of the keys and a its value; no key stands twice among the pairs, and
none is asked twice. What a model must do is find the earlier q and say what came after it: an induction head's work
(Olsson et al. 2022).
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

Integers = NDArray[np.int64]
Asked = Literal["everywhere", "edges"]

IGNORED = -100
"""A target that does not count in the loss: a place where nothing is asked."""


@dataclass(frozen=True, slots=True)
class Task:
    """keys, values: how many different tokens of each; ids 0 … keys - 1 are keys, the values follow.

    edge: how many pairs at each end count as the edges.
    """

    keys: int = 64
    values: int = 32
    edge: int = 2

    @property
    def vocabulary(self) -> int:
        return self.keys + self.values


@dataclass(frozen=True, slots=True)
class Rows:
    """ids: (rows, 2 · pairs + 2 · questions); targets: the same shape, IGNORED but where a value is asked for.

    asked: (rows, questions), the place of each asked pair, from 0.
    """

    ids: Integers
    targets: Integers
    asked: Integers


def drawn(task: Task, rows: int, pairs: int, questions: int, asked: Asked, rng: Generator) -> Rows:
    """Rows for training. asked: whether the questions come from all places alike, or from the edges alone; there are
    as many as there are places to ask for, where these are fewer.
    """
    keys = _distinct(rng, rows, pairs, task.keys)
    values = rng.integers(task.keys, task.vocabulary, (rows, pairs))
    return rows_of(keys, values, _places(task, rows, pairs, questions, asked, rng))


def probes(task: Task, rows: int, pairs: int, rng: Generator) -> tuple[Integers, Integers]:
    """Keys and values, (rows, pairs) each: facts to be asked for at every place in turn."""
    return _distinct(rng, rows, pairs, task.keys), rng.integers(task.keys, task.vocabulary, (rows, pairs))


def moved(keys: Integers, values: Integers, place: int) -> Rows:
    """The first pair of each row put at ``place``, the others in their order, and asked for: the same question, the
    same facts, another position. keys, values: (rows, pairs).
    """
    order = np.r_[1 : place + 1, 0, place + 1 : keys.shape[1]]
    return rows_of(keys[:, order], values[:, order], np.full((len(keys), 1), place))


def rows_of(keys: Integers, values: Integers, asked: Integers) -> Rows:
    """The pairs one after another, then the questions with their answers."""
    questions = np.take_along_axis(keys, asked, axis=1)
    answers = np.take_along_axis(values, asked, axis=1)
    ids = np.concatenate([_alternating(keys, values), _alternating(questions, answers)], axis=1)
    targets = np.full_like(ids, IGNORED)
    targets[:, 2 * keys.shape[1] :: 2] = answers
    return Rows(ids, targets, asked)


def _alternating(first: Integers, second: Integers) -> Integers:
    return np.stack([first, second], axis=2).reshape(len(first), -1)


def _distinct(rng: Generator, rows: int, count: int, of: int) -> Integers:
    return np.argsort(rng.random((rows, of)), axis=1)[:, :count].astype(np.int64)


def _places(task: Task, rows: int, pairs: int, questions: int, asked: Asked, rng: Generator) -> Integers:
    """Different places in each row, in random order; at the edges alone where they are what is asked for."""
    everywhere = np.arange(pairs)
    edges = everywhere[(everywhere < task.edge) | (everywhere >= pairs - task.edge)]
    among = edges if asked == "edges" else everywhere
    return among[_distinct(rng, rows, min(questions, among.size), among.size)]
