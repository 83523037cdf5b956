"""How often a letter stands among others, counted along them: ``b in abcba :`` is ``a0 b1 c1 b2 a2 2``."""

from numpy.random import Generator

from openbook.align.task import Problem, Task
from openbook.align.tasks.said import last_word

LETTERS = "abcde"


def drawn(rng: Generator, size: int) -> Problem:
    """So many letters."""
    draws: list[int] = rng.integers(len(LETTERS), size=size + 1).tolist()
    wanted, *letters = (LETTERS[draw] for draw in draws)
    counted = [f"{letter}{letters[: place + 1].count(wanted)}" for place, letter in enumerate(letters)]
    answer = str(letters.count(wanted))
    return Problem(f"{wanted} in {''.join(letters)} :", answer, " ".join([*counted, answer]), size)


def reward(problem: Problem, reply: str) -> float:
    """1 where the last word is the count."""
    return float(last_word(reply) == problem.answer)


TASK = Task("counting", drawn, reward, (4, 12))
