"""The moving average of the weights, which draws better pictures than the last step's (Ho et al. 2020, appendix B)."""

from typing import Any, cast

import torch
from torch import nn


def decay_at(update: int, most: float) -> float:
    """min(most, (1 + n) / (10 + n)) at the n-th update, from 1: a short memory while there is little to remember."""
    return min(most, (1 + update) / (10 + update))


@torch.no_grad()
def follow(average: nn.Module, model: nn.Module, decay: float) -> None:
    """average ← decay · average + (1 - decay) · model, weight by weight, in place."""
    cast("Any", torch)._foreach_lerp_(list(average.parameters()), list(model.parameters()), 1 - decay)
