"""How sure of its answer is a model? Every signal of the answer and of the samples beside it, larger being surer."""

from collections.abc import Sequence

from openbook.evaluate.equivalence import same_words
from openbook.evaluate.self_check import unsupported_answer
from openbook.evaluate.self_consistency import majority
from openbook.evaluate.semantic_entropy import (
    discrete_semantic_entropy,
    length_normalised,
    meanings,
    predictive_entropy,
    semantic_entropy,
)
from openbook.labs.hallucination.speak import Said
from openbook.labs.hallucination.world import Fact, answered

LIKELIHOOD = "sequence likelihood"
LEAST = "least sure word"
CONSISTENCY = "self-consistency"
SELF_CHECK = "SelfCheck"
SEMANTIC = "semantic entropy"
COUNTED = "semantic, counts"
WORDINGS = "entropy of wordings"
NAIVE = "naive entropy"

SINGLE = (LIKELIHOOD, LEAST)
"""Those that need the answer alone; all others need samples beside it."""

SHARES = (LIKELIHOOD, LEAST, CONSISTENCY, SELF_CHECK)
"""Those that are shares or logarithms of a probability, so that one can ask whether they mean what they say."""


def same_meaning(fact: Fact, left: str, right: str) -> bool:
    """Both name the same value; what names none means only itself."""
    value = answered(left, fact)
    return left == right or (value is not None and value == answered(right, fact))


def signals(fact: Fact, answer: Said, samples: Sequence[Said]) -> dict[str, float]:
    """By name. Samples are read for the value they name, which an ideal judge of meaning would do."""
    texts = [sample.text for sample in samples]
    clusters = meanings(texts, lambda left, right: same_meaning(fact, left, right))
    logs = [length_normalised(sample.logprobs) for sample in samples]
    checked = unsupported_answer([answer.text], texts, lambda a, b: float(same_meaning(fact, a, b)))
    return {
        LIKELIHOOD: sum(answer.logprobs),
        LEAST: min(answer.logprobs),
        CONSISTENCY: majority(texts, lambda text: answered(text, fact)).share,
        SELF_CHECK: 1 - checked,
        SEMANTIC: -semantic_entropy(clusters, logs),
        COUNTED: -discrete_semantic_entropy(clusters),
        WORDINGS: -discrete_semantic_entropy(meanings(texts, same_words)),
        NAIVE: -predictive_entropy(logs),
    }
