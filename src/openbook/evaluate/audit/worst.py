"""The texts that a judge and people see most differently, and the verdicts that turn with the order."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from openbook.evaluate.agreement import ranks
from openbook.evaluate.judge_agreement import Scored
from openbook.evaluate.position_bias import Compared


@dataclass(frozen=True, slots=True)
class Disagreement:
    """apart: the judge's rank of the text among all minus people's, as a share of them, from -1 to 1."""

    judge: str
    dimension: str
    document: str
    system: str
    name: str
    score: float
    human: float
    apart: float


def disagreements(rows: Sequence[Scored], most: int = 5) -> list[Disagreement]:
    """Of one judge and dimension, the largest first. Ranks, so that two scales can be set side by side."""
    score = ranks(np.array([row.score for row in rows], float))
    human = ranks(np.array([row.human for row in rows], float))
    apart = (score - human) / len(rows)
    places: list[int] = np.argsort(-np.abs(apart), kind="stable")[:most].tolist()
    return [_disagreement(rows[place], float(apart[place])) for place in places if apart[place]]


def _disagreement(row: Scored, apart: float) -> Disagreement:
    about = row.judge, row.dimension, row.document, row.system, row.name
    return Disagreement(*about, row.score, row.human, apart)


def flips(rows: Sequence[Compared], most: int = 5) -> list[Compared]:
    """Of one judge and dimension, verdicts that name the one text and, swapped, the other; those that people decided
    come first.
    """
    turned = [row for row in rows if row.choice and row.swapped and row.choice != row.swapped]
    return sorted(turned, key=lambda row: not row.human)[:most]
