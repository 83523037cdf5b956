"""Names of judges and dimensions short enough for a table, and no two alike: figures stay with whom they are of."""

from collections.abc import Sequence
from dataclasses import Field, replace
from typing import Any, ClassVar, Protocol, TypeVar

from openbook.cli.screen import visible
from openbook.evaluate.audit.judges_compared import JudgePair
from openbook.evaluate.audit.whole import Audit
from openbook.evaluate.compare_all import SystemPair
from openbook.report.characters import width

_MOST_JUDGE, _MOST_DIMENSION = 28, 20
_JOINTS = "-_/:.,# "
_LEAST_PREFIX = 4

_Pair = TypeVar("_Pair", JudgePair, SystemPair)


class _Row(Protocol):
    """A figure of one judge and dimension."""

    __dataclass_fields__: ClassVar[dict[str, Field[Any]]]

    @property
    def judge(self) -> str: ...
    @property
    def dimension(self) -> str: ...


_Rows = TypeVar("_Rows", bound=_Row)


def with_short_names(found: Audit) -> Audit:
    """The same figures, to be shown; whole names stay in the notes."""
    rows = [*found.agreements, *found.swaps, *found.nulls]
    pairs = [*found.judge_pairs, *found.verdict_judges]
    judges = apart([*(one.judge for one in rows), *(n for one in pairs for n in (one.first, one.second))], _MOST_JUDGE)
    dimensions = apart([one.dimension for one in rows], _MOST_DIMENSION)

    def named(rows: Sequence[_Rows]) -> list[_Rows]:
        return [replace(one, judge=judges[one.judge], dimension=dimensions[one.dimension]) for one in rows]

    return Audit(
        agreements=named(found.agreements),
        judge_pairs=[replace(_pair(o, judges), dimension=dimensions[o.dimension]) for o in found.judge_pairs],
        ceilings=named(found.ceilings),
        calibrations=named(found.calibrations),
        curves=[(judges[judge], dimensions[dimension], points) for judge, dimension, points in found.curves],
        scale_uses=named(found.scale_uses),
        length_biases=named(found.length_biases),
        nulls=named(found.nulls),
        swaps=named(found.swaps),
        swap_averages=named(found.swap_averages),
        longer=named(found.longer),
        verdict_judges=[_pair(one, judges) for one in found.verdict_judges],
        disagreements=named(found.disagreements),
        flips=named(found.flips),
        notes=found.notes,
    )


def apart(names: Sequence[str], most: int) -> dict[str, str]:
    """Each name in about ``most`` columns: what all begin with is left out where one is longer, then the middle of it.

    Names that would come out alike are numbered.
    """
    every = list(dict.fromkeys(names))
    said = {name: visible(name) for name in every}
    if any(width(one) > most for one in said.values()) and len(every) > 1:
        prefix = _shared(list(said.values()))
        if prefix >= _LEAST_PREFIX:
            said = {name: f"…{one[prefix:]}" for name, one in said.items()}
    short = {name: _cut(one, most) for name, one in said.items()}
    alike = [name for name in every if list(short.values()).count(short[name]) > 1]
    return short | {name: f"{short[name]} ({number})" for number, name in enumerate(alike, start=1)}


def _shared(names: Sequence[str]) -> int:
    """How many characters all begin with, up to a joint."""
    first, last = min(names), max(names)  # what the extremes share, all share
    alike = next((n for n, (a, b) in enumerate(zip(first, last, strict=False)) if a != b), min(len(first), len(last)))
    return max(first[:alike].rfind(joint) for joint in _JOINTS) + 1


def _cut(name: str, most: int) -> str:
    """Both ends of it: names of one family differ at either."""
    head = most * 3 // 5
    return name if len(name) <= most else f"{name[:head]}…{name[head + 1 - most :]}"


def _pair(one: _Pair, judges: dict[str, str]) -> _Pair:
    """In the verdict too, where it names one."""
    better = next((name for name in (one.first, one.second) if one.verdict == f"{name} is better"), None)
    verdict = one.verdict if better is None else f"{judges[better]} is better"
    return replace(one, first=judges[one.first], second=judges[one.second], verdict=verdict)
