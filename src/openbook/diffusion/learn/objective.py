"""What a denoiser is trained to: a mean squared error of its prediction, weighed by how noisy the picture is."""

import torch
from torch import Tensor, nn

from openbook.diffusion.learn.denoiser import Denoiser
from openbook.diffusion.prediction import Prediction
from openbook.diffusion.weighting import Weighting

MOST_SNR = 5.0
LEAST = 0.2
"""Of sigma, below which the error of a flow is not weighed higher where data is predicted, since a little noise tells
nothing of it; of alpha where noise is. Li and He (2025) stop at .05, where a squared error of the data counts 400-fold:
a few such pictures are half of the loss then."""


class Objective(nn.Module):
    """The denoiser that learns, and the average of its weights, which evaluation measures since it is what draws."""

    def __init__(self, model: Denoiser, average: Denoiser, kind: Prediction, weighting: Weighting) -> None:
        super().__init__()
        self.model = model
        self.average = average.requires_grad_(requires_grad=False)
        self.kind: Prediction = kind
        self.weighting: Weighting = weighting

    def forward(
        self,
        data: Tensor,
        noise: Tensor,
        alpha: Tensor,
        sigma: Tensor,
        time: Tensor,
        given: Tensor | None,
        kept: Tensor,
    ) -> Tensor:
        """The sum over a batch of each picture's mean squared error a number.

        data, noise: (batch, channels, size, size); alpha, sigma, time: (batch,); given, kept: as ``Denoiser`` has them.
        """
        places = (-1, *[1] * (data.ndim - 1))
        a, s = alpha.view(places), sigma.view(places)
        x = (a * data + s * noise) / (a.square() + s.square()).sqrt()
        denoiser = self.model if self.training else self.average
        errors = denoiser(x, time, given, kept).float() - target(data, noise, a, s, self.kind)
        each = errors.square().flatten(1).mean(dim=1)
        return (each * weights(self.weighting, alpha, sigma, self.kind)).sum()


def weights(weighting: Weighting, alpha: Tensor, sigma: Tensor, kind: Prediction) -> Tensor:
    """What the squared error of each row counts. alpha, sigma: (batch,), sigma above 0. Returns (batch,)."""
    match weighting:
        case "uniform":
            return torch.ones_like(alpha)
        case "min_snr":
            return min_snr(alpha, sigma, kind)
        case "flow":
            return flow(alpha, sigma, kind)


def target(data: Tensor, noise: Tensor, alpha: Tensor, sigma: Tensor, kind: Prediction) -> Tensor:
    """``prediction.target`` of every row at a level of its own: alpha, sigma broadcast to data's shape."""
    match kind:
        case "noise":
            return noise
        case "data":
            return data
        case "velocity":
            return (alpha * noise - sigma * data) / (alpha.square() + sigma.square()).sqrt()
        case "flow":
            return noise - data


def min_snr(alpha: Tensor, sigma: Tensor, kind: Prediction) -> Tensor:
    """min(snr, 5) · (how far the data moves for a prediction off by 1)². alpha, sigma: (batch,), sigma above 0."""
    snr = (alpha / sigma).square()
    match kind:
        case "noise":  # off by sigma / alpha: min(snr, 5) / snr, also where snr is 0
            return (MOST_SNR / snr).clamp(max=1.0)
        case "data":
            return snr.clamp(max=MOST_SNR)
        case "velocity":
            return snr.clamp(max=MOST_SNR) / (snr + 1)
        case "flow":
            return snr.clamp(max=MOST_SNR) * (sigma / (alpha + sigma)).square()


def flow(alpha: Tensor, sigma: Tensor, kind: Prediction) -> Tensor:
    """(how far the flow, noise - data, moves for a prediction off by 1)². alpha, sigma: (batch,), sigma above 0."""
    both = alpha + sigma
    match kind:
        case "noise":
            return (both / alpha.clamp(min=LEAST)).square()
        case "data":
            return (both / sigma.clamp(min=LEAST)).square()
        case "velocity":
            return both.square() / (alpha.square() + sigma.square())
        case "flow":
            return torch.ones_like(alpha)
