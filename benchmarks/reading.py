"""How well the pair encoder reads, abstains and ranks on articles that were neither learnt from nor calibrated on.

INT8 as shipped beside the same weights in FP32 (``--trained``, the folder that training wrote; left out where it is not
there), and the pairs a second of both beside transformers with the same trunk. Writes evidence/reading.json.
Run: python -m benchmarks.reading [--model DIR] [--trained DIR]
"""

import argparse
import statistics
import tempfile
import time
from collections.abc import Sequence
from importlib import metadata
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.fp32 import Fp32, fp32_of
from benchmarks.publish import columns, publish, with_interval
from openbook.encode.pair import SHIPPED_PAIR, open_pair
from openbook.encode.pair_input import pair_rows
from openbook.evaluate.intervals import bootstrap_mean, wilson_in_groups
from openbook.heads.examples import Example
from openbook.heads.pair_data import part_of_sets
from openbook.heads.pair_recipe import PairData
from openbook.heads.pair_scores import Read, answerable_auroc, ranked_above, read_all
from openbook.heads.sets import SETS
from openbook.report.record import Figure
from openbook.report.tables import Table

MOST = 1_500
"""Questions of a set, drawn."""

TIMED = 64
ROUNDS = 5

TRAINED = Path("runs/pair/model")


def speeds(int8: Any, fp32: Fp32, examples: Sequence[Example]) -> dict[str, float]:
    """Pairs a second of each, medians of rounds in turn, one question with all its passages at a time."""
    import torch
    from transformers import BertModel

    from openbook.model import checkpoint

    questions = examples[:TIMED]
    passages, headings = [e.passage for e in questions], [e.heading for e in questions]
    with tempfile.TemporaryDirectory() as folder:
        checkpoint.save(Path(folder) / "trunk", fp32.model.encoder)
        theirs = BertModel.from_pretrained(str(Path(folder) / "trunk"), add_pooling_layer=False).eval()
    rows = [
        pair_rows(fp32.tokens, questions[0].question, p, h, window=fp32.window)[0]
        for p, h in zip(passages, headings, strict=True)
    ]

    def by_transformers() -> None:
        with torch.inference_mode():
            for row in rows:
                theirs(input_ids=torch.tensor(row.ids)[None], token_type_ids=torch.tensor(row.kinds)[None])

    systems = {
        "INT8, shipped": lambda: int8(questions[0].question, passages, headings),
        "FP32, ours in torch": lambda: fp32(questions[0].question, passages, headings),
        "FP32, transformers": by_transformers,
    }
    times: dict[str, list[float]] = {name: [] for name in systems}
    for _ in range(ROUNDS):
        for name, once in systems.items():
            started = time.perf_counter()
            once()
            times[name].append(len(rows) / (time.perf_counter() - started))
    return {name: statistics.median(found) for name, found in times.items()}


def row_of(system: str, kind: str, reads: Sequence[Read], figures: list[Figure]) -> tuple[str, ...]:
    marked = [read for read in reads if read.f1 is not None]
    f1 = bootstrap_mean([read.f1 or 0.0 for read in marked], groups=[read.example.group for read in marked])
    exact = float(np.mean([read.exact or 0.0 for read in marked]))
    area = answerable_auroc(reads)
    above = ranked_above(reads)
    groups = [read.example.group for read in reads if read.example.relevant is False][: len(above)]
    ranked = wilson_in_groups(above, groups)
    assert f1 is not None
    label = f"{system}, {kind}"
    figures += [
        Figure(f"{label}: token F1", f1.value, low=f1.low, high=f1.high, n=len(marked)),
        Figure(f"{label}: exact match", exact, n=len(marked)),
        Figure(f"{label}: own passage ranked above", ranked.value, low=ranked.low, high=ranked.high, n=len(above)),
    ]
    if not np.isnan(area):
        figures.append(Figure(f"{label}: AUROC answerable", area, n=len(reads)))
    said = "–" if np.isnan(area) else f"{area:.3f}"
    return (label, str(len(marked)), with_interval(f1), f"{exact:.3f}", said, with_interval(ranked))


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--model", type=Path, default=SHIPPED_PAIR)
    parser.add_argument("--trained", type=Path, default=TRAINED, help="the FP32 weights that the model was made from")
    given = parser.parse_args()
    int8 = open_pair(given.model)
    fp32 = fp32_of(given.trained, "pair")
    figures: list[Figure] = []
    rows: list[tuple[str, ...]] = []
    timed: list[Example] = []
    for kind in ("squad", "nq", "fairytale"):
        data = PairData((kind,), {kind: MOST}, negatives=1, keep="runs/pair-data")
        examples = part_of_sets(data, "test", 0, print)
        timed = timed or [e for e in examples if e.relevant]
        rows.append(row_of("INT8", kind, read_all(int8, examples), figures))
        if fp32 is not None:
            rows.append(row_of("FP32", kind, read_all(fp32, examples), figures))
    tables = {
        "reading": Table(
            "Reading pages that were not learnt from",
            columns("", "n", "token F1", "exact", "AUROC", "ranked above"),
            tuple(rows),
            "AUROC: questions that the passage answers against those that only look so. Ranked above: the question's "
            "own passage scores above one that search found. 95% intervals over whole articles, pages or stories.",
        )
    }
    if fp32 is not None:
        found = speeds(int8, fp32, timed)
        base = found["FP32, transformers"]
        figures += [Figure(f"{name}: pairs/s", rate) for name, rate in found.items()]
        figures.append(Figure("INT8 over transformers", found["INT8, shipped"] / base, "x"))
        lines = tuple((name, f"{rate:.0f}", f"{rate / base:.2f}x") for name, rate in found.items())
        note = f"{TIMED} pairs one by one, two cores, medians of {ROUNDS} rounds in turn."
        tables["speed"] = Table("Pairs a second", columns("", "pairs/s", "beside transformers"), lines, note)
    versions = {name: metadata.version(name) for name in ("torch", "transformers")}
    publish(
        "reading", figures, tables, data=[SETS[kind].file for kind in ("squad", "nq", "fairytale")],
        code=["src/openbook/weights/pair"], versions=versions,
    )  # fmt: skip


if __name__ == "__main__":
    main()
