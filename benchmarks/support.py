"""Is a statement backed by its source? The support model on people's labels, none of which it has learnt from.

rank19: for one source sentence a right and a wrong summary, 373 pairs. SummEval: summaries of 100 articles, by whether
three experts gave consistency the full mark, one sentence of a summary at a time against the whole article; a summary
is as backed as its least backed sentence. Beside it what needs no training: the share of a statement's words that the
source holds, and the embedder's cosine. Writes evidence/support.json, and with --write the shipped threshold: the one
that a twentieth of the unbacked statements made of the calibration part's texts reach.
Run: python -m benchmarks.support [--model DIR] [--trained DIR] [--write]
"""

import argparse
import json
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from pathlib import Path

import numpy as np

from benchmarks.data import ROOT, first_half, read_rows
from benchmarks.fp32 import fp32_of
from benchmarks.publish import columns, publish, with_interval
from openbook import recipes
from openbook.answer.overlap import stems
from openbook.documents import sentences
from openbook.encode import open_encoder
from openbook.encode.pair import open_pair
from openbook.encode.support import SHIPPED_SUPPORT, SupportChecker
from openbook.encode.threshold import THRESHOLD
from openbook.evaluate.calibration import auroc
from openbook.evaluate.intervals import Interval, bootstrap_mean, wilson
from openbook.evaluate.significance import paired_randomisation
from openbook.heads.pair_data import made_claims
from openbook.heads.pair_recipe import PairRecipe
from openbook.protocols import Vector
from openbook.report.record import Figure
from openbook.report.tables import Table
from openbook.values import Span

RANK, SUMMARIES = "grounding/rank19.jsonl.gz", "judge/summeval.jsonl.gz"
TRAINED = Path("runs/support/model")
INT8, FP32 = "support, INT8", "support, FP32"
FULL = 4.99
PASSING = 0.05
"""The share of unbacked statements that the shipped threshold lets through, on texts that were not learnt from."""

MOST = 1_500
"""Made statements of a part, drawn."""

Score = Callable[[str, str], float]
"""(statement, source) to a number that is larger the better the source backs it."""


Judged = tuple[list[str], list[float], list[float]]
"""Of each summary: its document, its score, its label."""


def overlap(statement: str, source: str) -> float:
    said = stems(statement)
    return len(said & stems(source)) / max(1, len(said))


def ranked(score: Score) -> tuple[list[float], list[float]]:
    """The scores of the right and of the wrong summaries, pair by pair."""
    rows = read_rows(RANK)
    return [score(r["correct"], r["source"]) for r in rows], [score(r["incorrect"], r["source"]) for r in rows]


def summaries(score: Score) -> Judged:
    """The score is that of the least backed sentence, the label whether the experts gave the full mark."""
    documents: list[str] = []
    scores: list[float] = []
    labels: list[float] = []
    known: dict[tuple[str, str], float] = {}
    for row in read_rows(SUMMARIES):
        text, document = str(row["summary"]), str(row["doc_id"])
        claims = [span.of(text) for span in sentences(text, Span(0, len(text)))] or [text]
        for claim in claims:
            if (document, claim) not in known:
                known[document, claim] = score(claim, str(row["source"]))
        documents.append(document)
        scores.append(min(known[document, claim] for claim in claims))
        labels.append(float(row["expert"]["consistency"] >= FULL))
    return documents, scores, labels


def made(score: Score, part: str) -> tuple[list[float], list[float]]:
    """Scores and labels of statements made of a part's texts and questions."""
    recipe = recipes.read(ROOT / "recipes" / "support.toml", PairRecipe, [])
    examples = made_claims(recipe.data, part, 0, print)
    drawn = np.random.default_rng(0).permutation(len(examples))[:MOST]
    chosen = [examples[n] for n in drawn.tolist()]
    return [score(e.question, e.passage) for e in chosen], [float(bool(e.answerable)) for e in chosen]


def balanced(scores: Sequence[float], labels: Sequence[float], threshold: float) -> float:
    """The mean of the two kinds' shares that are judged right."""
    said = np.array(scores) >= threshold
    truth = np.array(labels) > 0
    return float((said[truth].mean() + (~said[~truth]).mean()) / 2)


def area_of(scores: Sequence[float], labels: Sequence[float]) -> float:
    return auroc(np.array(scores), np.array(labels)) or 0.0


def limit_of(scores: Sequence[float], labels: Sequence[float]) -> float:
    """The least threshold that at most ``PASSING`` of the unbacked reach."""
    unbacked = np.sort([s for s, label in zip(scores, labels, strict=True) if not label])
    return float(np.nextafter(unbacked[-1 - int(PASSING * len(unbacked))], np.inf))


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--model", type=Path, default=SHIPPED_SUPPORT)
    parser.add_argument("--trained", type=Path, default=TRAINED, help="the FP32 weights that the model was made from")
    parser.add_argument("--write", action="store_true", help="write the threshold beside the model")
    given = parser.parse_args()
    scorer, encoder = open_pair(given.model), open_encoder()
    checker = SupportChecker(scorer, 0.0, scorer.reads_whole)
    limit = limit_of(*made(lambda s, p: checker(s, [p])[0].score, "calibration"))
    if given.write:
        said = {"threshold": round(limit, 4), "unbacked_passing": PASSING, "scorer": scorer.digest}
        (given.model / THRESHOLD).write_text(json.dumps(said, indent=2) + "\n", encoding="utf-8")

    @cache
    def vector(text: str) -> Vector:
        return encoder([text])[0]

    def cosine(statement: str, source: str) -> float:
        return float(vector(statement) @ vector(source))

    systems: dict[str, Score] = {
        INT8: lambda s, p: checker(s, [p])[0].score,
        "words in common": overlap,
        "embedder's cosine": cosine,
    }
    weights = fp32_of(given.trained, "support")
    if weights is not None:
        fp32 = SupportChecker(weights, 0.0, scorer.reads_whole)
        systems[FP32] = lambda s, p: fp32(s, [p])[0].score
    figures = [Figure("threshold", limit)]
    rows: list[tuple[str, ...]] = []
    above: dict[str, list[float]] = {}
    judged: dict[str, Judged] = {}
    for name, score in systems.items():
        right, wrong = ranked(score)
        above[name] = [1.0 if g > b else 0.5 if g == b else 0.0 for g, b in zip(right, wrong, strict=True)]
        share = bootstrap_mean(above[name])
        assert share is not None
        pairs = area_of([*right, *wrong], [1.0] * len(right) + [0.0] * len(wrong))
        figures += [
            Figure(f"{name}: rank19 right above wrong", share.value, low=share.low, high=share.high, n=len(right)),
            Figure(f"{name}: rank19 AUROC", pairs, n=2 * len(right)),
        ]
        consistent = ("–", "–")
        if name != FP32:  # whole articles take it long, and INT8 differs little
            judged[name] = summaries(score)
            consistent = consistency(name, judged[name], figures)
        rows.append((name, with_interval(share), f"{pairs:.3f}", *consistent))
    better = paired_randomisation(above[INT8], above["words in common"]).p_value
    figures.append(Figure("p, ranked above against words in common", better))
    note = (
        f"Ranked: of 373 pairs, the right one scores higher; p = {better:.4f} against words in common. SummEval: "
        "summaries of articles that no threshold was set on; balanced accuracy is the mean over backed and not, at the "
        "threshold that is best on the other articles."
    )
    names = columns("", "rank19 ranked", "AUROC", "SummEval AUROC", "balanced")
    tables = {"support": Table("Is it backed? People's labels", names, tuple(rows), note)}
    tables["support_made"] = at_the_threshold(systems[INT8], judged[INT8], limit, figures)
    publish(
        "support", figures, tables, data=[RANK, SUMMARIES],
        code=["src/openbook/weights/support"],
    )  # fmt: skip


def consistency(name: str, judged: Judged, figures: list[Figure]) -> tuple[str, str]:
    """AUROC and balanced accuracy on the articles that the threshold was not set on."""
    documents, scores, labels = judged
    tuned, kept = (
        [(s, y) for d, s, y in zip(documents, scores, labels, strict=True) if first_half(d) == first]
        for first in (True, False)
    )
    best = max({s for s, _ in tuned}, key=lambda t: balanced(*zip(*tuned, strict=True), t))
    area, accuracy = area_of(*zip(*kept, strict=True)), balanced(*zip(*kept, strict=True), best)
    figures.append(Figure(f"{name}: SummEval AUROC", area, n=len(kept)))
    figures.append(Figure(f"{name}: SummEval balanced accuracy", accuracy, n=len(kept)))
    return f"{area:.3f}", f"{accuracy:.3f}"


def at_the_threshold(score: Score, judged: Judged, limit: float, figures: list[Figure]) -> Table:
    """What passes at the shipped threshold, of every kind."""
    rows: list[tuple[str, ...]] = []
    right, wrong = ranked(score)
    _, scores, labels = judged
    kinds: Mapping[str, tuple[Sequence[float], Sequence[float]]] = {
        "made, texts not learnt from": made(score, "test"),
        "rank19": ([*right, *wrong], [1.0] * len(right) + [0.0] * len(wrong)),
        "SummEval's summaries": (scores, labels),
    }
    for name, (found, backed) in kinds.items():
        passing = np.array(found) >= limit
        truth = np.array(backed) > 0
        shares: list[Interval] = [wilson(int(p.sum()), len(p)) for p in (passing[truth], passing[~truth])]
        for what, share in zip(("backed", "unbacked"), shares, strict=True):
            figures.append(Figure(f"{name}: {what} kept", share.value, low=share.low, high=share.high, n=share.n))
        rows.append((name, f"{area_of(found, backed):.3f}", *map(with_interval, shares)))
    names = columns("statements", "AUROC", "backed: kept", "unbacked: kept")
    note = f"The threshold lets {PASSING:.0%} of unbacked made statements through on the calibration part."
    return Table("What is kept at the shipped threshold", names, tuple(rows), note)


if __name__ == "__main__":
    main()
