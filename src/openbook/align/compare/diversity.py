"""How much replies to one prompt differ: a policy that found one good trick writes it every time.

distinct-n (Li et al. 2016) is the share of n-grams that are different. It falls with length alone; so does less the
share of replies that are different.
"""

from collections.abc import Sequence

from openbook.evaluate.ngrams import ngrams


def distinct(texts: Sequence[str], n: int) -> float:
    """Different n-grams of words over all of them in these texts; 1 where no text is as long as n."""
    found = [ngrams(text.split(), n) for text in texts]
    every = sum(one.total() for one in found)
    return len({gram for one in found for gram in one}) / every if every else 1.0


def different(texts: Sequence[str]) -> float:
    """The share of the texts that are different: 1 where all are, 1 / n where all are one."""
    return len(set(texts)) / len(texts)
