"""Self-consistency: sample several answers, keep the commonest, and take its share as the confidence.

Wang et al. 2022, "Self-consistency improves chain of thought reasoning in language models". What is counted is what an
answer says, so ``reading`` must take away what wording adds.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from openbook.evaluate.reading import normalised
from openbook.evaluate.scores import BadScores, as_array

MOST_SAMPLES = 1000
"""Samples of one question at most: agreement between more costs much and says nothing new."""


@dataclass(frozen=True, slots=True)
class Vote:
    """The winning answer as it was first given, and its share of all votes, which is the confidence in it.

    answer: None where no sample holds an answer.
    """

    answer: str | None
    share: float


def majority(
    samples: Sequence[str], reading: Callable[[str], str | None] = normalised, weights: Sequence[float] | None = None
) -> Vote:
    """argmax over a of Σ wᵢ 1(aᵢ = a), with its share of Σ wᵢ; of equal ones, the one that came first.

    reading: what a sample answers, None or "" where it answers nothing; such a sample still counts in the share.
    weights: one a sample, such as its probability; None weighs all alike.
    """
    check_samples(samples)
    shares = [1.0] * len(samples) if weights is None else _weights(weights, len(samples))
    votes: dict[str, float] = {}
    first: dict[str, str] = {}
    for sample, weight in zip(samples, shares, strict=True):
        said = reading(sample)
        if said:
            first.setdefault(said, sample)
            votes[said] = votes.get(said, 0.0) + weight
    if not votes:
        return Vote(None, 0.0)
    winner = max(votes, key=votes.__getitem__)  # a dict keeps its order, so that the first of equals wins
    return Vote(first[winner], votes[winner] / sum(shares))


def majority_by_the_equation(samples: Sequence[str], reading: Callable[[str], str | None] = normalised) -> Vote:
    """The same for equal weights, every answer compared with every other: what to read, in n² steps."""
    check_samples(samples)
    said = [reading(sample) for sample in samples]
    counts = [sum(other == answer for other in said) if answer else 0 for answer in said]
    best = max(range(len(said)), key=counts.__getitem__)
    return Vote(samples[best], counts[best] / len(said)) if counts[best] else Vote(None, 0.0)


def check_samples(samples: Sequence[str]) -> None:
    """Raise BadScores unless these are texts, one at least and not too many."""
    if isinstance(samples, str):
        raise BadScores("samples must be a list of texts, not one text: write [text]")
    if not 1 <= len(samples) <= MOST_SAMPLES:
        raise BadScores(f"there are {len(samples)} samples: pass 1 to {MOST_SAMPLES} of one question")


def _weights(weights: Sequence[float], n: int) -> list[float]:
    array = as_array(weights, "weights")
    if array.size != n or bool((array < 0).any()) or not array.sum():
        raise BadScores("weights must be one number of 0 or more for each sample, and not all 0")
    return [float(weight) for weight in array]
