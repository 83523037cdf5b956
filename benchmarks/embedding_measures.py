"""BERTScore and similarity by the shipped encoder beside ROUGE and chrF: which ranks summaries as the experts do?

All of SummEval: 1,600 summaries of 100 documents, eleven references each. Spearman's correlation with the experts'
means is taken within each document, and differences between measures are tested over documents (the paired bootstrap).
Nothing was fitted on these texts: that the last layer's states are taken was decided on graded answers (Mohler's).
Writes evidence/embedding_measures.json. Run: python -m benchmarks.embedding_measures
"""

import time
from collections.abc import Mapping, Sequence

import numpy as np

from benchmarks.data import read_rows
from benchmarks.publish import columns, publish, with_interval
from openbook.encode.token_states import open_token_encoder
from openbook.evaluate.agreement import spearman
from openbook.evaluate.bertscore import idf_of
from openbook.evaluate.embedding import EMBEDDING, EmbeddingSettings, embedding_measures
from openbook.evaluate.intervals import bootstrap_mean
from openbook.evaluate.measured import Counted, measured
from openbook.evaluate.overlap import overlap_measures
from openbook.evaluate.significance import holm, paired_bootstrap
from openbook.evaluate.sums import Measure
from openbook.report.record import Figure
from openbook.report.tables import Table

DATA = "judge/summeval.jsonl.gz"
DIMENSIONS = ("coherence", "consistency", "fluency", "relevance")
OVERLAP = ("rouge1", "rouge2", "rougeL", "bleu", "chrf")
COMPARED = ("bertscore", "bertscore-r", "similarity")
WITH = ("rouge1", "chrf")
Correlations = Mapping[str, list[float | None]]
"""By dimension, of each document; None where all its scores are alike."""


def correlations(rows: Sequence[Mapping], scores: Sequence[float]) -> Correlations:
    documents: dict[str, list[int]] = {}
    for place, row in enumerate(rows):
        documents.setdefault(row["doc_id"], []).append(place)
    return {
        dimension: [
            spearman(np.array([scores[n] for n in own]), np.array([rows[n]["expert"][dimension] for n in own], float))
            for own in documents.values()
        ]
        for dimension in DIMENSIONS
    }


def scores(rows: Sequence[Mapping], references: Sequence[Sequence[str]]) -> tuple[dict[str, Correlations], float]:
    """By measure, and the seconds that the encoder's measures took."""
    texts = [row["summary"] for row in rows]
    encoder = open_token_encoder()
    idf = idf_of(encoder.ids(text) for own in references for text in own)
    found: dict[str, Correlations] = {}

    def add(named: tuple[list[Measure], Counted], ending: str = "") -> None:
        for one in measured(zip(texts, references, strict=True), *named):
            found[one.name + ending] = correlations(rows, one.each.tolist())

    add(overlap_measures(OVERLAP))
    started = time.perf_counter()
    add(embedding_measures(EMBEDDING, encoder, EmbeddingSettings(encoder.digest)))
    seconds = time.perf_counter() - started
    add(embedding_measures(("bertscore", "bertscore-r"), encoder, EmbeddingSettings(encoder.digest, idf)), ", idf")
    return found, seconds


def agreement(found: Mapping[str, Correlations], references: str) -> tuple[list[tuple[str, ...]], list[Figure]]:
    lines: list[tuple[str, ...]] = []
    figures: list[Figure] = []
    for name, by_dimension in found.items():
        cells: list[str] = []
        for dimension in DIMENSIONS:
            kept = [value for value in by_dimension[dimension] if value is not None]
            one = bootstrap_mean(kept)
            cells.append(with_interval(one))
            figures.append(
                Figure(f"{name}, {references}, {dimension}: Spearman", one.value, "", one.low, one.high, one.n)
            )
        lines.append((f"{name}, {references}", *cells))
    return lines, figures


def comparisons(found: Mapping[str, Correlations], references: str) -> tuple[Table, list[Figure]]:
    pairs = [(one, other, d) for one in COMPARED for other in WITH for d in DIMENSIONS]
    tests = []
    for one, other, dimension in pairs:
        both = zip(found[one][dimension], found[other][dimension], strict=True)
        first, second = zip(*[(a, b) for a, b in both if a is not None and b is not None], strict=True)
        tests.append(paired_bootstrap(first, second))
    adjusted = dict(zip(pairs, holm([test.p_value for test in tests]), strict=True))
    by_pair = dict(zip(pairs, tests, strict=True))
    figures = [
        Figure(f"{one} less {other}, {d}", test.difference, n=test.n, note=f"p = {adjusted[one, other, d]:.4f}")
        for (one, other, d), test in by_pair.items()
    ]
    lines = tuple(
        (
            f"{one} less {other}",
            *(f"{by_pair[one, other, d].difference:+.3f} (p {adjusted[one, other, d]:.3f})" for d in DIMENSIONS),
        )
        for one in COMPARED
        for other in WITH
    )
    note = (
        f"Differences of Spearman's within a document, {references}; p by the paired bootstrap over documents, "
        f"adjusted for {len(pairs)} comparisons (Holm)."
    )
    return Table("Embedding measures less overlap measures", columns("measures", *DIMENSIONS), lines, note), figures


def main() -> None:
    rows = sorted(read_rows(DATA), key=lambda row: row["doc_id"])  # a document's references are read once
    first, _ = scores(rows, [row["references"][:1] for row in rows])
    every, seconds = scores(rows, [row["references"] for row in rows])
    lines, figures = agreement(first, "first reference")
    more, more_figures = agreement(every, "all references")
    note = (
        "Spearman's with the experts' means within a document, the mean over documents with its 95% interval. "
        "bertscore: F1; -p, -r: precision and recall; idf: weights from the references."
    )
    table = Table("Measures of summaries and the experts", columns("measure", *DIMENSIONS), (*lines, *more), note)
    compared, differences = comparisons(every, "all references")
    timed = Figure("reading 1,600 summaries and their references", seconds, "s", n=len(rows))
    publish(
        "embedding_measures", [*figures, *more_figures, *differences, timed],
        {"measures": table, "differences": compared},
        data=[DATA], code=["src/openbook/weights/minilm"],
    )  # fmt: skip


if __name__ == "__main__":
    main()
