"""Is each stage worth having on these questions? The same questions with a stage off, in a paired test."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from openbook.evaluate.answers import Questions, answered_at, handled
from openbook.evaluate.significance import holm, paired_randomisation

MEASURES = ("first sentence right", "handled rightly", "document's reciprocal rank")


@dataclass(frozen=True, slots=True)
class StageOff:
    """A measure with all stages and without one, over n questions. p_value: two-sided, after Holm's correction for all
    that are looked at.
    """

    name: str
    measure: str
    with_all: float
    without: float
    p_value: float
    n: int


def stages_off(everything: Questions, threshold: float, off: Mapping[str, tuple[Questions, float]]) -> list[StageOff]:
    """Each stage's absence by each measure that the questions bear. off: what came back without it, and the threshold
    that belongs to that.

    Right: of answerable questions, answered however sure. Handled rightly: of all, at the threshold.
    """
    before = _scores(everything, threshold)
    rows: list[tuple[str, str, Sequence[float], Sequence[float], float]] = []
    for name, (found, at) in off.items():
        for measure, (numbers, scores) in _scores(found, at).items():
            compared = paired_randomisation(before[measure][1], scores, groups=everything.group(numbers))
            rows.append((name, measure, before[measure][1], scores, compared.p_value))
    adjusted = holm([p for *_, p in rows])
    return [
        StageOff(name, measure, _mean(first), _mean(second), p, len(first))
        for (name, measure, first, second, _), p in zip(rows, adjusted, strict=True)
    ]


def _scores(found: Questions, threshold: float) -> dict[str, tuple[list[int], list[float]]]:
    """By measure: the questions that bear it, and their scores."""
    everything = list(range(len(found.wanted)))
    answerable = [n for n in everything if found.wanted[n].answerable]
    named = [n for n in everything if found.wanted[n].sources]
    dealt = handled(found, answered_at(found, threshold))
    ranks = [found.responses[n].file_rank for n in named]
    values = (
        (answerable, [float(found.right[n]) for n in answerable]),
        (everything, [float(each) for each in dealt]),
        (named, [1 / rank if rank else 0.0 for rank in ranks]),
    )
    return {measure: (numbers, scores) for measure, (numbers, scores) in zip(MEASURES, values, strict=True) if scores}


def _mean(scores: Sequence[float]) -> float:
    return sum(scores) / len(scores)
