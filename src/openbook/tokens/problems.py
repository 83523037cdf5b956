"""The error of this room: a corpus, a size, a tokenizer file or an id that cannot be used."""

from openbook.errors import OpenbookError


class TokenProblem(OpenbookError):
    """What is wrong with it, and what to do next, in one line."""
