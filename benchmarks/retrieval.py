"""Which search is best: BM25, dense, reciprocal ranks or the convex combination, on SQuAD and MedQuAD.

One weight of the combination is chosen for both sets on half of the questions (halved by article or by answer), and
every figure is from the other half. Writes evidence/retrieval.json. Run: python -m benchmarks.retrieval
"""

import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np

from benchmarks.corpus import Corpus, build
from benchmarks.data import first_half, judgements, read_rows
from benchmarks.publish import columns, publish, with_interval
from openbook.encode import open_encoder
from openbook.evaluate import retrieval as measures
from openbook.evaluate.intervals import bootstrap_mean
from openbook.evaluate.significance import holm, paired_randomisation
from openbook.index import SearchSettings
from openbook.index.fuse import convex_combination, reciprocal_rank_fusion
from openbook.report.record import Figure
from openbook.report.tables import Table
from openbook.values import Hit

SETS = {"SQuAD": "squad", "MedQuAD": "medquad"}
MAX_QUERIES = 4000
WEIGHTS = [round(0.05 * step, 2) for step in range(21)]
CANDIDATES = SearchSettings().candidates
OURS = SearchSettings().weight
RESAMPLES = 2000
MEASURES: Mapping[str, Callable[..., float]] = {
    "recall@10": partial(measures.recall, k=10),
    "MRR": measures.reciprocal_rank,
    "nDCG@10": partial(measures.ndcg, k=10),
}

Lists = tuple[Sequence[Hit], Sequence[Hit]]
SYSTEMS: Mapping[str, Callable[[Lists], Sequence[Hit]]] = {
    "BM25": lambda lists: lists[0],
    "dense": lambda lists: lists[1],
    "reciprocal ranks": reciprocal_rank_fusion,
    "ours": lambda lists: convex_combination(*lists, OURS),
}


@dataclass(frozen=True, slots=True)
class Measured:
    """scores: by system and measure, of each reported query. tuning: nDCG@10 by weight on the other half.

    groups: the article or answer that each reported query belongs to.
    """

    scores: Mapping[str, Mapping[str, Sequence[float]]]
    tuning: Mapping[float, float]
    groups: Sequence[str]
    rows: int
    chunks: int


def measure(name: str) -> Measured:
    """Index one corpus, search it once for every query, fuse in every way."""
    relevant = judgements(f"retrieval/{name}_qrels.jsonl.gz")
    queries = {str(r["id"]): str(r["text"]) for r in read_rows(f"retrieval/{name}_queries.jsonl.gz")}
    keys = [str(key) for key in np.random.default_rng(0).permutation(sorted(relevant))[:MAX_QUERIES]]
    rows = read_rows(f"retrieval/{name}_corpus.jsonl.gz")
    with tempfile.TemporaryDirectory() as folder:
        corpus = build(Path(folder) / "index.sqlite", rows, open_encoder())
        found = candidates(corpus, {key: queries[key] for key in keys})
        tuned = [key for key in keys if first_half(group_of(name, relevant[key]))]
        reported = [key for key in keys if key not in set(tuned)]

        def scores(
            chosen: Sequence[str], fuse: Callable[[Lists], Sequence[Hit]], measured: Callable[..., float]
        ) -> list[float]:
            rankings = {key: corpus.ranking(fuse(found[key]), CANDIDATES) for key in chosen}
            return list(measures.by_query(measured, rankings, {key: relevant[key] for key in chosen}).values())

        ndcg = MEASURES["nDCG@10"]
        tuning = {w: float(np.mean(scores(tuned, partial(_convex, weight=w), ndcg))) for w in WEIGHTS}
        by_system = {s: {m: scores(reported, fuse, f) for m, f in MEASURES.items()} for s, fuse in SYSTEMS.items()}
        chunks = corpus.store.counts()["chunks"]
        corpus.store.close()
    groups = [group_of(name, relevant[key]) for key in reported]
    return Measured(by_system, tuning, groups, len(rows), chunks)


def candidates(corpus: Corpus, queries: Mapping[str, str]) -> dict[str, Lists]:
    """Lexical and dense hits of every query."""
    vectors = open_encoder()(list(queries.values()))
    return {
        key: (corpus.store.lexical(text, CANDIDATES), corpus.store.nearest(vector, CANDIDATES))
        for (key, text), vector in zip(queries.items(), vectors, strict=True)
    }


def group_of(name: str, relevant: Mapping[str, int]) -> str:
    """What must not be split between tuning and reporting: the SQuAD article, the MedQuAD answer."""
    first = min(relevant)
    return first.split("#")[0] if name == "squad" else first


def _convex(lists: Lists, weight: float) -> list[Hit]:
    return convex_combination(*lists, weight)


def main() -> None:
    measured = {title: measure(name) for title, name in SETS.items()}
    mean = {w: float(np.mean([m.tuning[w] for m in measured.values()])) for w in WEIGHTS}
    best = max(mean, key=lambda w: mean[w])
    figures = [Figure("best weight", best), Figure("weight used", OURS)]
    rows: dict[str, list[tuple[str, ...]]] = {title: [] for title in measured}
    tests: list[tuple[str, str, float, float]] = []
    for title, m in measured.items():
        for system, scores in m.scores.items():
            intervals = {
                name: bootstrap_mean(values, groups=m.groups, resamples=RESAMPLES) for name, values in scores.items()
            }
            rows[title].append((system, *(with_interval(found) for found in intervals.values())))
            for name, found in intervals.items():
                if found is not None:
                    figures.append(Figure(f"{title} {system} {name}", found.value, "", found.low, found.high, found.n))
        for system in ("BM25", "dense", "reciprocal ranks"):
            compared = paired_randomisation(
                m.scores["ours"]["nDCG@10"], m.scores[system]["nDCG@10"], groups=m.groups, resamples=RESAMPLES
            )
            tests.append((title, system, compared.difference, compared.p_value))
    adjusted = holm([p for *_, p in tests])
    for (title, system, difference, _), p in zip(tests, adjusted, strict=True):
        figures.append(Figure(f"{title} ours minus {system}", difference, "nDCG@10", note=f"p = {p:.4f} after Holm"))
    sizes = {
        title: f"{len(m.groups)} questions in {len(set(m.groups))} groups, {m.rows} texts in {m.chunks} chunks"
        for title, m in measured.items()
    }
    names = columns("system", *MEASURES)
    tables = {
        **{
            t: Table(t, names, tuple(rows[t]), f"{sizes[t]} (articles or answers). 95% intervals: bootstrap of groups.")
            for t in measured
        },
        "tests": Table(
            "Ours against each, nDCG@10",
            columns("corpus", "against", "difference", "p"),
            tuple((t, s, f"{d:+.3f}", f"{p:.4f}") for (t, s, d, _), p in zip(tests, adjusted, strict=True)),
            "Paired randomisation of whole groups, two-sided, Holm over all six.",
        ),
        "weights": Table(
            "nDCG@10 by weight of the dense score, on the tuning half",
            columns("weight", *measured, "mean"),
            tuple((f"{w:.2f}", *(f"{m.tuning[w]:.3f}" for m in measured.values()), f"{mean[w]:.3f}") for w in WEIGHTS),
        ),
    }
    data = [f"retrieval/{name}_{part}.jsonl.gz" for name in SETS.values() for part in ("corpus", "queries", "qrels")]
    publish(
        "retrieval",
        figures,
        tables,
        data=data,
        code=["src/openbook/weights/minilm"],
    )


if __name__ == "__main__":
    main()
