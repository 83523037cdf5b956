"""The weights that ``ask`` adds its signals up with, and its threshold, fitted on questions that nothing else saw.

Rank: a logistic model of "this passage is the one that was asked about". Reader: of "this sentence holds the answer".
Confidence: of "the best sentence holds the answer", over answerable and absent questions. Threshold: the largest
coverage at which at most 10% of each set's absent questions are answered.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from benchmarks.answer_seen import Outcome, Remembering, Seen, Way, answered, holds, sureness
from benchmarks.corpus import PREFIX
from benchmarks.logistic import fit_logistic
from openbook.answer.confidence import Calibration
from openbook.answer.read import SentenceReader
from openbook.evaluate.abstention import at_false_answers

SIMILARITY = ("cosine", "coverage", "passage")
TOGETHER = (*SIMILARITY, "marked", "relevance", "no_answer")
RANKED = ("fused", "relevance")
ABSENT_ANSWERED = 0.10
K = 8


def fit(sets: Mapping[str, Sequence[Seen]], embedder: Remembering, way: Way, scorer: str) -> Calibration:
    """scorer: the pair encoder's digest, kept where the way reads with it. ``made`` is left for later."""
    seen = [one for of_set in sets.values() for one in of_set]
    names = TOGETHER if way.read else SIMILARITY
    rank = rank_weights(seen) if way.rerank else {}
    unweighted = SentenceReader(embedder, dict.fromkeys(names, 1.0))
    looked = [answered(one, unweighted, rank, way, K) for one in seen]
    reader = SentenceReader(embedder, reader_weights(seen, looked, names))
    usual = {
        name: [(one, answered(one, reader, rank, way, K)) for one in of_set if one.asked.kind != "unanswerable"]
        for name, of_set in sets.items()
    }
    outcomes = [outcome for of_set in usual.values() for _, outcome in of_set]
    signals = (*names, "found")
    rows = np.array([[o.signals.get(name, 0.0) for name in signals] for o in outcomes])
    model = fit_logistic(rows, np.array([float(o.right) for o in outcomes]))
    named = {"bias": model.bias, **dict(zip(signals, model.weights, strict=True))}
    fitted = Calibration(
        embedder.digest, _rounded(reader.weights), _rounded(named), 0.0, scorer if way.read else "", _rounded(rank)
    )
    thresholds: list[float] = []
    for of_set in usual.values():
        sure = sureness([outcome for one, outcome in of_set if one.asked.kind == "absent"], fitted)
        thresholds.append(at_false_answers(sure, np.zeros(len(sure)), ABSENT_ANSWERED).threshold)
    return replace(fitted, threshold=round(max(thresholds), 3))


def rank_weights(seen: Sequence[Seen]) -> dict[str, float]:
    of = [(one, p) for one in seen if one.asked.gold is not None for p in one.pool]
    rows = np.array([[p.signals[name] for name in RANKED] for _, p in of])
    labels = np.array([float(one.asked.gold is not None and p.uri == PREFIX + one.asked.gold[0]) for one, p in of])
    return dict(zip(RANKED, map(float, fit_logistic(rows, labels).weights), strict=True))


def reader_weights(seen: Sequence[Seen], looked: Sequence[Outcome], names: Sequence[str]) -> dict[str, float]:
    of = [(s, c) for s, o in zip(seen, looked, strict=True) if s.asked.kind == "answerable" for c in o.candidates]
    rows = np.array([[c.signals[name] for name in names] for _, c in of])
    labels = np.array([float(holds(c, s.asked.gold)) for s, c in of])
    return dict(zip(names, map(float, fit_logistic(rows, labels).weights), strict=True))


def _rounded(weights: Mapping[str, float]) -> dict[str, float]:
    return {name: round(float(value), 4) for name, value in weights.items()}
