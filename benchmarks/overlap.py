"""BLEU, chrF and ROUGE of 100,000 pairs: the same figures as sacreBLEU and rouge_score, and how much sooner.

Sentences of MedQuAD's answers, each beside itself with some words lost, doubled or taken from the next sentence; no
pair occurs twice. Systems in turn, medians of three rounds, one process. Writes evidence/overlap.json.
Run: python -m benchmarks.overlap [--pairs 100000]
"""

import argparse
import statistics
import time
from collections.abc import Callable, Sequence
from importlib import metadata
from itertools import pairwise

import numpy as np
import sacrebleu
from rouge_score.rouge_scorer import RougeScorer

from benchmarks.data import read_rows
from benchmarks.publish import columns, publish
from openbook.documents import sentences
from openbook.evaluate.bleu import bleu
from openbook.evaluate.chrf import ChrfSettings, chrf
from openbook.evaluate.rouge import rouge
from openbook.report.record import Figure
from openbook.report.tables import Table
from openbook.values import Span

DATA = "retrieval/medquad_corpus.jsonl.gz"
ROUNDS = 3
ROUGE = ("rouge1", "rouge2", "rougeL")
Values = Sequence[float]


def pairs(count: int) -> tuple[list[str], list[str]]:
    """Changed sentences, and what they were."""
    found: dict[str, None] = {}
    for row in read_rows(DATA):
        text = str(row["text"])
        for span in sentences(text, Span(0, len(text))):
            said = " ".join(span.of(text).split())
            if len(said.split()) > 4:
                found[said] = None
        if len(found) > count:
            break
    kept = list(found)[: count + 1]
    rng = np.random.default_rng(0)
    return [changed(one, after, rng) for one, after in pairwise(kept)], kept[:-1]


def changed(sentence: str, after: str, rng: np.random.Generator) -> str:
    """A tenth of the words lost, a few doubled, an eighth taken from ``after``."""
    words, others = sentence.split(), after.split()
    made: list[str] = []
    for place, (word, chance) in enumerate(zip(words, rng.random(len(words)), strict=True)):
        if chance >= 0.25:
            made.append(word)
        elif chance >= 0.13:
            made.append(others[place % len(others)])
        elif chance >= 0.1:
            made += (word, word)
    return " ".join(made)


def measures(hypotheses: Sequence[str], references: Sequence[str]) -> dict[str, tuple[Callable[[], Values], ...]]:
    """By name: ours and the field's, both giving the figures they found."""
    own = [[reference] for reference in references]
    scorer = RougeScorer(ROUGE)

    def ours_rouge() -> Values:
        found = rouge(hypotheses, own, ROUGE)
        return [float(found[kind][:, 2].mean()) for kind in ROUGE]

    def theirs_rouge() -> Values:
        found = [scorer.score(r, h) for h, r in zip(hypotheses, references, strict=True)]
        return [statistics.fmean(one[kind].fmeasure for one in found) for kind in ROUGE]

    return {
        "BLEU": (
            lambda: [bleu(hypotheses, own).score],
            lambda: [sacrebleu.corpus_bleu(list(hypotheses), [list(references)]).score],
        ),
        "chrF": (
            lambda: [chrf(hypotheses, own).score],
            lambda: [sacrebleu.corpus_chrf(list(hypotheses), [list(references)]).score],
        ),
        "chrF++": (
            lambda: [chrf(hypotheses, own, ChrfSettings(words=2)).score],
            lambda: [sacrebleu.corpus_chrf(list(hypotheses), [list(references)], word_order=2).score],
        ),
        "ROUGE-1, 2, L": (ours_rouge, theirs_rouge),
    }


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--pairs", type=int, default=100_000)
    given = parser.parse_args()
    hypotheses, references = pairs(given.pairs)
    figures: list[Figure] = []
    rows: list[tuple[str, ...]] = []
    for name, systems in measures(hypotheses, references).items():
        times: list[list[float]] = [[], []]
        values: list[Values] = [[], []]
        for _ in range(ROUNDS):
            for number, system in enumerate(systems):
                started = time.perf_counter()
                values[number] = system()
                times[number].append(time.perf_counter() - started)
        apart = max(abs(a - b) for a, b in zip(*values, strict=True))
        ours, theirs = (statistics.median(of) for of in times)
        ratios = [b / a for a, b in zip(*times, strict=True)]
        print(name, f"{ours:.1f} s, {theirs:.1f} s, apart {apart:.1e}", flush=True)
        figures += [
            Figure(f"{name}: ours", ours, "s"),
            Figure(f"{name}: theirs", theirs, "s"),
            Figure(f"{name}: times as fast", theirs / ours, "x", min(ratios), max(ratios), ROUNDS),
            Figure(f"{name}: largest difference", apart, n=len(hypotheses)),
        ]
        rows.append(
            (name, f"{ours:.1f} s", f"{theirs:.1f} s", f"{theirs / ours:.1f}x", f"{apart:.0e}" if apart else "0")
        )
    note = (
        f"{len(hypotheses):,} pairs of sentences, medians of {ROUNDS} rounds in turn in one process; cutting into "
        "tokens included. Difference: the largest between the figures of all pairs. sacreBLEU for BLEU and chrF, "
        "rouge_score for ROUGE, without stems."
    )
    names = columns("measure", "ours", "the field's", "times as fast", "difference")
    publish(
        "overlap", figures, {"overlap": Table("Overlap measures beside the field's", names, tuple(rows), note)},
        data=[DATA], code=[],
        versions={name: metadata.version(name) for name in ("sacrebleu", "rouge-score")},
    )  # fmt: skip


if __name__ == "__main__":
    main()
