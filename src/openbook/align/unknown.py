"""How much of a text a policy cannot read: tokens that stand for whatever its vocabulary has no piece for.

A tokenizer over bytes reads everything. One over words or characters makes one unknown token of all that it lacks, and
a policy would be trained on texts that say nothing to it.
"""

from collections.abc import Iterable
from itertools import chain

import numpy as np

from openbook.align.groups import Group, Ids
from openbook.align.problems import AlignProblem
from openbook.tokens import Tokenizer

MOST = 0.2
"""The share of unknown tokens from which on nothing is learnt."""


def unknown_share(tokenizer: Tokenizer, texts: Iterable[Ids]) -> float:
    """Of all tokens of these texts; 0 where there are none."""
    if tokenizer.unknown is None:
        return 0.0
    whole = np.concatenate([np.zeros(0, np.int64), *texts])
    return float((whole == tokenizer.unknown).mean()) if whole.size else 0.0


def noted(tokenizer: Tokenizer, texts: Iterable[Ids], what: str) -> tuple[tuple[str, str], ...]:
    """What a person is told before the first step, nothing where every token is known. what: the texts' name.

    Raises AlignProblem where more than ``MOST`` are unknown.
    """
    share = unknown_share(tokenizer, texts)
    if share > MOST:
        raise AlignProblem(
            f"{share:.0%} of the tokens of {what} are unknown to {tokenizer.where}, whose vocabulary has "
            f"{len(tokenizer):,} pieces: take a base that was trained on such texts"
        )
    return (("unknown tokens", f"{share:.2%} of {what}"),) if share else ()


def ids_of(groups: Iterable[Group]) -> Iterable[Ids]:
    """The tokens of every prompt and reply."""
    return chain.from_iterable((group.prompt, *group.replies) for group in groups)
