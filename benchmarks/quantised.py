"""What INT8 costs the shipped encoder: cosine to the unquantised one, nDCG lost, bytes and speed.

2,000 texts for the cosine, SQuAD paragraphs and questions for nDCG@10 of dense search, both encoders in turn for speed.
Writes evidence/quantised.json. Run: python -m benchmarks.quantised
"""

import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from benchmarks.corpus import build
from benchmarks.data import ROOT, judgements, read_rows
from benchmarks.publish import columns, publish
from openbook.encode import SentenceEncoder, open_encoder
from openbook.evaluate.intervals import bootstrap_mean
from openbook.evaluate.retrieval import by_query, ndcg
from openbook.evaluate.significance import paired_randomisation
from openbook.protocols import Matrix
from openbook.report.record import Figure
from openbook.report.tables import Table

TEXTS = 2000
QUERIES = 1500
ROUNDS = 3


@dataclass(frozen=True, slots=True)
class Cost:
    """cosines: of each text. scores: nDCG@10 of each query, INT8 and FP32. rate: texts a second. size: bytes."""

    cosines: Sequence[float]
    int8_scores: Sequence[float]
    fp32_scores: Sequence[float]
    int8_rate: float
    fp32_rate: float
    int8_size: int
    fp32_size: int


def measure() -> Cost:
    rows = [row for name in ("squad", "medquad") for row in read_rows(f"retrieval/{name}_corpus.jsonl.gz")]
    rng = np.random.default_rng(0)
    texts = [str(rows[i]["text"]) for i in rng.permutation(len(rows))[:TEXTS]]
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        recipe = str(ROOT / "recipes" / "minilm-int8.toml")
        command = [sys.executable, "-m", "openbook.compress.minilm", recipe, "--fp32", "--out", str(folder / "fp32")]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
        int8, fp32 = open_encoder(), open_encoder(folder / "fp32")
        cosines = np.sum(int8(texts) * fp32(texts), axis=1)
        rates: dict[int, list[float]] = {0: [], 1: []}
        for _ in range(ROUNDS):
            for number, encoder in enumerate((int8, fp32)):
                rates[number].append(_rate(encoder, texts[:300]))
        return Cost(
            [float(c) for c in cosines],
            _scores(int8, folder / "int8.sqlite"),
            _scores(fp32, folder / "fp32.sqlite"),
            float(np.median(rates[0])),
            float(np.median(rates[1])),
            _bytes(ROOT / "src" / "openbook" / "weights" / "minilm"),
            _bytes(folder / "fp32"),
        )


def _rate(encoder: SentenceEncoder, texts: Sequence[str]) -> float:
    started = time.perf_counter()
    encoder(texts)
    return len(texts) / (time.perf_counter() - started)


def _scores(encoder: SentenceEncoder, path: Path) -> list[float]:
    """nDCG@10 of dense search for each of the same queries."""
    relevant = judgements("retrieval/squad_qrels.jsonl.gz")
    queries = {str(r["id"]): str(r["text"]) for r in read_rows("retrieval/squad_queries.jsonl.gz")}
    keys = [str(k) for k in np.random.default_rng(0).permutation(sorted(relevant))[:QUERIES]]
    corpus = build(path, read_rows("retrieval/squad_corpus.jsonl.gz"), open_encoder(), encoder)
    vectors: Matrix = encoder([queries[key] for key in keys])
    rankings = {key: corpus.ranking(corpus.store.nearest(v, 50), 10) for key, v in zip(keys, vectors, strict=True)}
    corpus.store.close()
    judged = {key: relevant[key] for key in keys}
    return list(by_query(lambda r, j: ndcg(r, j, 10), rankings, judged).values())


def _bytes(folder: Path) -> int:
    return sum(file.stat().st_size for file in folder.glob("*.onnx"))


def main() -> None:
    cost = measure()
    difference = [a - b for a, b in zip(cost.int8_scores, cost.fp32_scores, strict=True)]
    lost = bootstrap_mean(difference)
    assert lost is not None
    p = paired_randomisation(cost.int8_scores, cost.fp32_scores).p_value
    mean, first = float(np.mean(cost.cosines)), float(np.quantile(cost.cosines, 0.01))
    ratio = cost.int8_rate / cost.fp32_rate
    figures = [
        Figure("cosine mean", mean, n=len(cost.cosines), text=f"{mean:.4f}"),
        Figure("cosine 1st percentile", first, n=len(cost.cosines), text=f"{first:.4f}"),
        Figure(
            "nDCG@10 INT8 minus FP32", lost.value, "", lost.low, lost.high, lost.n, f"p = {p:.3f}", f"{lost.value:+.4f}"
        ),
        Figure("speed INT8 over FP32", ratio, "x"),
        Figure("size FP32 over INT8", cost.fp32_size / cost.int8_size, "x"),
    ]
    rows = (
        (
            "INT8",
            f"{cost.int8_size / 1e6:.1f}",
            f"{cost.int8_rate:.0f}",
            f"{np.mean(cost.int8_scores):.4f}",
            f"{mean:.4f}",
            f"{first:.4f}",
        ),
        ("FP32", f"{cost.fp32_size / 1e6:.1f}", f"{cost.fp32_rate:.0f}", f"{np.mean(cost.fp32_scores):.4f}", "1", "1"),
    )
    note = (
        f"nDCG@10 of dense search on {lost.n} SQuAD questions: INT8 minus FP32 {lost.value:+.4f} "
        f"({lost.low:+.4f} to {lost.high:+.4f}), p = {p:.3f}. Cosine to FP32 over "
        f"{len(cost.cosines)} texts. Speed: medians of {ROUNDS} rounds in turn, both cores."
    )
    names = columns("weights", "MB", "texts/s", "nDCG@10", "cosine, mean", "1st percentile")
    data = [
        "retrieval/squad_corpus.jsonl.gz",
        "retrieval/squad_queries.jsonl.gz",
        "retrieval/squad_qrels.jsonl.gz",
        "retrieval/medquad_corpus.jsonl.gz",
    ]
    code = ["src/openbook/encode", "src/openbook/compress", "src/openbook/weights/minilm", "recipes/minilm-int8.toml"]
    publish("quantised", figures, {"cost": Table("INT8 against FP32", names, rows, note)}, data=data, code=code)


if __name__ == "__main__":
    main()
