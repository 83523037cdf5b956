"""Word problems in GSM8K's format (Cobbe et al. 2021), from a file: steps, then ``#### 42``.

A line is {"question": ..., "answer": ...}. They are for checkpoints that can read: a small model made here cannot.
"""

from pathlib import Path

from numpy.random import Generator

from openbook.align.problems import AlignProblem
from openbook.align.task import Problem, Task
from openbook.generate.reasoning.reading import number
from openbook.json_lines import rows_of

NAME = "gsm8k"
MARK = "####"
_MOST = 200_000
_LONGEST_STEPS = 32


def task(path: Path) -> Task:
    """The file's problems; a problem's size is its steps, the lines before the mark. Raises AlignProblem or BadData."""
    by_size: dict[int, list[Problem]] = {}
    for line, row in rows_of(path, _MOST):
        question, answer = row.get("question"), row.get("answer")
        found = marked(answer) if isinstance(answer, str) else None
        if not isinstance(question, str) or not isinstance(answer, str) or found is None or not question.strip():
            raise AlignProblem(
                f"line {line} of {path} has no texts in question and answer, the answer ending as in '{MARK} 42': "
                "mend or remove it"
            )
        size = min(_LONGEST_STEPS, max(1, answer.strip().count("\n")))
        by_size.setdefault(size, []).append(Problem(f"{question.strip()}\n", f"{MARK} {found}", answer.strip(), size))
    if not by_size:
        raise AlignProblem(f"{path} holds no problems: give a .jsonl file with question and answer on each line")

    def drawn(rng: Generator, size: int) -> Problem:
        """One of so many steps, or of as near a number as there is."""
        nearest = min(by_size, key=lambda other: (abs(other - size), other))
        return by_size[nearest][int(rng.integers(len(by_size[nearest])))]

    return Task(f"{NAME}:{path}", drawn, reward, (min(by_size), max(by_size)))


def reward(problem: Problem, reply: str) -> float:
    """1 where the first number behind the reply's last mark is the answer's, however it is written."""
    found = marked(reply)
    return float(found is not None and found == marked(problem.answer))


def marked(text: str) -> str | None:
    """The first number behind the last mark, in one spelling; None without a mark, or with no number behind it."""
    _, mark, rest = text.rpartition(MARK)
    return number(f"{MARK} {rest}") if mark else None
