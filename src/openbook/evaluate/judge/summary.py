"""What all judgements come to, criterion by criterion: means and shares with their intervals, and what went unread."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean

from openbook.evaluate.intervals import Interval, bootstrap_mean, wilson
from openbook.evaluate.judge.judgement import Judgement, Verdict
from openbook.evaluate.significance import paired_randomisation


@dataclass(frozen=True, slots=True)
class ScoreSummary:
    """mean: of the n that were read; interval: None for fewer than two, or one document. mass: mean probability on the
    scale; spread: mean standard deviation of samples.
    """

    criterion: str
    n: int
    mean: float | None
    interval: Interval | None
    unread: int
    flagged: int
    mass: float | None
    spread: float | None


@dataclass(frozen=True, slots=True)
class PairSummary:
    """first, second, tie: shares of the verdicts that were read, those that do not survive the swap being ties.
    p_value: of as many preferences for the one as for the other (paired randomisation).
    """

    criterion: str
    n: int
    first: Interval | None
    second: Interval | None
    tie: Interval | None
    p_value: float | None
    unread: int
    flagged: int


def score_summaries(judgements: Sequence[Judgement], documents: Mapping[str, str]) -> list[ScoreSummary]:
    """documents: of each case, "" where not known; texts of one document are drawn together."""
    return [
        _scores(name, [j for j in judgements if j.criterion == name], documents)
        for name in dict.fromkeys(j.criterion for j in judgements)
    ]


def pair_summaries(verdicts: Sequence[Verdict], documents: Mapping[str, str]) -> list[PairSummary]:
    return [
        _pairs(name, [v for v in verdicts if v.criterion == name], documents)
        for name in dict.fromkeys(v.criterion for v in verdicts)
    ]


def _scores(name: str, own: Sequence[Judgement], documents: Mapping[str, str]) -> ScoreSummary:
    read = [(j.case, j.score) for j in own if j.score is not None]
    scores = [score for _, score in read]
    interval = bootstrap_mean(scores, groups=_groups([case for case, _ in read], documents)) if scores else None
    return ScoreSummary(
        name,
        len(scores),
        fmean(scores) if scores else None,
        interval,
        len(own) - len(scores),
        sum(bool(j.flagged) for j in own),
        _mean([j.mass for j in own]),
        _mean([j.spread for j in own]),
    )


def _pairs(name: str, own: Sequence[Verdict], documents: Mapping[str, str]) -> PairSummary:
    read = [(v.case, v.kept) for v in own if v.kept is not None]
    kept = [choice for _, choice in read]
    unread, flagged = len(own) - len(read), sum(bool(v.flagged) for v in own)
    if not kept:
        return PairSummary(name, 0, None, None, None, None, unread, flagged)
    groups = _groups([case for case, _ in read], documents)
    wins, losses = ([float(choice == side) for choice in kept] for side in (1, 2))
    shares = [wilson(kept.count(choice), len(kept)) for choice in (1, 2, 0)]
    test = paired_randomisation(wins, losses, groups=groups)
    return PairSummary(name, len(kept), shares[0], shares[1], shares[2], test.p_value, unread, flagged)


def _groups(cases: Sequence[str], documents: Mapping[str, str]) -> list[str]:
    """What each case is drawn with: its document, or where none is known, itself."""
    return [f"document {documents[case]}" if documents.get(case) else f"case {case}" for case in cases]


def _mean(values: Sequence[float | None]) -> float | None:
    kept = [value for value in values if value is not None]
    return fmean(kept) if kept else None
