"""Our greedy matching beside that of the package bert_score, on the same vectors.

bert_score's ``greedy_cos_idf`` takes vectors of [CLS] and [SEP], too, and lets tokens match them; both are given the
same rows here, so that only the matching differs. Writes tests/evaluate/bertscore_greedy.json, which the tests read.
Needs torch and bert-score (benchmarks/requirements-bertscore.txt). Run: python -m benchmarks.parity_bertscore
"""

import json
from importlib import metadata

import numpy as np
import torch
from bert_score.utils import greedy_cos_idf

from benchmarks.data import ROOT
from openbook.evaluate.bertscore import matched

GOLDEN = ROOT / "tests" / "evaluate" / "bertscore_greedy.json"
CASES = 200
KEPT = 20


def unit(tokens: int, seed: int, dim: int = 8) -> np.ndarray:
    rows = np.random.default_rng(seed).normal(size=(tokens, dim)).astype(np.float32)
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)


def theirs(hypothesis: np.ndarray, reference: np.ndarray, weights: list[np.ndarray]) -> list[float]:
    """Precision, recall and F1 of a batch of one."""
    given = []
    for rows, weight in ((reference, weights[1]), (hypothesis, weights[0])):
        given += [
            torch.tensor(rows)[None].clone(),
            torch.ones(1, len(rows), dtype=torch.long),
            torch.tensor(weight)[None].clone(),
        ]
    return [float(score) for score in greedy_cos_idf(*given)]


def main() -> None:
    rng = np.random.default_rng(0)
    cases = []
    apart = 0.0
    for seed in range(CASES):
        ours, others = (int(n) for n in rng.integers(3, 60, size=2))  # it takes two tokens for an empty text
        weighted = seed % 2 == 1
        weights = [rng.uniform(0.1, 3, size) if weighted else np.ones(size) for size in (ours, others)]
        hypothesis, reference = unit(ours, seed), unit(others, seed + 100)
        expected = theirs(hypothesis, reference, weights)
        found = matched(hypothesis, reference, *(weights if weighted else (None, None)))
        apart = max(apart, float(np.abs(found - expected).max()))
        kept = [weight.tolist() if weighted else None for weight in weights]
        cases.append(
            {"ours": ours, "theirs": others, "seed": seed, "our_weights": kept[0], "their_weights": kept[1],
             "scores": expected}
        )  # fmt: skip
    print(f"{CASES} pairs, largest difference {apart:.1e}")
    package = f"bert-score {metadata.version('bert-score')}"
    GOLDEN.write_text(json.dumps({"package": package, "cases": cases[:KEPT]}) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
