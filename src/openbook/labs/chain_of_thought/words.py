"""The words of this world as a tokenizer of the field's format, and training texts as a model's engine shows them.

A question ends with the word that asks for steps or for the answer alone, or stands after examples of its kind:

    User: 3 a + 6 b * 2 think Assistant: a + 6 = 2 b * 2 = 4 #### 4 <end>
    User: 4 c + 4 Assistant: #### 1 User: 3 a + 6 b * 2 Assistant: #### 4 <end>
"""

from dataclasses import dataclass
from typing import Literal

from numpy.random import Generator

from openbook.generate.reasoning import Wording
from openbook.labs.chain_of_thought.task import MODULUS, NAMES, Part, drawn
from openbook.tokens.definition import Definition, check
from openbook.tokens.tokenizer import Tokenizer

Kind = Literal["direct", "steps"]

END, UNKNOWN = "<end>", "<unk>"
WORDING = Wording(direct="answer", steps="think", closing="", marked="#### {answer}")
_MARKS = ("+", "-", "*", "=", "####", "User:", "Assistant:", WORDING.direct, WORDING.steps, UNKNOWN, END)
WORDS = (*map(str, range(MODULUS)), *NAMES, *_MARKS)
IDS = {word: number for number, word in enumerate(WORDS)}

EXAMPLES, EXAMPLE_STEPS = 2, 3
"""The most examples of a training text, and the most steps of one."""


@dataclass(frozen=True, slots=True)
class Shape:
    """What texts of one length have in common. worked: whether steps are written out. sizes: how many operations the
    problem of each turn has.
    """

    worked: bool
    sizes: tuple[int, ...]

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


def shape(kind: Kind, steps: int, rng: Generator, *, shown: bool) -> Shape:
    """Of a training text whose last problem has so many operations. shown: examples say what is wanted, and no word."""
    sizes: list[int] = []
    if shown:
        sizes = rng.integers(1, min(steps, EXAMPLE_STEPS) + 1, size=int(rng.integers(1, EXAMPLES + 1))).tolist()
    return Shape(kind == "steps", (*sizes, steps))


def text(of: Shape, part: Part, rng: Generator) -> Text:
    """A text of this shape about problems of one part."""
    word = "" if of.examples else WORDING.steps if of.worked else WORDING.direct
    words: list[str] = []
    counts: list[bool] = []
    for place, size in enumerate(of.sizes):
        problem = drawn(size, part, rng)
        question = f"User: {problem.question} {word} Assistant:".split()
        worked = problem.worked if of.worked else ""
        said = f"{worked} {WORDING.marked.format(answer=problem.answer)}".split()
        words += question + said
        counts += [False] * len(question)
        counts += [place > 0 or not of.examples] * len(said)  # nothing before a first example says of which kind it is
    return Text((*words, END), (*counts, True))
