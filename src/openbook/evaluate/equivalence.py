"""Do two answers mean the same, and does one bear out the other? By their words, or by a support model.

What self-consistency, SelfCheck and semantic entropy are handed. Words are cheap and take a paraphrase for another
answer; a support model reads both, at the price of two passes a pair.
"""

from collections.abc import Callable

from openbook.evaluate.reading import normalised
from openbook.protocols import SupportScorer

Entails = Callable[[str, str], bool]
"""(premise, statement): whether whoever says the premise says the statement too."""


def same_words(left: str, right: str) -> bool:
    """Equal once case, punctuation, articles and blanks are taken away, as SQuAD compares answers."""
    return normalised(left) == normalised(right)


def bidirectional(entails: Entails) -> Callable[[str, str], bool]:
    """Two answers mean the same where each entails the other (Kuhn et al. 2023, section 3.2)."""

    def equivalent(left: str, right: str) -> bool:
        return left == right or (entails(left, right) and entails(right, left))

    return equivalent


def entailment(support: SupportScorer) -> Entails:
    """Entailment by a support model such as the shipped one: the premise stands in the place of the passage.

    Give whole sentences, "The capital is Paris" and not "Paris". Putting the question before both texts, as Farquhar et
    al. (2024) do for large models, makes the shipped model take what is the same in both for support. A pair is read
    once and then remembered.
    """
    known: dict[tuple[str, str], bool] = {}

    def entails(premise: str, statement: str) -> bool:
        if (premise, statement) not in known:
            known[premise, statement] = support(statement, [premise])[0].backed
        return known[premise, statement]

    return entails


def borne_out(entails: Entails) -> Callable[[str, str], float]:
    """``consistent(answer, sample)`` for SelfCheck: 1 where the sample entails the answer, else 0."""
    return lambda answer, sample: float(entails(sample, answer))
