"""The straight path of rectified flow and flow matching: x_t = (1 - t) x_0 + t · noise (Liu et al. 2022).

Its velocity, noise - data, is the same all along the path of one pair of data and noise. Time runs to the noise, as in
Stable Diffusion 3 and diffusers; in Lipman et al. it runs to the data.
"""

import numpy as np

from openbook.diffusion.schedule import Schedule, check_steps


def straight(steps: int = 1000) -> Schedule:
    """t = 1 / steps, 2 / steps, ..., 1, where nothing is left of the data."""
    check_steps(steps)
    times = np.arange(1, steps + 1) / steps
    return Schedule("straight", "straight", 1 - times, times, times)
