"""Is a statement backed by its source? The support model on people's labels, none of which it has learnt from.

rank19: for one source sentence a right and a wrong summary, 373 pairs. SummEval: summaries of 100 articles, by whether
three experts gave consistency the full mark, one sentence of a summary at a time against the whole article; a summary
is as backed as its least backed sentence. Writes evidence/support.json. Run: python -m benchmarks.support [--model DIR]
"""

import argparse
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from benchmarks.data import first_half, read_rows
from benchmarks.publish import columns, publish, with_interval
from openbook.documents import sentences
from openbook.encode.pair import PairEncoder, open_pair
from openbook.evaluate.calibration import auroc
from openbook.evaluate.intervals import bootstrap_mean, wilson
from openbook.report.record import Figure
from openbook.report.tables import Table
from openbook.values import Span

RANK, SUMMARIES = "grounding/rank19.jsonl.gz", "judge/summeval.jsonl.gz"
FULL = 4.99


def backed(model: PairEncoder, claims: Sequence[str], source: str) -> list[float]:
    """The logit of each claim being backed by the source."""
    return [-model(claim, [source])[0].no_answer for claim in claims]


def ranked(model: PairEncoder) -> tuple[list[bool], list[float], list[float]]:
    """Whether the right summary scores higher, and both scores."""
    right: list[float] = []
    wrong: list[float] = []
    for row in read_rows(RANK):
        good, bad = backed(model, [row["correct"], row["incorrect"]], row["source"])
        right.append(good)
        wrong.append(bad)
    return [good > bad for good, bad in zip(right, wrong, strict=True)], right, wrong


def summaries(model: PairEncoder) -> tuple[list[str], list[float], list[float]]:
    """Document, score of the least backed sentence, and whether the experts gave the full mark; of each summary."""
    documents: list[str] = []
    scores: list[float] = []
    labels: list[float] = []
    known: dict[tuple[str, str], float] = {}
    for row in read_rows(SUMMARIES):
        text = str(row["summary"])
        claims = [span.of(text) for span in sentences(text, Span(0, len(text)))] or [text]
        for claim in claims:
            if (row["doc_id"], claim) not in known:
                known[row["doc_id"], claim] = backed(model, [claim], str(row["source"]))[0]
        documents.append(str(row["doc_id"]))
        scores.append(min(known[row["doc_id"], claim] for claim in claims))
        labels.append(float(row["expert"]["consistency"] >= FULL))
    return documents, scores, labels


def balanced(scores: Sequence[float], labels: Sequence[float], threshold: float) -> float:
    """The mean of the two kinds' shares that are judged right."""
    said = np.array(scores) >= threshold
    truth = np.array(labels) > 0
    return float((said[truth].mean() + (~said[~truth]).mean()) / 2)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--model", type=Path, required=True, help="a folder that recipes/support.toml made")
    model = open_pair(parser.parse_args().model)
    above, right, wrong = ranked(model)
    share = wilson(sum(above), len(above))
    documents, scores, labels = summaries(model)
    tuned = [first_half(document) for document in documents]
    chosen = [(s, y) for s, y, t in zip(scores, labels, tuned, strict=True) if t]
    threshold = max({s for s, _ in chosen}, key=lambda t: balanced([s for s, _ in chosen], [y for _, y in chosen], t))
    kept = [(d, s, y) for d, s, y, t in zip(documents, scores, labels, tuned, strict=True) if not t]
    accuracy = balanced([s for _, s, _ in kept], [y for *_, y in kept], threshold)
    area = auroc(np.array([s for _, s, _ in kept]), np.array([y for *_, y in kept])) or 0.0
    within = bootstrap_mean(
        [1.0 if (s >= threshold) == bool(y) else 0.0 for _, s, y in kept], groups=[d for d, *_ in kept]
    )
    assert within is not None
    both = np.array([*right, *wrong])
    pair_area = auroc(both, np.array([1.0] * len(right) + [0.0] * len(wrong))) or 0.0
    figures = [
        Figure("rank19 right above wrong", share.value, low=share.low, high=share.high, n=len(above)),
        Figure("rank19 AUROC", pair_area, n=len(both)),
        Figure("SummEval AUROC", area, n=len(kept)),
        Figure("SummEval balanced accuracy", accuracy, n=len(kept)),
        Figure("SummEval accuracy", within.value, low=within.low, high=within.high, n=len(kept)),
    ]
    rows = (
        ("rank19", str(len(above)), with_interval(share), f"{pair_area:.3f}", "–"),
        ("SummEval, held-out articles", str(len(kept)), "–", f"{area:.3f}", f"{accuracy:.3f}"),
    )
    note = (
        "Ranked: the right one of a pair scores higher. Balanced: the mean over backed and not, at the threshold "
        "that is best on the other half of the articles."
    )
    names = columns("labels of people", "n", "ranked", "AUROC", "balanced accuracy")
    publish(
        "support", figures, {"support": Table("Is it backed?", names, rows, note)}, data=[RANK, SUMMARIES],
        code=["src/openbook/encode", "src/openbook/heads"],
    )  # fmt: skip


if __name__ == "__main__":
    main()
