"""Does the shipped support model notice a made-up value? Statements against sentences, and pairs of paraphrases."""

from collections.abc import Sequence

import numpy as np

from openbook.evaluate.equivalence import bidirectional, entailment
from openbook.labs.hallucination.outcome import Paraphrase, Supported
from openbook.labs.hallucination.world import Fact, answered
from openbook.protocols import SupportScorer


def checked(
    support: SupportScorer, statements: Sequence[str], passages: Sequence[str], true: Sequence[bool]
) -> Supported:
    """Each statement against its own passage. true: whether the passage tells it."""
    found = [support(plain(s), [plain(p)])[0] for s, p in zip(statements, passages, strict=True)]
    return Supported(
        np.array(true, bool), np.array([one.score for one in found]), np.array([one.backed for one in found], bool)
    )


def paraphrases(support: SupportScorer, facts: Sequence[Fact], samples: Sequence[Sequence[str]]) -> Paraphrase:
    """Of each question, the first two sampled answers that differ in words: same value or not, as the model judges."""
    equivalent = bidirectional(entailment(support))
    same: list[bool] = []
    judged: list[bool] = []
    for fact, texts in zip(facts, samples, strict=True):
        named = [text for text in dict.fromkeys(texts) if answered(text, fact) is not None][:2]
        if len(named) == 2:
            same.append(answered(named[0], fact) == answered(named[1], fact))
            judged.append(equivalent(plain(named[0]), plain(named[1])))
    return Paraphrase(np.array(same, bool), np.array(judged, bool))


def plain(text: str) -> str:
    """As people write it: no blank before a full stop."""
    return text.replace(" .", ".")
