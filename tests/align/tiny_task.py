"""A task that a small random decoder can be seen to get better at within seconds: write many of one letter."""

from numpy.random import Generator

from openbook.align.task import Problem, Task


def draw(rng: Generator, size: int) -> Problem:
    """``size``: how many letters the prompt has."""
    return Problem("".join(rng.choice(list("bcdefgh"), size=size)) + ":", "a", "aaaa", size)


def share_of_a(_: Problem, reply: str) -> float:
    return reply.count("a") / max(1, len(reply))


LETTER_A = Task("letter-a", draw, share_of_a, (3, 6))
