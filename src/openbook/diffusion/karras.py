"""EDM's schedule (Karras et al. 2022): the data is never scaled, x_t = x_0 + sigma · noise."""

import numpy as np

from openbook.diffusion.problems import DiffusionProblem
from openbook.diffusion.schedule import Schedule, check_steps, karras_ratios


def karras(steps: int = 1000, low: float = 0.002, high: float = 80.0) -> Schedule:
    """sigma from ``low`` to ``high``, evenly in sigma^(1/7) (Karras et al. 2022, eq. 5 and table 1).

    Time is 1 at ``high`` and even in log sigma, as EDM's ¼ log sigma is. Its own ``spaced(n, "karras")`` are EDM's n
    steps between the same ends, whatever ``steps`` is.
    """
    check_steps(steps)
    if not 0 < low < high < np.inf:
        raise DiffusionProblem(f"sigmas from {low} to {high}: take 0 < low < high")
    sigmas = karras_ratios(steps, low, high)[::-1]
    span = np.log(high / low)
    times = (np.log(sigmas / low) + span / steps) / (span + span / steps)  # above 0, which is for no noise
    return Schedule("karras", "exploding", np.ones(steps), sigmas, times)
