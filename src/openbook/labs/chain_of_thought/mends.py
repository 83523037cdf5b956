"""Self-correction within one text: what a decoder notices of its own wrong steps, and what it takes back in vain."""

from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import astuple, dataclass
from typing import Any

from torch import Tensor

from openbook.labs.chain_of_thought.task import MODULUS, Problem
from openbook.labs.chain_of_thought.words import IDS, MEND, STEP
from openbook.model import Decoder


@dataclass(frozen=True, slots=True)
class Noticed:
    """right, wrong: steps written, each up to the first wrong one of a text that is let stand. alarms: right ones that
    were taken back; caught: wrong ones that were; mended: of these, those whose next writing was right.
    """

    right: int = 0
    wrong: int = 0
    alarms: int = 0
    caught: int = 0
    mended: int = 0

    def __add__(self, other: "Noticed") -> "Noticed":
        return Noticed(*(one + two for one, two in zip(astuple(self), astuple(other), strict=True)))


def noticed(problem: Problem, text: str) -> Noticed:
    """One text against the truth. A step is right in its operation's name, sign and number, and in its result."""
    words = text.split()
    found = Noticed()
    at, step, after_a_wrong_one = 0, 0, False
    while step < problem.steps and words[at : at + 1] not in ([], ["####"]):
        right = words[at : at + STEP] == _due(problem, step)
        back = words[at + STEP : at + STEP + 1] == [MEND]
        found += Noticed(
            right, not right, right and back, not right and back, right and after_a_wrong_one
        )  # a truth value is 1 or 0
        if not right and not back:
            break
        at += STEP + back
        step += not back
        after_a_wrong_one = not right
    return found


@contextmanager
def without_mends(model: Decoder) -> Generator[None]:
    """The word that takes a step back is never written for as long as the context lasts."""

    def forbid(_module: Any, _inputs: Any, logits: Tensor) -> Tensor:
        return logits.index_fill(-1, logits.new_tensor([IDS[MEND]]).long(), float("-inf"))

    handle = model.unembedding.register_forward_hook(forbid)
    try:
        yield
    finally:
        handle.remove()


def _due(problem: Problem, step: int) -> list[str]:
    sign, number = problem.operations[step]
    return [problem.names[step], sign, f"{number}", "=", f"{problem.reached(step + 1) % MODULUS}"]
