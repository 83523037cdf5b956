"""Samplers step by step: diffusers' trajectories, which of them are one another, what a run tells and refuses."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.diffusion_cases import Case, here
from openbook.diffusion.churn import churned
from openbook.diffusion.forward import between
from openbook.diffusion.karras import karras
from openbook.diffusion.level import DATA, Array, Level
from openbook.diffusion.problems import DiffusionProblem
from openbook.diffusion.samplers.ddim import ddim, ddim_with_noise, with_eta
from openbook.diffusion.samplers.ddpm import ancestral
from openbook.diffusion.samplers.dpm_solver import carried_on, second_order
from openbook.diffusion.samplers.euler import euler
from openbook.diffusion.samplers.heun import heun
from openbook.diffusion.samplers.names import SAMPLERS, calls, named
from openbook.diffusion.samplers.sample import sample, sampled
from openbook.diffusion.samplers.step import Seen
from openbook.diffusion.samplers.units import in_data_units
from openbook.diffusion.schedule import Schedule
from openbook.diffusion.straight import straight
from openbook.diffusion.variance_preserving import cosine, linear

GOLDEN = json.loads((Path(__file__).parent / "golden_schedulers.json").read_text(encoding="utf-8"))
SCHEDULES = [linear(), cosine(), karras(), straight()]


def arrays(seed: int, count: int = 3, shape: tuple[int, ...] = (2, 3)) -> list[Array]:
    rng = np.random.default_rng([seed, 11])
    return [rng.standard_normal(shape) for _ in range(count)]


def shrunk(x: Array, level: Level) -> Array:
    return np.tanh(x / level.spread)


def two_levels(schedule: Schedule, first: int, second: int) -> tuple[Level, Level]:
    at, to = schedule.picked(sorted((first, second if second != first else (first + 1) % 1000), reverse=True))
    return at, to


@pytest.mark.parametrize(
    "kept",
    GOLDEN["cases"],
    ids=lambda kept: f"{kept['case']['scheduler']}-{kept['case']['schedule']}-{kept['case']['spacing']}",
)
def test_trajectories_are_those_of_diffusers(kept: dict[str, Any]) -> None:
    """Of the package and version that the file names; written by ``python -m benchmarks.parity_diffusion --golden``."""
    found = here(Case(**kept["case"]), np.array(kept["x"]), np.array(kept["noises"]))
    assert np.array(found) == pytest.approx(np.array(kept["states"]), abs=1e-9)


indices = st.integers(0, 999)
schedules = st.sampled_from(SCHEDULES)


@given(schedules, indices, indices, st.integers(0, 99))
def test_euler_along_the_path_is_ddim_without_chance(schedule: Schedule, first: int, second: int, seed: int) -> None:
    at, to = two_levels(schedule, first, second)
    x, data, _ = arrays(seed)
    scale = at.spread / min(at.sigma, 1)
    assert euler(x, data, at, to) == pytest.approx(ddim(x, data, at, to), abs=1e-12 * scale)


@given(schedules, indices, indices, st.integers(0, 99))
def test_ddim_with_eta_1_is_ddpm(schedule: Schedule, first: int, second: int, seed: int) -> None:
    at, to = two_levels(schedule, first, second)
    x, data, noise = arrays(seed)
    found = ddim_with_noise(x, data, noise, at, to, 1.0)
    assert found == pytest.approx(ancestral(x, data, noise, at, to), abs=1e-6, rel=1e-6)


@given(schedules, indices, indices, st.floats(0, 1))
def test_with_the_true_data_every_eta_leaves_the_right_amount_of_noise(
    schedule: Schedule, first: int, second: int, eta: float
) -> None:
    """x_to = alpha_to · x_0 + noise of variance sigma_to², whatever part of it is fresh (Song et al. 2021, lemma 1)."""
    at, to = two_levels(schedule, first, second)
    zero, one = np.zeros(1), np.ones(1)
    old = ddim_with_noise(at.sigma * one, zero, zero, at, to, eta)
    fresh = ddim_with_noise(zero, zero, one, at, to, eta)
    assert old**2 + fresh**2 == pytest.approx(to.sigma**2, rel=1e-9)
    assert fresh**2 == pytest.approx(eta**2 * to.sigma**2 * between(to, at)[1] / at.sigma**2, rel=1e-9)


@given(st.sampled_from(SCHEDULES[:3]), st.integers(2, 999), st.integers(0, 99))
def test_the_multistep_solver_is_the_papers_equation(schedule: Schedule, last: int, seed: int) -> None:
    """Lu et al. 2022, algorithm 2, in its own letters."""
    to, at, earlier = schedule.picked([last - 2, last - 1, last])
    x, data, data_before = arrays(seed)
    half = [level.log_snr / 2 for level in (earlier, at, to)]
    h, h_before = half[2] - half[1], half[1] - half[0]
    r = h_before / h
    combined = (1 + 1 / (2 * r)) * data - 1 / (2 * r) * data_before
    wanted = to.sigma / at.sigma * x - to.alpha * (np.exp(-h) - 1) * combined
    assert second_order(x, data, Seen(data_before, earlier), at, to) == pytest.approx(wanted, abs=1e-9, rel=1e-9)


def test_from_noise_alone_nothing_is_carried_on() -> None:
    levels = straight(4).spaced(4)
    data, before, _ = arrays(0)
    assert carried_on(data, Seen(before, levels[0]), levels[1], levels[2]) == pytest.approx(data)


def test_a_denoiser_that_does_not_waver_needs_no_second_order() -> None:
    x, data, _ = arrays(1)
    at, to = two_levels(SCHEDULES[0], 700, 300)
    straight_on = ddim(x, data, at, to)
    assert second_order(x, data, Seen(data, SCHEDULES[0].levels[900]), at, to) == pytest.approx(straight_on)
    assert heun(x, data, euler(x, data, at, to), data, at, to) == pytest.approx(straight_on)


def test_heun_in_the_datas_units_is_edms() -> None:
    """Karras et al. 2022, algorithm 1, written out; without units it is another step where alpha moves."""
    at, to = two_levels(SCHEDULES[0], 700, 500)
    (x, *_) = arrays(2)
    ask, levels = in_data_units(shrunk, (at, to))
    rng = np.random.default_rng(0)
    found = sample(ask, levels, x / at.alpha, named("heun"), rng).x
    slope = (x / at.alpha - shrunk(x, at)) / at.ratio
    ahead = x / at.alpha + (to.ratio - at.ratio) * slope
    slope_ahead = (ahead - shrunk(to.alpha * ahead, to)) / to.ratio
    assert found == pytest.approx(x / at.alpha + (to.ratio - at.ratio) * (slope + slope_ahead) / 2)
    assert found * to.alpha != pytest.approx(sample(shrunk, (at, to), x, named("heun"), rng).x, abs=1e-3)


@pytest.mark.parametrize("name", ["ddim", "euler", "dpm-solver++", "ddpm"])
def test_units_change_nothing_but_the_units(name: str) -> None:
    levels = linear().spaced(7)
    (x, *_) = arrays(3)
    plain = list(sampled(shrunk, levels, x, named(name), np.random.default_rng(5)))
    ask, scaled = in_data_units(shrunk, levels)
    found = sampled(ask, scaled, x / levels[0].alpha, named(name), np.random.default_rng(5))
    for here_, there in zip(plain, found, strict=True):
        assert there.x * here_.level.alpha == pytest.approx(here_.x, abs=1e-9)


@pytest.mark.parametrize("name", sorted(SAMPLERS))
@pytest.mark.parametrize("schedule", SCHEDULES, ids=lambda schedule: schedule.name)
def test_a_run_tells_where_it_is_and_what_it_asked(name: str, schedule: Schedule) -> None:
    asked: list[Level] = []

    def denoise(x: Array, level: Level) -> Array:
        asked.append(level)
        return shrunk(x, level)

    levels = schedule.spaced(6)
    x = arrays(4, 1, (2, 1, 4, 4))[0].astype(np.float32)
    sampler = named(name)
    states = list(sampled(denoise, levels, x, sampler, np.random.default_rng(0)))
    assert [state.level for state in states] == list(levels[1:])
    assert [state.seen.level for state in states if state.seen] == list(levels[:-1])
    assert states[-1].calls == len(asked) == calls(sampler, levels) == (11 if name == "heun" else 6)
    assert {(state.x.dtype, state.x.shape) for state in states} == {(x.dtype, x.shape)}
    assert states[-1].seen is not None
    assert states[-1].x == pytest.approx(states[-1].seen.data, abs=1e-6)  # the last step ends at what was guessed


@pytest.mark.parametrize("name", sorted(SAMPLERS))
def test_chance_comes_from_the_generator_alone(name: str) -> None:
    levels = linear().spaced(5)
    (x, *_) = arrays(5)
    ends = [sample(shrunk, levels, x, named(name), np.random.default_rng(seed)).x for seed in (0, 0, 1)]
    assert np.array_equal(ends[0], ends[1])
    assert np.array_equal(ends[0], ends[2]) == (name != "ddpm")


def test_churn_goes_up_before_each_step_down() -> None:
    schedule = karras()
    levels = schedule.spaced(4, "karras")
    found = churned(schedule, levels, churn=1.0, low=0.01, high=50)
    ratios = [level.ratio for level in found]
    one, two = levels[1].ratio, levels[2].ratio
    assert ratios == pytest.approx([80, one, 1.25 * one, two, 1.25 * two, levels[3].ratio, 0])
    assert churned(schedule, levels, churn=0) == levels
    assert churned(schedule, levels, churn=99)[1].ratio == pytest.approx(80 * 2**0.5)
    assert calls(named("heun"), found) == calls(named("heun"), levels) == 7
    assert sample(shrunk, found, arrays(6)[0], named("heun"), np.random.default_rng(0)).calls == 7


def test_nothing_is_carried_on_over_new_noise() -> None:
    """A step up adds exactly the noise between both levels, and what was seen before it is forgotten."""
    levels = churned(karras(), karras().spaced(4, "karras"), churn=1.0, low=0.01, high=50)
    (x, *_) = arrays(8)
    states = list(sampled(shrunk, levels, x, named("dpm-solver++"), np.random.default_rng(0)))
    before, up, after = states[0], states[1], states[2]
    noise = np.random.default_rng(0).standard_normal(x.shape)
    added = (up.level.sigma**2 - before.level.sigma**2) ** 0.5
    assert up.x == pytest.approx(before.x + added * noise)
    assert (up.seen, up.calls) == (None, before.calls)
    assert after.x == pytest.approx(ddim(up.x, shrunk(up.x, up.level), up.level, after.level))


def test_bad_runs_are_refused() -> None:
    levels, rng = linear().spaced(5), np.random.default_rng(0)
    (x, *_) = arrays(7)
    with pytest.raises(DiffusionProblem, match="make no step"):
        sampled(shrunk, levels[:1], x, named("ddim"), rng)
    with pytest.raises(DiffusionProblem, match="not a finite float"):
        sampled(shrunk, levels, np.full((2, 3), np.nan), named("ddim"), rng)
    with pytest.raises(DiffusionProblem, match="not a finite float"):
        sampled(shrunk, levels, np.ones((2, 3), np.int64), named("ddim"), rng)
    with pytest.raises(DiffusionProblem, match=r"made \(2, 2\) of \(2, 3\)"):
        sample(lambda x, _: x[:, :2], levels, x, named("ddim"), rng)
    with pytest.raises(DiffusionProblem, match="not finite at sigma"):
        sample(lambda x, _: x * np.nan, levels, x, named("ddim"), rng)
    with pytest.raises(DiffusionProblem, match="does not grow"):
        sample(shrunk, (levels[0], levels[0]), x, named("ddpm"), rng)


def test_bad_samplers_are_refused() -> None:
    for eta in (-0.1, 1.5, float("nan")):
        with pytest.raises(DiffusionProblem, match="an eta of"):
            with_eta(eta)
    with pytest.raises(DiffusionProblem, match="there is no sampler 'plms': name one of ddim, ddpm"):
        named("plms")
    with pytest.raises(DiffusionProblem, match="means nothing to heun"):
        named("heun", 0.5)
    with pytest.raises(DiffusionProblem, match="no units of the data"):
        in_data_units(shrunk, straight().spaced(4))
    with pytest.raises(DiffusionProblem, match="sample over these"):
        in_data_units(shrunk, linear().spaced(4))[0](np.ones(3), DATA.__class__(1.0, 3.0, 0.5))
    with pytest.raises(DiffusionProblem, match="a churn of -1"):
        churned(karras(), karras().spaced(3), -1)
    with pytest.raises(DiffusionProblem, match="without churn"):
        churned(straight(), straight().spaced(3), 1)
