"""SelfCheckGPT: what a model knows it says again; a sentence that its other samples do not bear out is suspect.

Manakul et al. 2023, "SelfCheckGPT: zero-resource black-box hallucination detection". Needs texts alone, no
probabilities, and one comparison for each sentence and sample.
"""

from collections.abc import Callable, Sequence

from openbook.evaluate.scores import BadScores, as_shares
from openbook.evaluate.self_consistency import check_samples

Consistent = Callable[[str, str], float]
"""(sentence, sample) to how far the sample bears the sentence out, from 0 (contradicts it) to 1."""


def unsupported(sentences: Sequence[str], samples: Sequence[str], consistent: Consistent) -> list[float]:
    """S(i) = 1 - 1/N Σₙ consistent(sentence i, sample n), one a sentence: 0 where all bear it out, 1 where none.

    With an entailment model, 1 - consistent is its probability of a contradiction (section 5.4 of the paper). Raises
    BadScores where there is nothing to compare, or a value lies outside 0 to 1.
    """
    check_samples(samples)
    check_samples(sentences)
    found: list[float] = []
    for sentence in sentences:
        agreed = as_shares([consistent(sentence, sample) for sample in samples], "consistent")
        found.append(1.0 - float(agreed.mean()))
    return found


def unsupported_answer(sentences: Sequence[str], samples: Sequence[str], consistent: Consistent) -> float:
    """A whole answer's score: the mean over its sentences, as the paper ranks passages."""
    each = unsupported(sentences, samples, consistent)
    return sum(each) / len(each)


def worst_sentence(sentences: Sequence[str], scores: Sequence[float]) -> tuple[str, float]:
    """The sentence to look at first, and its score."""
    if not scores or len(sentences) != len(scores):
        raise BadScores(f"{len(sentences)} sentences have {len(scores)} scores: pass one score for each sentence")
    place = max(range(len(scores)), key=scores.__getitem__)
    return sentences[place], scores[place]
