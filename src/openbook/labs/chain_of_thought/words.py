"""The words of this world as a tokenizer of the field's format, and training texts as a model's engine shows them.

A question ends with the word that asks for steps or for the answer alone, or stands after examples of its kind:

    User: 3 a + 6 b * 2 think Assistant: a + 6 = 2 b * 2 = 4 #### 4 <end>
    User: 4 c + 4 Assistant: #### 1 User: 3 a + 6 b * 2 Assistant: #### 4 <end>

Texts that mend hold steps begun wrongly, each with the word that takes it back and the right step behind it (Ye et al.
2024, "Physics of Language Models: Part 2.2"). The loss does not count what is wrong, so that no model learns to err:

    User: 3 a + 6 b * 2 think Assistant: a - no a + 6 = 2 b * 2 = 4 #### 4 <end>
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from numpy.random import Generator

from openbook.generate.reasoning import Wording
from openbook.labs.chain_of_thought.task import MODULUS, NAMES, Part, Problem, drawn
from openbook.tokens.definition import Definition, check
from openbook.tokens.tokenizer import Tokenizer

Kind = Literal["direct", "steps", "mends"]

END, UNKNOWN = "<end>", "<unk>"
CLOSING, MEND = "####", "no"
WORDING = Wording(direct="answer", steps="think", closing="", marked=f"{CLOSING} {{answer}}")
_MARKS = ("+", "-", "*", "=", MEND, CLOSING, "User:", "Assistant:", WORDING.direct, WORDING.steps, UNKNOWN, END)
WORDS = (*map(str, range(MODULUS)), *NAMES, *_MARKS)
IDS = {word: number for number, word in enumerate(WORDS)}

EXAMPLES, EXAMPLE_STEPS = 2, 3
"""The most examples of a training text, and the most steps of one."""

STEP = 5
"""Words of one step."""


@dataclass(frozen=True, slots=True)
class Shape:
    """What texts of one length have in common. worked: whether steps are written out. sizes: how many operations the
    problem of each turn has. slips: the place of the wrong word in each step of the last that is first begun wrongly.
    """

    worked: bool
    sizes: tuple[int, ...]
    slips: tuple[int, ...] = ()

    @property
    def examples(self) -> bool:
        """Whether turns before the last say what is wanted, and no word does."""
        return len(self.sizes) > 1


@dataclass(frozen=True, slots=True)
class Text:
    """words: of one training text; counts: for each, whether the loss counts it."""

    words: tuple[str, ...]
    counts: tuple[bool, ...]


def tokenizer() -> Tokenizer:
    """Words parted by blanks, as a tokenizer.json."""
    added = {"single_word": False, "lstrip": False, "rstrip": False, "normalized": False, "special": True}
    said: Definition = {
        "version": "1.0",
        "truncation": None,
        "padding": None,
        "added_tokens": [{"id": IDS[END], "content": END, **added}],
        "normalizer": None,
        "pre_tokenizer": {"type": "WhitespaceSplit"},
        "post_processor": None,
        "decoder": None,
        "model": {"type": "WordLevel", "vocab": IDS, "unk_token": UNKNOWN},
    }
    return Tokenizer(check(said, "these words"))


def shape(kind: Kind, steps: int, rng: Generator, *, shown: bool, slips: float = 0.0) -> Shape:
    """Of a training text whose last problem has so many operations. shown: examples say what is wanted, and no word.
    slips: the share of its steps that are first begun wrongly.
    """
    sizes: list[int] = []
    if shown:
        sizes = rng.integers(1, min(steps, EXAMPLE_STEPS) + 1, size=int(rng.integers(1, EXAMPLES + 1))).tolist()
    wrong: list[int] = rng.choice(tuple(_OTHERS), size=int(rng.binomial(steps, slips))).tolist() if slips else []
    return Shape(kind != "direct", (*sizes, steps), tuple(wrong))


def text(of: Shape, part: Part, rng: Generator) -> Text:
    """A text of this shape about problems of one part."""
    word = "" if of.examples else WORDING.steps if of.worked else WORDING.direct
    words: list[str] = []
    counts: list[bool] = []
    for place, size in enumerate(of.sizes):
        problem = drawn(size, part, rng)
        question = f"User: {problem.question} {word} Assistant:".split()
        slips = _slips(problem, of.slips, rng) if of.slips and place + 1 == len(of.sizes) else {}
        said, right = _worked(problem, slips) if of.worked else ([], [])
        closing = WORDING.marked.format(answer=problem.answer).split()
        told = place > 0 or not of.examples  # nothing before a first example says of which kind it is
        words += [*question, *said, *closing]
        counts += [False] * len(question) + [told and each for each in (*right, *(True for _ in closing))]
    return Text((*words, END), (*counts, True))


def step_words(problem: Problem, step: int) -> list[str]:
    """Of the step so many from 0: the operation's name, sign and number, and what is reached."""
    sign, number = problem.operations[step]
    return [problem.names[step], sign, f"{number}", "=", f"{problem.reached(step + 1)}"]


_OTHERS: Mapping[int, Sequence[str]] = {1: "+-*", 2: "123456"}
"""By the place of a word in a step, what else might stand there. Signs and numbers alone: behind a wrong name or a
wrong result a decoder of this size wrote the word as often as behind a right one.
"""


def _slips(problem: Problem, places: Sequence[int], rng: Generator) -> dict[int, list[str]]:
    """By step, its words up to a wrong one: another sign or number than is asked."""
    found: dict[int, list[str]] = {}
    steps: list[int] = rng.choice(problem.steps, size=len(places), replace=False).tolist()
    for step, place in zip(steps, places, strict=True):
        right = step_words(problem, step)
        others = [word for word in _OTHERS[place] if word != right[place]]
        found[step] = [*right[:place], others[int(rng.integers(len(others)))]]
    return found


def _worked(problem: Problem, slips: Mapping[int, Sequence[str]]) -> tuple[list[str], list[bool]]:
    """The words of the steps with these slips mended, and whether each word is right."""
    words: list[str] = []
    right: list[bool] = []
    for step in range(problem.steps):
        slip = slips.get(step, ())
        if slip:
            words += [*slip, MEND]
            right += [*(True for _ in slip[1:]), False, True]
        words += step_words(problem, step)
        right += [True] * STEP
    return words, right
