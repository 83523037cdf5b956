"""The loss: what is predicted at levels of their own, how they are weighed, and a minimum that is known."""

from typing import get_args

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from openbook.diffusion.learn.denoiser import Denoiser, denoise_of
from openbook.diffusion.learn.objective import LEAST, Objective, min_snr, target, weights
from openbook.diffusion.level import Level
from openbook.diffusion.prediction import Prediction, of_data, to_data
from openbook.diffusion.prediction import target as target_of_a_level
from openbook.diffusion.problems import DiffusionProblem
from openbook.diffusion.variance_preserving import linear

KINDS: tuple[Prediction, ...] = get_args(Prediction)
LEVELS = (Level(0.8, 0.6, 0.3), Level(0.1, 0.995, 0.9), Level(1.0, 7.0, 0.5), Level(0.4, 0.6, 0.6))


def of_levels() -> tuple[Tensor, Tensor]:
    return torch.tensor([at.alpha for at in LEVELS]), torch.tensor([at.sigma for at in LEVELS])


@pytest.mark.parametrize("kind", KINDS)
def test_each_row_has_the_target_of_its_level(kind: Prediction) -> None:
    rng = np.random.default_rng(0)
    data, noise = rng.standard_normal((2, len(LEVELS), 1, 2, 2), np.float32)
    alpha, sigma = (values.view(-1, 1, 1, 1) for values in of_levels())
    found = target(torch.tensor(data), torch.tensor(noise), alpha, sigma, kind)
    for row, level in enumerate(LEVELS):
        np.testing.assert_allclose(found[row], target_of_a_level(data[row], noise[row], level, kind), atol=1e-6)


@pytest.mark.parametrize("kind", KINDS)
def test_min_snr_weighs_the_error_of_the_data_alike_whatever_is_predicted(kind: Prediction) -> None:
    weights = min_snr(*of_levels(), kind)
    for weight, level in zip(weights.tolist(), LEVELS, strict=True):
        x, right, wrong = np.zeros((1, 1)), np.zeros((1, 1)), np.ones((1, 1))
        moved = float((to_data(wrong, x, level, kind) - to_data(right, x, level, kind))[0, 0])
        assert weight == pytest.approx(min(level.snr, 5) * moved**2, rel=1e-5)


def test_min_snr_of_noise_alone_counts_a_noise_prediction_in_full() -> None:
    assert min_snr(torch.tensor([0.0]), torch.tensor([1.0]), "noise").tolist() == [1.0]


@pytest.mark.parametrize("kind", KINDS)
def test_the_weighting_by_the_flow_weighs_the_error_of_the_flow_alike_whatever_is_predicted(kind: Prediction) -> None:
    found = weights("flow", *of_levels(), kind)
    for weight, level in zip(found.tolist(), LEVELS, strict=True):
        x, right, wrong = np.zeros((1, 1)), np.zeros((1, 1)), np.ones((1, 1))
        moved = of_data(to_data(wrong, x, level, kind), x, level, "flow")
        still = of_data(to_data(right, x, level, kind), x, level, "flow")
        most = ((level.alpha + level.sigma) / LEAST) ** 2  # where next to nothing is left of the data
        assert weight == pytest.approx(min(float(moved[0, 0] - still[0, 0]) ** 2, most), rel=1e-4)


def test_with_next_to_no_noise_or_data_the_error_of_either_weighs_no_more_than_at_a_fifth() -> None:
    sigma = torch.tensor([1e-3, LEAST])
    assert weights("flow", 1 - sigma, sigma, "data").tolist() == pytest.approx([25.0, 25.0])
    assert weights("flow", sigma, 1 - sigma, "noise").tolist() == pytest.approx([25.0, 25.0])


@pytest.mark.parametrize("kind", KINDS)
def test_a_uniform_weighting_leaves_each_predictions_own_error(kind: Prediction) -> None:
    assert weights("uniform", *of_levels(), kind).tolist() == [1.0] * len(LEVELS)


class Linear(nn.Module):
    """A share of x that depends on time alone: the best there can be where the data is Gaussian."""

    def __init__(self) -> None:
        super().__init__()
        self.share = nn.Sequential(nn.Linear(1, 32), nn.SiLU(), nn.Linear(32, 32), nn.SiLU(), nn.Linear(32, 1))

    def forward(self, x: Tensor, time: Tensor, condition: Tensor | None) -> Tensor:
        return self.share(time[:, None])[..., None, None] * x


def test_on_a_gaussian_the_exact_minimum_is_learnt_nearly() -> None:
    """Of x_0 ~ N(0, s²): E[noise | x_t] = σ x / (α² s² + σ²), and the least mean squared error is α² s² / (α² s² + σ²).

    What has been learnt is a share of x for each level, whose error is known without drawing: c² v - 2 c σ + 1.
    """
    torch.manual_seed(0)
    deviation, schedule = 0.5, linear(100)
    alpha, sigma, times = (
        torch.tensor(part.copy(), dtype=torch.float32) for part in (schedule.alphas, schedule.sigmas, schedule.times)
    )
    network = Linear()
    objective = Objective(Denoiser(network, None), Denoiser(Linear(), None), "noise", "uniform").train()  # type: ignore[arg-type]
    optimiser = torch.optim.Adam(network.parameters(), lr=1e-2)
    slower = torch.optim.lr_scheduler.CosineAnnealingLR(optimiser, 500)
    for _ in range(500):
        at = torch.randint(len(schedule), (512,))
        data, noise = deviation * torch.randn(512, 1, 1, 1), torch.randn(512, 1, 1, 1)
        loss = objective(data, noise, alpha[at], sigma[at], times[at], None, torch.ones(512, dtype=torch.bool)) / 512
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        slower.step()
    variance = alpha**2 * deviation**2 + sigma**2
    least = (alpha**2 * deviation**2 / variance).mean()
    with torch.no_grad():
        share = network.share(times[:, None])[:, 0]
    reached = (share**2 * variance - 2 * share * sigma + 1).mean()
    assert least <= reached <= least + 0.002
    level = schedule.levels[60]
    x = np.linspace(-2, 2, 5).reshape(5, 1, 1, 1)
    exact = level.alpha * deviation**2 / float(variance[60]) * x
    found = denoise_of(Denoiser(network, None), "noise")(x, level)  # type: ignore[arg-type]
    np.testing.assert_allclose(found, exact, atol=0.05)


class Exact(nn.Module):
    """The data 3 whatever x is, at alpha 1 and sigma 7, where condition is told; else 1; as a noise prediction."""

    def __init__(self) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.zeros(()))

    def forward(self, x: Tensor, time: Tensor, condition: Tensor | None) -> Tensor:
        data = 1.0 if condition is None else condition.view(-1, 1, 1, 1)
        return (x * 50**0.5 - data) / 7 + self.weight


class Told(nn.Module):
    def forward(self, given: Tensor, kept: Tensor) -> Tensor:
        return torch.where(kept, given, 1.0)


@pytest.mark.parametrize(("guidance", "expected"), [(1.0, 3.0), (0.0, 1.0), (2.0, 5.0), (-1.0, -1.0)])
def test_guidance_goes_on_from_nothing_told_through_what_is_told(guidance: float, expected: float) -> None:
    denoiser = Denoiser(Exact(), Told())  # type: ignore[arg-type]
    denoise = denoise_of(denoiser, "noise", torch.full((2,), 3.0), guidance)
    x = np.random.default_rng(0).standard_normal((2, 1, 2, 2))
    found = denoise(x, LEVELS[2])
    assert found.dtype == x.dtype
    np.testing.assert_allclose(found, expected, atol=1e-5)


def test_guidance_that_means_nothing_is_refused() -> None:
    bare = Denoiser(Exact(), None)  # type: ignore[arg-type]
    with pytest.raises(DiffusionProblem, match="a guidance of nan"):
        denoise_of(bare, "noise", None, float("nan"))
    with pytest.raises(DiffusionProblem, match="trained without a condition"):
        denoise_of(bare, "noise", None, 2.0)
