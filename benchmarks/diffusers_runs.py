"""The same cases in diffusers, step by step: as it is released, in FP32, and with its own code computing in FP64."""

import importlib
from collections.abc import Iterator
from contextlib import contextmanager
from types import ModuleType
from typing import Any
from unittest import mock
from unittest.mock import Mock

import numpy as np
import torch

from benchmarks.diffusion_cases import Case, denoise
from openbook.diffusion.level import DATA, Array, Floats, Level
from openbook.diffusion.prediction import of_data

_FILES = {
    "DDPMScheduler": "ddpm",
    "DDIMScheduler": "ddim",
    "DPMSolverMultistepScheduler": "dpmsolver_multistep",
    "EulerDiscreteScheduler": "euler_discrete",
    "HeunDiscreteScheduler": "heun_discrete",
    "EDMEulerScheduler": "edm_euler",
    "FlowMatchEulerDiscreteScheduler": "flow_match_euler_discrete",
}
_NAMES = {"noise": "epsilon", "data": "sample", "velocity": "v_prediction"}
_BETAS = {"linear": "linear", "cosine": "squaredcos_cap_v2"}


class _Double:
    """A module of which ``float32`` is its ``float64``: both libraries name the type so wherever they narrow to it."""

    def __init__(self, module: Any) -> None:
        self._module = module

    def __getattr__(self, name: str) -> Any:
        return getattr(self._module, "float64" if name == "float32" else name)


@contextmanager
def module_of(scheduler: str, *, double: bool) -> Iterator[ModuleType]:
    """The scheduler's module; double: what it computes in FP32 it computes in FP64 while this is open."""
    module = importlib.import_module(f"diffusers.schedulers.scheduling_{_FILES[scheduler]}")
    if not double:
        yield module
        return
    doubled = {"torch": _Double(torch), "np": _Double(np)}
    with mock.patch.multiple(module, **{name: doubled[name] for name in doubled if hasattr(module, name)}):
        yield module


def made(module: ModuleType, case: Case) -> Any:
    """The scheduler of a case, its steps set."""
    given: dict[str, Any] = dict(case.settings)
    if case.schedule in _BETAS:
        given |= {"beta_schedule": _BETAS[case.schedule], "prediction_type": _NAMES[case.prediction]}
        given |= {"use_karras_sigmas": True} if case.spacing == "karras" else {"timestep_spacing": case.spacing}
        if case.scheduler in ("EulerDiscreteScheduler", "HeunDiscreteScheduler"):
            given |= {"beta_start": 1e-4, "beta_end": 0.02}
        if case.scheduler in ("DDPMScheduler", "DDIMScheduler"):
            given |= {"clip_sample": case.clip == "static", "thresholding": case.clip == "dynamic"}
            given |= {"dynamic_thresholding_ratio": 0.9, "sample_max_value": 1e9}
    scheduler = getattr(module, case.scheduler)(**given)
    if case.schedule == "straight" and case.spacing == "trailing":
        scheduler.set_timesteps(sigmas=np.linspace(1, 1 / case.steps, case.steps))  # as its pipelines do
    else:
        scheduler.set_timesteps(case.steps)
    return scheduler


def there(case: Case, x: Floats, noises: Floats, *, double: bool) -> list[Array]:
    """Every state of diffusers, in the units of ``diffusion_cases.here``; of a step of Heun's the second half."""
    precision = torch.float64 if double else torch.float32
    ddim = {"eta": case.eta, "use_clipped_model_output": bool(case.clip)}
    extra = ddim if case.scheduler == "DDIMScheduler" else {}
    left = iter(torch.tensor(noises, dtype=precision))
    states: list[Array] = []
    with module_of(case.scheduler, double=double) as module:
        scheduler = made(module, case)
        sample = torch.tensor(_level(scheduler, case, 0).spread * x, dtype=precision)
        with mock.patch.object(module, "randn_tensor", Mock(side_effect=left), create=True):
            for index, time in enumerate(scheduler.timesteps):
                if hasattr(scheduler, "scale_model_input"):
                    scheduler.scale_model_input(sample, time)  # it wants to be asked; the network here scales by itself
                output = torch.tensor(_output(scheduler, case, sample.numpy(), index))
                sample = scheduler.step(output, time, sample, **extra).prev_sample
                states.append(sample.double().numpy() / _level(scheduler, case, index + 1).spread)
    return [*states[1::2], states[-1]] if case.sampler == "heun" else states


def _level(scheduler: Any, case: Case, index: int) -> Level:
    """The level that the scheduler's own numbers say x is at before call ``index``; after the last, the data."""
    if index == len(scheduler.timesteps):
        return DATA
    if case.scheduler in ("DDPMScheduler", "DDIMScheduler"):
        left = float(scheduler.alphas_cumprod[scheduler.timesteps[index]])
        return Level(left**0.5, (1 - left) ** 0.5, 0.0)
    sigma = float(scheduler.sigmas[index])
    if case.schedule == "straight":
        return Level(1 - sigma, sigma, 0.0)
    scaled = case.scheduler == "DPMSolverMultistepScheduler"
    alpha = 1 / (1 + sigma**2) ** 0.5 if scaled else 1.0
    return Level(alpha, sigma * alpha, 0.0)


def _output(scheduler: Any, case: Case, x: Array, index: int) -> Array:
    """What a network of the case's kind would say where the denoiser says ``denoise(x, level)``."""
    level = _level(scheduler, case, index)
    return of_data(denoise(x, level), x, level, case.prediction)
