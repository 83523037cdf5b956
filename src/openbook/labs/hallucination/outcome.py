"""What the experiment saw, as arrays with one entry a question; everything else is computed from these."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from openbook.labs.hallucination.signals import COUNTED

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]
Flags = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Replies:
    """One answer a question. right: the true value; wrong: another value, in a fluent sentence about the one asked for;
    unknown: "That is not known ." What is none of these is no answer to the question.
    """

    right: Flags
    wrong: Flags
    unknown: Flags


@dataclass(frozen=True, slots=True)
class Drawn:
    """Several answers a question, as shares: right, wrong, no answer at all. meanings: how many different ones."""

    right: Floats
    wrong: Floats
    broken: Floats
    meanings: Floats


@dataclass(frozen=True, slots=True)
class Grounded:
    """Answers with a text at hand. copied: the value that the text tells of the field asked for."""

    replies: Replies
    copied: Flags


@dataclass(frozen=True, slots=True)
class Supported:
    """Statements checked against a sentence by the shipped support model. true: whether the sentence tells it.

    score: a logit; backed: above the shipped threshold.
    """

    true: Flags
    score: Floats
    backed: Flags


@dataclass(frozen=True, slots=True)
class Paraphrase:
    """Pairs of answers to one question, judged by the support model. same: whether both name one value."""

    same: Flags
    judged: Flags


@dataclass(frozen=True, slots=True)
class Observed:
    """One world and the model trained on it.

    group: of each fact, how often it was told, or ``world.MISTOLD``. greedy: the answers at temperature 0, from memory.
    voted: whether the commonest of the samples is right. confidence: by signal, larger is surer. words: of each greedy
    answer; sampled_words: of all samples of a question.
    """

    group: Integers
    greedy: Replies
    voted: Flags
    confidence: Mapping[str, Floats]
    words: Floats
    sampled_words: Floats
    sweep: Mapping[str, Drawn]
    grounded: Mapping[str, Grounded]
    support: Mapping[str, Supported]
    paraphrase: Paraphrase
    seconds: float

    @property
    def entropy(self) -> Floats:
        """Of meanings, by counts, in nats: a signal that is surer the less there is."""
        return -self.confidence[COUNTED]

    def as_sure(self, questions: Flags) -> Flags:
        """Of the wrong answers to these questions, whether their entropy is at most the median right answer's."""
        right = self.entropy[self.greedy.right]
        return self.entropy[self.greedy.wrong & questions] <= (np.median(right) if right.size else -1.0)


@dataclass(frozen=True, slots=True)
class Outcome:
    """observed: one a seed. samples: drawn of each question; weights: numbers in the model."""

    observed: tuple[Observed, ...]
    samples: int
    weights: int
