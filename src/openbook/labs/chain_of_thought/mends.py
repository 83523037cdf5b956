"""Self-correction within one text: what a decoder notices of its own wrong words, and what it takes back in vain."""

from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import astuple, dataclass
from typing import Any

from torch import Tensor

from openbook.labs.chain_of_thought.task import Problem
from openbook.labs.chain_of_thought.words import CLOSING, IDS, MEND, STEP, step_words
from openbook.model import Decoder


@dataclass(frozen=True, slots=True)
class Noticed:
    """right, wrong: words of steps, each up to the first wrong one of a text that is let stand. alarms: right ones
    behind which the step was taken back; caught: wrong ones behind which it was; mended: of these, those whose place
    was next filled rightly.
    """

    right: int = 0
    wrong: int = 0
    alarms: int = 0
    caught: int = 0
    mended: int = 0

    def __add__(self, other: "Noticed") -> "Noticed":
        return Noticed(*(one + two for one, two in zip(astuple(self), astuple(other), strict=True)))


def noticed(problem: Problem, text: str) -> Noticed:
    """One text against the truth, word by word: operations' names, signs and numbers, and what they come to."""
    words = [*text.split(), ""]
    found = Noticed()
    at, step, place, caught_at = 0, 0, 0, -1
    while step < problem.steps and words[at] not in ("", CLOSING):
        right = words[at] == step_words(problem, step)[place]
        back = words[at + 1] == MEND
        mended = right and place == caught_at
        found += Noticed(right, not right, right and back, not right and back, mended)  # a truth value is 1 or 0
        if not right and not back:
            break
        if mended or not right:
            caught_at = -1 if right else place
        at += 1 + back
        place = 0 if back else place + 1
        if place == STEP:
            step, place = step + 1, 0
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
