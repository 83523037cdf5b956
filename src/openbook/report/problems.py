"""The error of this room: a table, plot, page or evidence file that cannot be made or read."""

from openbook.errors import OpenbookError


class ReportProblem(OpenbookError):
    """What is wrong with it, and what to do next, in one line."""
