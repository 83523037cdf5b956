"""A folder's threshold that promises how many new questions are answered wrongly at most."""

from collections.abc import Sequence
from math import floor

from openbook.answer.calibrate import Asked, Suited, once
from openbook.errors import OpenbookError
from openbook.evaluate.conformal import at_expected_false_answers, fewest


def guaranteed(asked: Sequence[Asked], most_wrong: float, before: float) -> Suited:
    """The lowest threshold at which ``most_wrong`` of new questions like these are answered wrongly, in expectation.

    A question asked twice counts once. Raises OpenbookError where they are too few, or answered too badly, for that.
    """
    asked = once(asked)
    if len(asked) < fewest(most_wrong):
        raise OpenbookError(
            f"{len(asked)} questions are too few to promise that at most {most_wrong:g} are answered wrongly: give "
            f"{fewest(most_wrong)} or more, or promise less"
        )
    point = at_expected_false_answers([a.confidence for a in asked], [float(a.right) for a in asked], most_wrong)
    if not point.coverage:
        raise OpenbookError(
            f"even the surest answers to these {len(asked)} questions are wrong too often to promise that at most "
            f"{most_wrong:g} are: give more questions, or promise less"
        )
    threshold = floor(point.threshold * 10_000) / 10_000
    below = max((a.confidence for a in asked if a.confidence < point.threshold), default=-1.0)
    return Suited(asked, threshold if threshold > below else point.threshold, before)
