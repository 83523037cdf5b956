"""The error of this room: a schedule, a level, a sampler or a picture that cannot be used."""

from openbook.errors import OpenbookError


class DiffusionProblem(OpenbookError):
    """What is wrong with it, and what to do next, in one line."""
