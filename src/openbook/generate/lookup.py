"""Greedy writing with drafts: what the model would say to each drafted token is found in one pass over all of them.

At temperature 0 a draft is right where it is the likeliest token, so what comes out is what comes out without drafts
(Leviathan, Kalman and Matias 2023, for the greedy case). One thing stands against that: a pass of several tokens and
one of a single token are other kernels, whose logits differ in the last digits, and by more where activations are
rounded. So a choice between two tokens that are nearer than twice the noise is not believed: the text is taken back to
where each token was read as without drafts, and read again from there one by one.
"""

from collections.abc import Iterator

import numpy as np

from openbook.generate.drafts import Drafts
from openbook.generate.engine import Text
from openbook.generate.sampling import Scores
from openbook.generate.writing import Writing
from openbook.values import Token


def looked_up(
    text: Text, scores: Scores, writing: Writing, noise: float, drafts: Drafts | None = None
) -> Iterator[Token]:
    """The tokens of ``one_by_one``. noise: how far off logits of a wider pass are, in standard deviations of a place's.

    Log-probabilities are within that noise of those without drafts.
    """
    drafts = drafts or Drafts()
    exact = len(writing.ids)
    """So many tokens at the beginning are in memory as they are without drafts."""
    rows, draft = scores[None], list[int]()
    while True:
        right = redone = 0
        for place, row in enumerate(rows):
            if exact < len(writing.ids) and not _sure(row, writing, noise):
                redone = len(writing.ids) - exact
                token = writing(_again(text, writing.ids, exact))
                exact += redone
            else:
                token = writing(row)
            if token is not None:
                yield token
            if not writing.left:
                return
            if redone or place == len(draft) or writing.ids[-1] != draft[place]:
                break
            right += 1
        drafts.learn(len(draft), right, redone)
        text.forget(len(writing.ids) - 1)
        draft = drafts.propose(writing.ids, writing.left - 1)
        rows = text.feed([writing.ids[-1], *draft], 1 + len(draft))
        if not draft and exact == len(writing.ids) - 1:
            exact += 1


def _sure(scores: Scores, writing: Writing, noise: float) -> bool:
    """Whether the likeliest token stays so when each logit moves by the noise."""
    if scores.size < 2:
        return True
    second, first = np.partition(writing.allowed(scores), -2)[-2:]
    return bool(first - second > 2 * noise * writing.stretch * scores.std())


def _again(text: Text, ids: list[int], exact: int) -> Scores:
    """Logits of what follows these ids, all after the first so many read one by one."""
    text.forget(exact)
    found = [text.feed([number])[0] for number in ids[exact:]]
    return found[-1]
