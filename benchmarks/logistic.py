"""Logistic regression, fitted exactly: small enough to read, and to fit a handful of signals with."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Logistic:
    """p = 1 / (1 + e^-(bias + x·weights))."""

    weights: Floats
    bias: float

    def __call__(self, rows: Floats) -> Floats:
        return 1.0 / (1.0 + np.exp(-(rows @ self.weights + self.bias)))


def fit_logistic(rows: Floats, labels: Floats, ridge: float = 1e-3, steps: int = 50) -> Logistic:
    """Maximum likelihood with an L2 penalty on the weights, by Newton's method (Hastie et al. 2009, eq. 4.26)."""
    design = np.c_[rows, np.ones(len(rows))]
    beta = np.zeros(design.shape[1])
    penalty = ridge * len(rows) * np.eye(design.shape[1])
    penalty[-1, -1] = 0.0
    for _ in range(steps):
        p = 1.0 / (1.0 + np.exp(-design @ beta))
        gradient = design.T @ (labels - p) - penalty @ beta
        curvature = (design * (p * (1 - p))[:, None]).T @ design + penalty
        step = np.linalg.solve(curvature, gradient)
        beta += step
        if np.abs(step).max() < 1e-8:
            break
    return Logistic(beta[:-1], float(beta[-1]))
