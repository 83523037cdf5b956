"""Levels and schedules: the corners by hand, and what holds of every schedule and spacing."""

from itertools import pairwise
from math import inf, isclose, log

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy.stats import kstest, norm

from openbook.diffusion.karras import karras
from openbook.diffusion.level import DATA, Level
from openbook.diffusion.problems import DiffusionProblem
from openbook.diffusion.schedule import Schedule, Spacing, on_path
from openbook.diffusion.straight import straight
from openbook.diffusion.variance_preserving import cosine, linear
from openbook.diffusion.weighting import LOGIT_NORMALS, Levels

MAKERS = (linear, cosine, karras, straight)
SPACINGS: tuple[Spacing, ...] = ("leading", "trailing", "linspace", "karras")


def test_a_level_by_hand() -> None:
    level = Level(0.8, 0.6, 0.5)
    assert (level.snr, level.ratio, level.spread) == pytest.approx((16 / 9, 0.75, 1))
    assert level.log_snr == pytest.approx(log(16 / 9))
    assert (DATA.snr, DATA.log_snr, DATA.ratio) == (inf, inf, 0)
    noise = Level(0.0, 1.0, 1.0)
    assert (noise.snr, noise.log_snr, noise.ratio) == (0, -inf, inf)


def test_linear_is_the_product_of_its_betas() -> None:
    alphas = linear(3, 0.1, 0.3).alphas
    assert alphas**2 == pytest.approx([0.9, 0.9 * 0.8, 0.9 * 0.8 * 0.7])
    assert linear().alphas[-1] ** 2 == pytest.approx(4.0358e-5, rel=1e-4)  # Ho et al. 2020: nearly no signal is left


def test_cosine_halves_the_signal_halfway() -> None:
    schedule = cosine()
    assert schedule.alphas[499] ** 2 == pytest.approx(0.4938, abs=1e-4)
    assert 1 - (schedule.alphas[-1] / schedule.alphas[-2]) ** 2 == pytest.approx(0.999)


def test_karras_by_hand() -> None:
    levels = karras(1000, 0.002, 80).spaced(3, "karras")
    middle = ((80 ** (1 / 7) + 0.002 ** (1 / 7)) / 2) ** 7
    assert [level.sigma for level in levels] == pytest.approx([80, middle, 0.002, 0])
    assert {level.alpha for level in levels} == {1}


def test_straight_ends_in_noise_alone() -> None:
    assert [(level.alpha, level.sigma) for level in straight(4).levels] == [
        (0.75, 0.25),
        (0.5, 0.5),
        (0.25, 0.75),
        (0, 1),
    ]


@pytest.mark.parametrize("make", MAKERS)
@pytest.mark.parametrize("steps", [1, 2, 7, 1000])
def test_every_schedule_keeps_to_its_path_and_grows_noisier(make: type, steps: int) -> None:
    schedule: Schedule = make(steps)
    levels = schedule.levels
    assert len(levels) == len(schedule) == steps
    assert np.allclose(on_path(schedule.path, schedule.sigmas), schedule.alphas, atol=1e-9)
    assert all(less.snr > more.snr and less.time < more.time for less, more in pairwise(levels))
    assert levels[0].time > 0
    assert isclose(levels[-1].time, 1)


@given(st.sampled_from(MAKERS), st.integers(1, 60), st.sampled_from(SPACINGS), st.integers(60, 90))
def test_spaced_goes_from_noise_to_data_in_as_many_steps(make: type, steps: int, spacing: Spacing, levels: int) -> None:
    schedule: Schedule = make(levels)
    if spacing == "karras" and schedule.path == "straight":
        return
    found = schedule.spaced(steps, spacing)
    assert len(found) == steps + 1
    assert found[-1] == DATA
    assert all(more.ratio > less.ratio and more.time > less.time for more, less in pairwise(found))
    if spacing != "leading":
        assert found[0].ratio == pytest.approx(schedule.ratios[-1])
    if spacing in ("linspace", "karras") and steps > 1:
        assert found[-2].ratio == pytest.approx(schedule.ratios[0])


def test_spacings_by_hand() -> None:
    def times(spacing: Spacing) -> list[float]:
        return [level.time * 10 for level in straight(10).spaced(3, spacing)]

    assert times("trailing") == pytest.approx([10, 7, 3, 0])
    assert times("leading") == pytest.approx([7, 4, 1, 0])  # the most noise is never seen
    assert times("linspace") == pytest.approx([10, 5, 1, 0])  # 5.5 to the even


def test_halves_are_rounded_as_diffusers_rounds_them() -> None:
    """Its timesteps of 48 and of 27 steps: 937.5 and 499.5 become, by its rounding errors, 936 + 1 and 499."""
    schedule = linear()
    assert schedule.spaced(48)[:4] == schedule.picked([999, 978, 957, 936])
    assert schedule.spaced(27, "linspace")[12:15] == schedule.picked([538, 499, 461])


def test_all_levels_are_visited_in_as_many_steps() -> None:
    schedule = cosine(50)
    for spacing in ("trailing", "leading", "linspace"):
        assert schedule.spaced(50, spacing)[:-1] == schedule.levels[::-1]


def test_between_levels_time_is_read_off_by_log_ratio() -> None:
    schedule = linear(100)
    known = schedule.levels[40]
    (found,) = schedule.at(np.array([known.ratio]))
    assert (found.alpha, found.sigma, found.time) == pytest.approx((known.alpha, known.sigma, known.time))
    middle = (known.ratio * schedule.levels[41].ratio) ** 0.5
    (between,) = schedule.at(np.array([middle]))
    assert between.time == pytest.approx((known.time + schedule.levels[41].time) / 2)


def test_indices_to_train_on_are_even() -> None:
    indices = linear(10).drawn(np.random.default_rng(0), 20_000)
    counts = np.bincount(indices, minlength=10)
    assert counts.size == 10
    assert np.abs(counts - 2000).max() < 5 * 2000**0.5


@pytest.mark.parametrize("seen", LOGIT_NORMALS)
def test_levels_drawn_by_a_logit_normal_have_its_distribution(seen: Levels) -> None:
    schedule = linear(1000)
    places = (schedule.drawn(np.random.default_rng(0), 20_000, seen) + 0.5) / len(schedule)
    by = LOGIT_NORMALS[seen]

    def below(place: NDArray[np.float64]) -> NDArray[np.float64]:
        normal = norm.cdf((np.log(place / (1 - place)) - by.mean) / by.deviation)
        return by.even * place + (1 - by.even) * normal

    assert kstest(places, below).statistic < 0.012  # beyond .0115 one in a hundred such draws lies; levels are steps


@pytest.mark.parametrize("numbers", [(0, 0, 0), (-1, 1, 0), (1, float("nan"), 0), (1, 1, float("inf"))])
def test_what_is_no_level_is_refused(numbers: tuple[float, float, float]) -> None:
    with pytest.raises(DiffusionProblem, match="is no level"):
        Level(*numbers)


@pytest.mark.parametrize("steps", [0, -3, 101])
def test_steps_that_a_schedule_has_not_are_refused(steps: int) -> None:
    with pytest.raises(DiffusionProblem, match="take 1 to 100"):
        linear(100).spaced(steps)


def test_bad_schedules_are_refused() -> None:
    rising = np.array([0.6, 0.8])
    with pytest.raises(DiffusionProblem, match="growing noisier"):
        Schedule("mine", "preserving", np.sqrt(1 - rising**2)[::-1], rising[::-1], rising)
    with pytest.raises(DiffusionProblem, match="is not straight"):
        Schedule("mine", "straight", np.sqrt(1 - rising**2), rising, rising)
    with pytest.raises(DiffusionProblem, match="as many finite"):
        Schedule("mine", "exploding", np.ones(3), rising, rising)
    with pytest.raises(DiffusionProblem, match="no variances"):
        linear(10, 0.1, 1.5)
    with pytest.raises(DiffusionProblem, match="low < high"):
        karras(10, 2, 1)
    for make in MAKERS:
        with pytest.raises(DiffusionProblem, match="a schedule of 0 levels"):
            make(0)
    with pytest.raises(DiffusionProblem, match="there is no spacing 'even'"):
        linear(10).spaced(2, "even")  # pyright: ignore[reportArgumentType]
    with pytest.raises(DiffusionProblem, match="noise alone"):
        straight(10).spaced(2, "karras")


def test_a_schedule_cannot_be_changed() -> None:
    with pytest.raises(ValueError, match="read-only"):
        linear(10).alphas[0] = 1
