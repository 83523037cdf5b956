"""All that can be said of recorded judgements, each part where the rows carry what it needs."""

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TypeAlias, TypeVar

from openbook.evaluate.audit.ceiling import Ceiling, ceiling
from openbook.evaluate.audit.change import by_holm
from openbook.evaluate.audit.judge_calibration import Calibration, Point, curve, judge_calibration
from openbook.evaluate.audit.judges_compared import JudgePair, judges_compared
from openbook.evaluate.audit.length_bias import LengthBias, length_bias
from openbook.evaluate.audit.longer import Longer, longer
from openbook.evaluate.audit.notes import unmeasured
from openbook.evaluate.audit.null_answer import NullAnswer, NullScore, null_scores, null_verdicts
from openbook.evaluate.audit.scale_use import ScaleUse, scale_use
from openbook.evaluate.audit.swap_average import SwapAveraged, swap_averages, verdict_judges
from openbook.evaluate.audit.worst import Disagreement, disagreements, flips
from openbook.evaluate.compare_all import SystemPair
from openbook.evaluate.judge_agreement import Agreement, Scored, agreements
from openbook.evaluate.position_bias import Compared, Swaps, swaps
from openbook.evaluate.significance import holm

Progress: TypeAlias = Callable[[int, int], None]
"""Parts done, and parts in all."""

_Row = TypeVar("_Row", Scored, Compared, NullScore)
_Measured = TypeVar("_Measured")
_Tested = TypeVar("_Tested", Calibration, Longer)
_Key: TypeAlias = tuple[str, str]  # judge, dimension


@dataclass(frozen=True, slots=True)
class Judgements:
    """scored, compared: real texts; nulls: scores of constant answers, which count for nothing else. scale: declared
    ends of the scores.
    """

    scored: Sequence[Scored] = ()
    compared: Sequence[Compared] = ()
    nulls: Sequence[NullScore] = ()
    scale: tuple[float, float] | None = None


@dataclass(frozen=True, slots=True)
class Audit:
    """Every p value is adjusted by Holm within its list. curves: people's mean by the judge's score. notes: what could
    not be measured, a sentence each.
    """

    agreements: list[Agreement]
    judge_pairs: list[JudgePair]
    ceilings: list[Ceiling]
    calibrations: list[Calibration]
    curves: list[tuple[str, str, list[Point]]]
    scale_uses: list[ScaleUse]
    length_biases: list[LengthBias]
    nulls: list[NullAnswer]
    swaps: list[Swaps]
    swap_averages: list[SwapAveraged]
    longer: list[Longer]
    verdict_judges: list[SystemPair]
    disagreements: list[Disagreement]
    flips: list[Compared]
    notes: list[str]


def audit(judgements: Judgements, progress: Progress | None = None) -> Audit:
    """By judge and dimension, in the order of the rows."""
    scored, nulls = _grouped(judgements.scored), _grouped(judgements.nulls)
    compared = _grouped([row for row in judgements.compared if not row.null])
    against_null = _grouped([row for row in judgements.compared if row.null])
    groups = list(scored.values())
    done, total = 0, 3 * len(groups)

    def each(measured: Callable[[Sequence[Scored]], _Measured]) -> Iterator[_Measured]:
        nonlocal done
        for rows in groups:
            yield measured(rows)
            done += 1
            if progress:
                progress(done, total)

    agreeing = [one for found in each(agreements) for one in found]
    ceilings = [one for one in each(ceiling) if one]
    biases = [one for one in each(length_bias) if one]
    pairs = judges_compared(judgements.scored)
    null_answers = [
        *(null_scores(nulls.get(key, ()), rows) for key, rows in scored.items()),
        *map(null_verdicts, against_null.values()),
    ]
    return Audit(
        agreements=agreeing,
        judge_pairs=pairs,
        ceilings=_ceilings_by_holm(ceilings),
        calibrations=_by_holm([judge_calibration(rows) for rows in groups]),
        curves=[(*key, curve(rows)) for key, rows in scored.items()],
        scale_uses=[scale_use(rows, judgements.scale) for rows in groups],
        length_biases=_length_by_holm(biases),
        nulls=[one for one in null_answers if one],
        swaps=swaps([row for rows in compared.values() for row in rows]),
        swap_averages=swap_averages(list(compared.values())),
        longer=_by_holm([one for rows in compared.values() if (one := longer(rows))]),
        verdict_judges=verdict_judges([row for rows in compared.values() for row in rows]),
        disagreements=[one for rows in groups for one in disagreements(rows)],
        flips=[one for rows in compared.values() for one in flips(rows)],
        notes=list(unmeasured(scored, nulls, pairs)),
    )


def _grouped(rows: Sequence[_Row]) -> dict[_Key, list[_Row]]:
    found: dict[_Key, list[_Row]] = defaultdict(list)
    for row in rows:
        found[row.judge, row.dimension].append(row)
    return found


def _by_holm(rows: Sequence[_Tested]) -> list[_Tested]:
    adjusted = iter(holm([one.p_value for one in rows if one.p_value is not None]))
    return [one if one.p_value is None else replace(one, p_value=next(adjusted)) for one in rows]


def _ceilings_by_holm(rows: Sequence[Ceiling]) -> list[Ceiling]:
    changes = by_holm([one.change for one in rows])
    return [replace(one, change=change) for one, change in zip(rows, changes, strict=True)]


def _length_by_holm(rows: Sequence[LengthBias]) -> list[LengthBias]:
    changes = iter(by_holm([one.controlled.agreement for one in rows if one.controlled]))
    return [
        replace(one, controlled=replace(one.controlled, agreement=next(changes))) if one.controlled else one
        for one in rows
    ]
