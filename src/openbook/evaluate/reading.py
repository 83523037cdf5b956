"""Exact match and token F1 of an answer, scored as SQuAD 2.0 scores them (Rajpurkar et al. 2016 and 2018).

The empty string stands for "no answer". A question without a reference that says something is unanswerable: only "no
answer" earns its point, and all of it; on an answerable question "no answer" earns nothing.
"""

import re
import string
from collections import Counter
from collections.abc import Callable, Sequence

from openbook.evaluate.scores import BadScores

_ARTICLES = re.compile(r"\b(?:a|an|the)\b")
_WITHOUT_PUNCTUATION = str.maketrans("", "", string.punctuation)


def normalised(answer: str) -> str:
    """Lower case, ASCII punctuation removed, then the articles a, an and the, then single spaces; in this order."""
    bare = answer.lower().translate(_WITHOUT_PUNCTUATION)
    return " ".join(_ARTICLES.sub(" ", bare).split())


def exact_match(answer: str, references: Sequence[str]) -> float:
    """1 if the normalised answer equals a normalised reference, else 0."""
    return _best(answer, references, lambda ours, theirs: float(ours == theirs))


def token_f1(answer: str, references: Sequence[str]) -> float:
    """The largest F1, over the references, between the bags of normalised tokens of the answer and of a reference."""
    return _best(answer, references, _overlap)


def _overlap(ours: str, theirs: str) -> float:
    """2PR / (P + R) = 2 shared / (all tokens of both), tokens counted as often as they occur."""
    left, right = ours.split(), theirs.split()
    if not left or not right:
        return float(left == right)
    shared = (Counter(left) & Counter(right)).total()
    return 2 * shared / (len(left) + len(right))


def _best(answer: str, references: Sequence[str], score: Callable[[str, str], float]) -> float:
    if isinstance(references, str):
        raise BadScores("references must be a list of strings, not one string: write [reference]")
    # A reference of articles and punctuation alone says nothing, so the official script drops it.
    said = [reference for reference in map(normalised, references) if reference] or [""]
    ours = normalised(answer)
    return max(score(ours, reference) for reference in said)
