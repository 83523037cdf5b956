"""Which texts does the injection detector flag? On attacks and harmless texts that it has not learnt from.

The threshold is set on the calibration part, so that at most the stated share of its harmless texts is flagged. Tested
on the test part (kinds of attack and documents not learnt from), on sets that may only be tested on, and on the 200
hard harmless texts in benchmarks/guard, written apart from what is learnt from. Writes evidence/injection.json, and
with --write the shipped threshold. Run: python -m benchmarks.injection [--model DIR] [--trained DIR] [--write]
"""

import argparse
import json
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from benchmarks.data import ROOT
from benchmarks.fp32 import fp32_of
from benchmarks.logistic import Floats
from benchmarks.publish import columns, publish, with_interval
from openbook.encode.injection import SHIPPED_INJECTION, THRESHOLD, InjectionDetector
from openbook.encode.pair import open_pair
from openbook.evaluate.calibration import auroc
from openbook.evaluate.intervals import Interval, wilson
from openbook.heads.examples import Example
from openbook.heads.guard_sets import FILES, GUARD_SETS, GuardText, all_texts, guard_texts
from openbook.heads.pair_data import data_folder, made_injections
from openbook.heads.pair_recipe import PairData
from openbook.report.record import Figure
from openbook.report.tables import Table

HARD = ROOT / "benchmarks" / "guard" / "hard_benign.jsonl"
HARD_NAME = "hard harmless texts"
TRAINED = Path("runs/injection/model")
RATES = (0.01, 0.003)
SHIPPED_RATE = 0.003
MOST = 1_200
"""Texts of a kind, drawn."""

DATA = PairData(
    guards=tuple(GUARD_SETS), texts=("squad", "nq", "medquad", "fairytale", "wikitext", "docs", "speeches"),
    injections=24_000, longest=10**9,
)  # fmt: skip


def drawn(texts: Sequence[str]) -> list[str]:
    order: list[int] = np.random.default_rng(0).permutation(len(texts))[:MOST].tolist()
    return [texts[n] for n in sorted(order)]


def kinds() -> Mapping[str, tuple[bool, list[str]]]:
    """What is tested on, by name: whether it is an attack, and the texts."""
    known = guard_texts(DATA.guards, data_folder(), "test")
    made = [e for e in made_injections(DATA, "test", 0, print) if ":made" in e.id]
    others = [
        text for text in all_texts(data_folder()) if text.source in ("tensor_trust", "alpaca_eval", "commonsense_qa")
    ]
    hard = [json.loads(line)["text"] for line in HARD.read_text(encoding="utf-8").splitlines()]

    def of(texts: Sequence[GuardText], harmful: bool, *kind: str) -> tuple[bool, list[str]]:
        return harmful, drawn([t.text for t in texts if t.harmful == harmful and t.kind in kind])

    def made_of(harmful: bool) -> tuple[bool, list[str]]:
        return harmful, drawn([e.passage for e in made if bool(e.answerable) == harmful])

    return {
        "attacks in documents (BIPIA)": of(known, True, "indirect"),
        "attacks alone": of(known, True, "direct"),
        "made attacks": made_of(True),
        "Tensor Trust": of(others, True, "direct"),
        "documents": of(known, False, "document"),
        "requests": of(known, False, "query"),
        "made harmless": made_of(False),
        "AlpacaEval, CommonsenseQA": of(others, False, "query"),
        HARD_NAME: (False, hard),
    }


def scores(detector: InjectionDetector, texts: Sequence[str]) -> Floats:
    return np.array([each.score for each in detector(texts)])


def thresholds(detector: InjectionDetector) -> dict[float, float]:
    """By rate: the least logit that at most this share of the calibration part's harmless texts reaches."""
    harmless: list[Example] = [e for e in made_injections(DATA, "calibration", 0, print) if not e.answerable]
    found = np.sort(scores(detector, [e.passage for e in harmless]))
    return {rate: float(np.nextafter(found[-1 - int(rate * len(found))], np.inf)) for rate in RATES}


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--model", type=Path, default=SHIPPED_INJECTION)
    parser.add_argument("--trained", type=Path, default=TRAINED, help="the FP32 weights that the model was made from")
    parser.add_argument("--write", action="store_true", help="write the threshold beside the model")
    given = parser.parse_args()
    scorer = open_pair(given.model)
    detector = InjectionDetector(scorer, 0.0)
    limits = thresholds(detector)
    if given.write:
        said = {"threshold": round(limits[SHIPPED_RATE], 4), "false_positives": SHIPPED_RATE, "scorer": scorer.digest}
        (given.model / THRESHOLD).write_text(json.dumps(said, indent=2) + "\n", encoding="utf-8")
    figures = [Figure(f"threshold at {rate:.1%}", limit) for rate, limit in limits.items()]
    rows: list[tuple[str, ...]] = []
    by_label: dict[bool, list[Floats]] = {True: [], False: []}
    tested = kinds()
    for name, (harmful, texts) in tested.items():
        found = scores(detector, texts)
        if name != HARD_NAME:
            by_label[harmful].append(found)
        shares: list[Interval] = []
        for rate, limit in limits.items():
            right = (found >= limit) == harmful
            share = wilson(int(right.sum()), len(right))
            shares.append(share)
            figures.append(Figure(f"{name} right at {rate:.1%}", share.value, "", share.low, share.high, len(right)))
        rows.append((name, "attack" if harmful else "harmless", str(len(texts)), *map(with_interval, shares)))
    attacks, harmless = (np.concatenate(by_label[kind]) for kind in (True, False))
    area = auroc(np.r_[attacks, harmless], np.r_[np.ones(len(attacks)), np.zeros(len(harmless))]) or 0.0
    figures.append(Figure("AUROC without the hard texts", area, n=len(attacks) + len(harmless)))
    before = in_fp32(given.trained, tested, figures)
    for rate, limit in limits.items():
        recall = wilson(int((attacks >= limit).sum()), len(attacks))
        figures.append(Figure(f"recall at {rate:.1%}", recall.value, "", recall.low, recall.high, recall.n))
    names = columns("texts", "are", "n", *(f"right at {rate:.1%}" for rate in RATES))
    note = (
        "Right at 1%: flagged if an attack, let through if not, at the threshold that 1% of the calibration part's "
        f"harmless texts reach; {SHIPPED_RATE:.1%} is shipped. AUROC over all but the hard texts: {area:.3f}{before}. "
        "Tensor Trust, AlpacaEval and CommonsenseQA were never learnt from. 95% intervals: Wilson's."
    )
    publish(
        "injection",
        figures,
        {"injection": Table("Attacks flagged, harmless texts let through", names, tuple(rows), note)},
        data=FILES,
        code=["src/openbook/weights/injection", "benchmarks/guard"],
    )  # fmt: skip


def in_fp32(trained: Path, tested: Mapping[str, tuple[bool, list[str]]], figures: list[Figure]) -> str:
    """What the note says of the same weights before INT8, where they are at hand."""
    weights = fp32_of(trained, "injection")
    if weights is None:
        return ""
    fp32 = InjectionDetector(weights, 0.0)
    found = [(scores(fp32, texts), harmful) for name, (harmful, texts) in tested.items() if name != HARD_NAME]
    labels = np.concatenate([np.full(len(part), float(harmful)) for part, harmful in found])
    area = auroc(np.concatenate([part for part, _ in found]), labels) or 0.0
    figures.append(Figure("AUROC without the hard texts, FP32", area, n=len(labels)))
    return f" (FP32 {area:.3f})"


if __name__ == "__main__":
    main()
