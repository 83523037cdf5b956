"""The error of this room: a corpus, recipe or run that cannot be trained on or gone on with."""

from openbook.errors import OpenbookError


class TrainProblem(OpenbookError):
    """What is wrong with it, and what to do next, in one line."""
