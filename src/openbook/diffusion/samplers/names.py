"""The samplers by the names that a recipe or a command gives them, and what a run of one costs."""

from collections.abc import Sequence
from itertools import pairwise

from openbook.diffusion.level import Level
from openbook.diffusion.problems import DiffusionProblem
from openbook.diffusion.samplers.ddim import with_eta
from openbook.diffusion.samplers.ddpm import DDPM
from openbook.diffusion.samplers.dpm_solver import DPM_SOLVER
from openbook.diffusion.samplers.euler import EULER
from openbook.diffusion.samplers.heun import HEUN
from openbook.diffusion.samplers.step import Sampler

SAMPLERS = {sampler.name: sampler for sampler in (DDPM, with_eta(), DPM_SOLVER, HEUN, EULER)}


def named(name: str, eta: float = 0.0) -> Sampler:
    """eta: of DDIM alone. Raises DiffusionProblem for a name that there is not, and an eta that means nothing."""
    if name not in SAMPLERS:
        raise DiffusionProblem(f"there is no sampler {name!r}: name one of {', '.join(sorted(SAMPLERS))}")
    if name == "ddim":
        return with_eta(eta)
    if eta:
        raise DiffusionProblem(f"an eta of {eta} means nothing to {name}: leave it out, or name ddim")
    return SAMPLERS[name]


def calls(sampler: Sampler, levels: Sequence[Level]) -> int:
    """How often ``sampled`` will ask the denoiser on these levels. A step to a noisier level asks nothing."""
    down = [to for at, to in pairwise(levels) if to.ratio < at.ratio]
    return sum(sampler.calls if to.sigma else 1 for to in down)
