"""The forward process: at once and step by step the same, and the posterior what Bayes' rule makes of it."""

from itertools import pairwise

import numpy as np
import pytest

from openbook.diffusion.forward import begun, noised, posterior, step_forward
from openbook.diffusion.karras import karras
from openbook.diffusion.level import Level
from openbook.diffusion.problems import DiffusionProblem
from openbook.diffusion.schedule import Schedule
from openbook.diffusion.straight import straight
from openbook.diffusion.variance_preserving import cosine, linear

SCHEDULES = [linear(20, 0.01, 0.4), cosine(20), karras(20, 0.1, 5), straight(20)]
NAMES = [schedule.name for schedule in SCHEDULES]
DRAWS = 40_000


@pytest.mark.parametrize("schedule", SCHEDULES, ids=NAMES)
def test_step_by_step_is_distributed_as_at_once(schedule: Schedule) -> None:
    """Mean, spread and fourth moment of x_t given x_0, each within five of its standard errors."""
    rng = np.random.default_rng([3, 1])
    data = np.full(DRAWS, 0.7)
    levels = schedule.levels[:-1]  # of the straight path's end nothing but noise is left
    x = noised(data, rng.standard_normal(DRAWS), levels[0])
    for at, to in pairwise(levels):
        x = step_forward(x, rng.standard_normal(DRAWS), at, to)
        z = (x - to.alpha * 0.7) / to.sigma
        assert abs(z.mean()) < 5 / DRAWS**0.5
        assert abs(z.var() - 1) < 5 * (2 / DRAWS) ** 0.5
        assert abs((z**4).mean() - 3) < 5 * (96 / DRAWS) ** 0.5


@pytest.mark.parametrize("schedule", SCHEDULES, ids=NAMES)
def test_two_steps_forward_are_one(schedule: Schedule) -> None:
    """What is kept multiplies, and the variances add as independent noises do."""
    first, second, third = schedule.levels[2], schedule.levels[7], schedule.levels[13]
    one, none = np.ones(1), np.zeros(1)
    twice = step_forward(step_forward(one, none, first, second), none, second, third)
    assert twice == pytest.approx(step_forward(one, none, first, third))
    early = step_forward(step_forward(none, one, first, second), none, second, third)
    late = step_forward(none, one, second, third)
    assert early**2 + late**2 == pytest.approx(step_forward(none, one, first, third) ** 2)


@pytest.mark.parametrize("schedule", SCHEDULES, ids=NAMES)
def test_the_posterior_is_bayes_rule(schedule: Schedule) -> None:
    """On a fine grid of x_to: q(x_at | x_to) q(x_to | x_0), normalised, has this mean and variance."""
    to, at = schedule.levels[4], schedule.levels[9]
    data, x = 0.7, 0.3
    grid = np.linspace(-8, 8, 400_001) * max(1.0, to.sigma)
    kept = step_forward(grid, np.zeros_like(grid), to, at)
    added = float(step_forward(np.zeros(1), np.ones(1), to, at)[0])
    weights = np.exp(-0.5 * ((x - kept) / added) ** 2 - 0.5 * ((grid - to.alpha * data) / to.sigma) ** 2)
    weights /= weights.sum()
    mean, variance = posterior(np.array([data]), np.array([x]), at, to)
    brute = (weights * grid).sum()
    assert mean[0] == pytest.approx(brute, abs=1e-6)
    assert variance == pytest.approx((weights * (grid - brute) ** 2).sum(), rel=1e-5)


def test_without_noise_the_posterior_is_the_data() -> None:
    schedule = linear()
    data, x = np.array([0.4, -2.0]), np.array([3.0, 1.0])
    mean, variance = posterior(data, x, schedule.levels[0], Level(1.0, 0.0, 0.0))
    assert mean == pytest.approx(data)
    assert variance == 0


def test_precision_stays() -> None:
    level = linear().levels[300]
    x = np.ones((2, 3), np.float32)
    assert {noised(x, x, level).dtype, begun(x, level).dtype} == {np.dtype(np.float32)}
    assert step_forward(x, x, level, linear().levels[301]).dtype == np.float32


def test_bad_input_is_refused() -> None:
    one, two = np.ones((2, 3)), np.ones((3, 2))
    more, less = linear().levels[500], linear().levels[10]
    with pytest.raises(DiffusionProblem, match=r"shapes \(2, 3\) and \(3, 2\) differ"):
        noised(one, two, less)
    with pytest.raises(DiffusionProblem, match="does not grow"):
        step_forward(one, one, more, less)
    with pytest.raises(DiffusionProblem, match="does not grow"):
        posterior(one, one, less, more)
