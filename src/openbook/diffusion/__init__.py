"""Diffusion: data turned into noise step by step, and noise turned back into data by a denoiser asked at every step.

One pair of numbers a noise level, x_t = alpha · x_0 + sigma · noise, carries every process here: variance preserving
(DDPM), exploding (EDM) and straight (flow matching). Schedules, samplers and mixtures whose truth is known need numpy
alone. What cannot be sampled raises ``DiffusionProblem``.
"""
