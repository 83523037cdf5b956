"""A rubric: several criteria on one scale, each scored by itself, and their weighted mean."""

from collections.abc import Mapping, Sequence

from openbook.evaluate.judge.criterion import Criterion

RUBRIC = "rubric"
"""What stands in the place of a criterion's name for the whole."""


def weighted_mean(criteria: Sequence[Criterion], scores: Mapping[str, float | None]) -> float | None:
    """Σ wᵢ sᵢ / Σ wᵢ; None where a score is missing, since a mean of the others would be of another rubric."""
    found = [scores.get(criterion.name) for criterion in criteria]
    if any(score is None for score in found):
        return None
    weights = [criterion.weight for criterion in criteria]
    return sum(w * (s or 0.0) for w, s in zip(weights, found, strict=True)) / sum(weights)
