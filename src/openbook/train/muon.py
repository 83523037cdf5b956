"""Muon: momentum whose update is made orthogonal by Newton-Schulz (Jordan et al. 2024), for 2-D hidden weights.

An update UΣVᵀ becomes about UVᵀ: all directions of a matrix move alike, not just the few that dominate its gradient.
"""

from collections.abc import Callable, Iterable
from typing import Any

import torch
from torch import Tensor
from torch.optim import Optimizer

COEFFICIENTS = (3.4445, -4.7750, 2.0315)
"""Of the quintic (a, b, c): steepest at 0 among those that keep singular values within about 0.7 to 1.2."""

STEPS = 5


def newton_schulz_by_the_equation(matrix: Tensor, steps: int = STEPS) -> Tensor:
    """X ← aX + b(XXᵀ)X + c(XXᵀ)²X, from X = G/‖G‖: each singular value s moves to as + bs³ + cs⁵.

    matrix: (rows, columns). Returns about the nearest orthogonal matrix, in the precision given.
    """
    a, b, c = COEFFICIENTS
    x = matrix / (matrix.square().sum().sqrt() + 1e-7)
    for _ in range(steps):
        gram = x @ x.T
        x = a * x + b * gram @ x + c * gram @ gram @ x
    return x


def newton_schulz(matrix: Tensor, steps: int = STEPS) -> Tensor:
    """The same function with fewer products, the shorter side inside, in BF16 on a GPU. Returns ``matrix``'s dtype."""
    a, b, c = COEFFICIENTS
    tall = matrix.shape[0] > matrix.shape[1]
    x = (matrix.T if tall else matrix).to(torch.bfloat16 if matrix.is_cuda else torch.float32)
    x = x / (x.square().sum().sqrt() + 1e-7)
    for _ in range(steps):
        gram = x @ x.T
        x = torch.addmm(x, torch.addmm(gram, gram, gram, beta=b, alpha=c), x, beta=a)
    return (x.T if tall else x).to(matrix.dtype)


class Muon(Optimizer):
    """Nesterov momentum, made orthogonal, with decoupled weight decay.

    The update is scaled by 0.2 √(longer side), so that its root mean square is AdamW's and one learning rate and weight
    decay serve both (Liu et al. 2025, eq. 4).
    """

    def __init__(self, parameters: Iterable[Any], lr: float, momentum: float = 0.95, weight_decay: float = 0.0) -> None:
        super().__init__(parameters, {"lr": lr, "momentum": momentum, "weight_decay": weight_decay})

    @torch.no_grad()
    def step(self, closure: Callable[[], float] | None = None) -> None:  # pyright: ignore[reportIncompatibleMethodOverride]
        """One update of every parameter that has a gradient."""
        del closure
        for group in self.param_groups:
            lr, momentum = group["lr"], group["momentum"]
            for parameter in group["params"]:
                if parameter.grad is None:
                    continue
                state = self.state[parameter]
                if "momentum" not in state:
                    state["momentum"] = torch.zeros_like(parameter)
                average = state["momentum"].lerp_(parameter.grad, 1 - momentum)
                update = newton_schulz(parameter.grad.lerp(average, momentum))
                parameter.mul_(1 - lr * group["weight_decay"])
                parameter.add_(update, alpha=-lr * 0.2 * max(parameter.shape) ** 0.5)
