"""Do the samplers step as diffusers' schedulers do? Whole trajectories from the same noise, with a nonlinear denoiser.

Each case twice: beside the schedulers as they are released, which compute in FP32, and beside the same code computing
in FP64. Ours is in FP64 both times. Writes evidence/parity_diffusion.json; with --golden instead a few small
trajectories for the tests, tests/diffusion/golden_schedulers.json. Needs benchmarks/requirements-diffusers.txt.
Run: python -m benchmarks.parity_diffusion
"""

import json
import sys
from collections.abc import Callable
from dataclasses import asdict, replace
from functools import partial
from importlib import metadata
from itertools import product
from pathlib import Path

import numpy as np
import torch

from benchmarks.data import ROOT
from benchmarks.differences import Found, largest, shown, unless_impossible
from benchmarks.diffusers_runs import module_of, there
from benchmarks.diffusion_cases import SCHEDULES, Case, here
from benchmarks.publish import publish
from openbook.diffusion.forward import noised
from openbook.diffusion.level import Floats
from openbook.diffusion.prediction import target
from openbook.report.record import Figure
from openbook.report.tables import Column, Table

GOLDEN = ROOT / "tests" / "diffusion" / "golden_schedulers.json"
SHAPE = (4, 3, 8, 8)
FEW, MANY, ALL = 10, 50, 1000

_DDPM = Case("ddpm", "DDPMScheduler")
_DDIM = Case("ddim", "DDIMScheduler")
_DPM = Case("dpm-solver++", "DPMSolverMultistepScheduler")
_EULER = Case("euler", "EulerDiscreteScheduler", data_units=True)
_HEUN = Case("heun", "HeunDiscreteScheduler", data_units=True)
_EDM = Case("euler", "EDMEulerScheduler", "karras", "karras", prediction="velocity",
            settings={"sigma_data": 1.0, "prediction_type": "v_prediction"})  # fmt: skip
_FLOW = Case("euler", "FlowMatchEulerDiscreteScheduler", "straight", prediction="flow")

CASES: dict[str, list[Case]] = {
    "DDPM": [
        replace(_DDPM, spacing=spacing, steps=steps, schedule=schedule, prediction=prediction)
        for schedule, spacing, steps, prediction in [
            *product(("linear",), ("leading", "trailing", "linspace"), (FEW, MANY), ("noise", "data", "velocity")),
            ("linear", "trailing", ALL, "noise"),
            ("cosine", "trailing", MANY, "data"),
            ("cosine", "leading", MANY, "velocity"),
        ]
    ],
    "DDPM, data cut at 1": [replace(_DDPM, clip="static"), replace(_DDPM, clip="static", steps=MANY)],
    "DDPM, dynamic thresholds": [replace(_DDPM, clip="dynamic"), replace(_DDPM, clip="dynamic", steps=MANY)],
    **{
        f"DDIM, eta {eta:g}": [
            replace(_DDIM, eta=eta, spacing=spacing, steps=steps, prediction=prediction)
            for spacing, steps, prediction in product(
                ("leading", "trailing"), (FEW, MANY), ("noise", "data", "velocity")
            )
        ]
        for eta in (0.0, 0.5, 1.0)
    },
    "DDIM, eta 0.5, data cut at 1": [replace(_DDIM, eta=0.5, clip="static")],
    "DDIM, eta 0.5, dynamic thresholds": [replace(_DDIM, eta=0.5, clip="dynamic")],
    "DPM-Solver++ 2M": [
        replace(_DPM, spacing=spacing, one_more=one_more, steps=steps, prediction=prediction)
        for (spacing, one_more), steps, prediction in product(
            (("leading", True), ("trailing", False), ("linspace", True), ("karras", False)),
            (5, FEW, MANY),
            ("noise", "data", "velocity"),
        )
    ],
    "DPM-Solver++ 2M, cosine": [replace(_DPM, schedule="cosine", prediction="data", steps=MANY)],
    "Euler": [
        replace(_EULER, spacing=spacing, steps=steps, prediction=prediction)
        for spacing, steps, prediction in product(
            ("leading", "trailing", "karras"), (FEW, MANY), ("noise", "data", "velocity")
        )
    ],
    "Heun": [
        replace(_HEUN, spacing=spacing, steps=steps, prediction=prediction)
        for spacing, steps, prediction in product(
            ("leading", "trailing", "karras"), (FEW, MANY), ("noise", "data", "velocity")
        )
    ],
    "Euler, EDM": [_EDM, replace(_EDM, steps=MANY)],
    "Euler, flow matching": [_FLOW, replace(_FLOW, steps=MANY), replace(_FLOW, spacing="linspace")],
}  # fmt: skip


def trajectories(cases: list[Case], *, double: bool, _place: Path) -> Found:
    """All states of all cases."""
    pairs = []
    for number, case in enumerate(cases):
        x, noises = start(number, SHAPE, case.steps)
        pairs += zip(here(case, x, noises), there(case, x, noises, double=double), strict=True)
    return largest(pairs)


def start(seed: int, shape: tuple[int, ...], steps: int) -> tuple[Floats, Floats]:
    """What both begin with, and the noise of every step."""
    rng = np.random.default_rng([seed, 1])
    return rng.standard_normal(shape), rng.standard_normal((steps, *shape))


def tables_of(name: str, *, double: bool, _place: Path) -> Found:
    """A schedule's alpha², the forward process and the velocity at every level."""
    schedule = SCHEDULES[name]()
    betas = "linear" if name == "linear" else "squaredcos_cap_v2"
    data, noise = start(len(schedule), (len(schedule), 3), 1)
    with module_of("DDIMScheduler", double=double) as module:
        theirs = module.DDIMScheduler(beta_schedule=betas)
        precision = torch.float64 if double else torch.float32
        given = torch.tensor(data, dtype=precision), torch.tensor(noise[0], dtype=precision)
        times = torch.arange(len(schedule))
        added, velocity = theirs.add_noise(*given, times), theirs.get_velocity(*given, times)
    pairs = [(schedule.alphas**2, theirs.alphas_cumprod)]
    for index, level in enumerate(schedule.levels):
        pairs.append((noised(data[index], noise[0, index], level), added[index]))
        pairs.append((target(data[index], noise[0, index], level, "velocity"), velocity[index]))
    return largest(pairs)


def spacings(*, double: bool, _place: Path) -> Found:
    """What the denoiser is told at each step, for 2 to 1,000 steps, as diffusers counts time, from 0 to 999.

    Where its trailing spacing has a step too many (``one_too_many``), of the others.
    """
    pairs = []
    schedule = SCHEDULES["linear"]()
    with module_of("DDPMScheduler", double=double) as module:
        for spacing in ("leading", "trailing", "linspace"):
            theirs = module.DDPMScheduler(timestep_spacing=spacing)
            for steps in range(2, ALL + 1):
                theirs.set_timesteps(steps)
                times = np.array([level.time for level in schedule.spaced(steps, spacing)[:-1]])
                pairs.append((times * ALL - 1, theirs.timesteps[:steps]))
    with module_of("EulerDiscreteScheduler", double=double) as module:
        theirs = module.EulerDiscreteScheduler(use_karras_sigmas=True)
        for steps in (5, FEW, MANY, ALL):
            theirs.set_timesteps(steps)
            times = np.array([level.time for level in schedule.spaced(steps, "karras")[:-1]])
            pairs.append((times * ALL - 1, theirs.timesteps))
    return largest(pairs)


def one_too_many() -> list[int]:
    """Numbers of steps for which diffusers' trailing spacing has one more, at time -1: ``arange`` goes too far."""
    found = []
    with module_of("DDPMScheduler", double=False) as module:
        theirs = module.DDPMScheduler(timestep_spacing="trailing")
        for steps in range(1, ALL + 1):
            theirs.set_timesteps(steps)
            if len(theirs.timesteps) != steps:
                assert theirs.timesteps[-1] == -1
                found.append(steps)
    return found


CHECKS: dict[str, Callable[..., Found]] = {
    "linear: alpha², noised, velocity": partial(tables_of, "linear"),
    "cosine: alpha², noised, velocity": partial(tables_of, "cosine"),
    "times of all spacings": spacings,
    **{name: partial(trajectories, cases) for name, cases in CASES.items()},
}


def main() -> None:
    torch.set_num_threads(1)
    if "--golden" in sys.argv:
        golden()
        return
    rows: list[tuple[str, ...]] = []
    figures: list[Figure] = []
    for name, check in CHECKS.items():
        found = {
            double: unless_impossible(lambda place, double=double, check=check: check(double=double, _place=place))
            for double in (True, False)
        }
        runs, both = len(CASES.get(name, ())), [each for each in found.values() if each]
        count = f"{both[0].compared:,}" if both else "–"
        rows.append((name, str(runs or ""), count, shown(found[True]), shown(found[False])))
        figures += [
            Figure(f"{name}: {precision}", each.difference, n=each.compared, text=shown(each))
            for precision, each in (("FP64", found[True]), ("as released", found[False]))
            if each
        ]
    longer = one_too_many()
    figures.append(Figure("trailing: steps that get one more in diffusers", len(longer), n=ALL))
    note = (
        "Largest absolute difference over all states of all runs, x divided by its level's spread. FP64: diffusers' own"
        " code with float32 read as float64. As released: its samples, its tables or both are FP32, and ours FP64. Runs"
        " differ in spacing, steps and what is predicted."
    )
    heads = (Column("here"), *(Column(name, "right") for name in ("runs", "numbers", "FP64", "as released")))
    title = f"Samplers beside diffusers {metadata.version('diffusers')}"
    publish(
        "parity_diffusion", figures, {"parity": Table(title, heads, tuple(rows), note)}, data=[], code=[],
        versions={name: metadata.version(name) for name in ("diffusers", "torch")},
    )  # fmt: skip


def golden() -> None:
    """One small trajectory a kind, of diffusers' code in FP64."""
    kept = [
        replace(_DDPM, steps=5), replace(_DDPM, steps=4, clip="dynamic"), replace(_DDPM, steps=5, schedule="cosine"),
        replace(_DDIM, steps=5, spacing="leading"), replace(_DDIM, steps=5, eta=0.5), replace(_DDIM, steps=4, eta=1.0),
        replace(_DPM, steps=6), replace(_DPM, steps=5, spacing="karras", prediction="velocity"),
        replace(_EULER, steps=5), replace(_HEUN, steps=4, spacing="karras"), replace(_EDM, steps=5),
        replace(_FLOW, steps=5),
    ]  # fmt: skip
    cases = []
    for number, case in enumerate(kept):
        x, noises = start(number, (2, 3, 2), case.steps)
        states = there(case, x, noises, double=True)
        assert largest(zip(here(case, x, noises), states, strict=True)).difference < 1e-9
        cases.append(
            {"case": asdict(case), "x": x.tolist(), "noises": noises.tolist(), "states": np.array(states).tolist()}
        )
    package = f"diffusers {metadata.version('diffusers')}, in FP64"
    GOLDEN.write_text(json.dumps({"package": package, "cases": cases}) + "\n", encoding="utf-8")
    print(f"{len(cases)} trajectories: {GOLDEN.relative_to(ROOT)}")


if __name__ == "__main__":
    main()
