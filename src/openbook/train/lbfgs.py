"""L-BFGS: Newton's step with the curvature guessed from the last few gradients (Nocedal and Wright 2006, alg. 7.4)."""

from collections import deque
from collections.abc import Callable

import numpy as np

from openbook.train.bag_of_words import Floats

_REMEMBERED = 10  # pairs of steps and gradient changes
_ENOUGH = 1e-4  # of the decrease that the slope promises (Armijo)
_HALVINGS = 40


def minimise(
    loss: Callable[[Floats], tuple[float, Floats]],
    start: Floats,
    *,
    tolerance: float = 1e-5,
    most_steps: int = 200,
) -> Floats:
    """Where a smooth convex function is least.

    loss: a point, any shape, to its value and gradient. Ends where no entry of the gradient exceeds ``tolerance``, or
    rounding allows no further descent, or after ``most_steps``.
    """
    point = start.astype(np.float64)
    value, gradient = loss(point)
    pairs: deque[tuple[Floats, Floats]] = deque(maxlen=_REMEMBERED)
    for _ in range(most_steps):
        if np.abs(gradient).max() <= tolerance:
            break
        direction = -_times_inverse_curvature(gradient, pairs)
        slope = float((direction * gradient).sum())
        size = 1.0 if pairs else 1.0 / max(1.0, float(np.abs(gradient).sum()))
        for _ in range(_HALVINGS):
            moved = point + size * direction
            new_value, new_gradient = loss(moved)
            if new_value <= value + _ENOUGH * size * slope:
                break
            size /= 2
        else:
            break  # rounding hides any decrease: this is the minimum as far as the numbers can tell
        change, bend = moved - point, new_gradient - gradient
        if float((change * bend).sum()) > 1e-12 * float((bend * bend).sum()):  # else it would not stay a descent
            pairs.append((change, bend))
        point, value, gradient = moved, new_value, new_gradient
    return point


def _times_inverse_curvature(gradient: Floats, pairs: deque[tuple[Floats, Floats]]) -> Floats:
    """The two-loop recursion: the guessed inverse Hessian times the gradient, without ever holding a matrix."""
    result = gradient.copy()
    factors: list[float] = []
    for change, bend in reversed(pairs):
        factor = float((change * result).sum() / (change * bend).sum())
        result -= factor * bend
        factors.append(factor)
    if pairs:
        change, bend = pairs[-1]
        result *= float((change * bend).sum() / (bend * bend).sum())
    for (change, bend), factor in zip(pairs, reversed(factors), strict=True):
        result += (factor - float((bend * result).sum() / (change * bend).sum())) * change
    return result
