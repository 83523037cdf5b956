"""What a compressed language model says beside its original, on the same tokens: perplexity, divergence, first choices.

Tokens of one window are alike, so whole windows are drawn for every interval.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import exp
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from openbook.evaluate.intervals import Interval, bootstrap_mean, wilson_in_groups
from openbook.evaluate.scores import BadScores

Ids: TypeAlias = NDArray[np.int64]
Logits: TypeAlias = Callable[[Ids], NDArray[Any]]
"""(time,) ids to (time, vocabulary): scores of what follows each."""


@dataclass(frozen=True, slots=True)
class Fidelity:
    """perplexity: of the compressed model, and of the original. change: how much larger it became, .01 for 1 %, with
    the interval of the difference on the same windows. divergence: KL(original || compressed) a token, in nats.
    same_first: the share of tokens at which both would choose the same. Intervals are None for a single window.
    """

    tokens: int
    perplexity: float
    original: float
    change: Interval | None
    divergence: float
    divergence_interval: Interval | None
    same_first: Interval


def fidelity(original: Logits, compressed: Logits, windows: Sequence[Ids]) -> Fidelity:
    """windows: texts of two tokens or more. Raises BadScores for none."""
    if not windows or min(len(window) for window in windows) < 2:
        raise BadScores("there is no text of two tokens or more: give more text")
    before: list[float] = []
    after: list[float] = []
    divergence: list[float] = []
    same: list[bool] = []
    groups: list[int] = []
    for number, ids in enumerate(windows):
        p, q = (log_softmax(model(ids)[:-1]) for model in (original, compressed))
        place = np.arange(len(ids) - 1)
        before += (-p[place, ids[1:]]).tolist()
        after += (-q[place, ids[1:]]).tolist()
        divergence += kullback_leibler(p, q).tolist()
        same += (p.argmax(axis=1) == q.argmax(axis=1)).tolist()
        groups += [number] * len(place)
    difference = bootstrap_mean(np.subtract(after, before), groups=groups)
    change = None
    if difference is not None:
        low, value, high = (exp(x) - 1 for x in (difference.low, difference.value, difference.high))
        change = Interval(value, low, high, difference.level, difference.n)
    return Fidelity(
        len(before),
        exp(float(np.mean(after))),
        exp(float(np.mean(before))),
        change,
        float(np.mean(divergence)),
        bootstrap_mean(divergence, groups=groups),
        wilson_in_groups(same, groups),
    )


def log_softmax(logits: NDArray[Any]) -> NDArray[np.float64]:
    """Over the last axis, in FP64."""
    shifted = logits.astype(np.float64) - logits.max(axis=-1, keepdims=True)
    return shifted - np.log(np.exp(shifted).sum(axis=-1, keepdims=True))


def kullback_leibler(p: NDArray[np.float64], q: NDArray[np.float64]) -> NDArray[np.float64]:
    """Σ P (log P - log Q) of each row of log-probabilities, in nats; never below 0 (Kullback and Leibler 1951)."""
    return np.maximum((np.exp(p) * (p - q)).sum(axis=-1), 0.0)
