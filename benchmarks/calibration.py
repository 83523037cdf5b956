"""Fit how the simple reader weighs its signals, and when it abstains; report both on pages it was not fitted on.

Reader: a logistic model of "this sentence holds the answer", over the sentences of retrieved passages. Confidence: a
logistic model of "the best sentence holds the answer", over answerable and absent questions. Threshold: the largest
coverage at which at most 5% of absent questions are answered. Writes evidence/calibration.json, and with --write the
shipped src/openbook/weights/answer/calibration.json. Run: python -m benchmarks.calibration [--write]
"""

import json
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from benchmarks.answer_tasks import KINDS, Task, nq_task, squad_task
from benchmarks.corpus import PREFIX, build
from benchmarks.data import ROOT
from benchmarks.logistic import Floats, fit_logistic
from benchmarks.publish import columns, publish, with_interval
from openbook.answer.calibrate import ask_all, make_questions
from openbook.answer.confidence import (
    SHIPPED,
    Calibration,
    answer_signals,
    calibration_json,
    confidence,
    load_calibration,
)
from openbook.answer.engine import Engine
from openbook.answer.read import SentenceReader
from openbook.encode import SentenceEncoder, open_encoder
from openbook.evaluate.abstention import at_false_answers, risk_coverage
from openbook.evaluate.calibration import auroc, calibration_error
from openbook.evaluate.intervals import Interval, wilson_in_groups
from openbook.index import search
from openbook.protocols import Matrix
from openbook.report.lines import line_plot
from openbook.report.record import Figure
from openbook.report.series import Series
from openbook.report.tables import Table
from openbook.values import Candidate, Passage, Span

READER_SIGNALS = ("cosine", "coverage", "passage")
ANSWER_SIGNALS = (*READER_SIGNALS, "found")
ABSENT_ANSWERED = 0.05
MADE = 400
"""Questions made of each set's pages, half of them without an answer."""

FEWEST_DRAWN = 20
"""The curve begins where this many questions are answered: before that, it is chance."""


@dataclass(slots=True)
class Remembering:
    """The encoder, asked only once for each text: the same sentences come back for many questions."""

    encoder: SentenceEncoder
    known: dict[str, Floats] = field(default_factory=dict[str, Floats])

    @property
    def dim(self) -> int:
        return self.encoder.dim

    @property
    def digest(self) -> str:
        return self.encoder.digest

    def __call__(self, texts: Sequence[str]) -> Matrix:
        fresh = list(dict.fromkeys(text for text in texts if text not in self.known))
        self.known.update(zip(fresh, self.encoder(fresh), strict=True) if fresh else ())
        return np.array([self.known[text] for text in texts], np.float32)


@dataclass(frozen=True, slots=True)
class Seen:
    """A question, what was retrieved and read for it, and which candidates hold the answer."""

    kind: str
    text: str
    page: str
    passages: Sequence[Passage]
    candidates: Sequence[Candidate]
    right: Sequence[bool]


def look(task: Task) -> list[Seen]:
    """Retrieve and read for every question of the task, with any reader weights: the signals do not depend on them."""
    encoder = open_encoder()
    embedder = Remembering(encoder)
    reader = SentenceReader(embedder, dict.fromkeys(READER_SIGNALS, 1.0))
    seen: list[Seen] = []
    with tempfile.TemporaryDirectory() as folder:
        corpus = build(Path(folder) / "index.sqlite", task.rows, encoder, embedder)
        for asked in task.asked:
            passages = search(corpus.store, embedder, asked.text).passages
            candidates = reader(asked.text, passages)
            right = [holds(c, asked.gold) for c in candidates]
            seen.append(Seen(asked.kind, asked.text, asked.page, passages, candidates, right))
        corpus.store.close()
    return seen


def holds(candidate: Candidate, gold: tuple[str, Sequence[Span]] | None) -> bool:
    """Whether the sentence comes from the right paragraph and one of the answers lies within it."""
    if gold is None or candidate.passage.uri != PREFIX + gold[0]:
        return False
    return any(candidate.span.holds(span) for span in gold[1])


def reader_weights(seen: Sequence[Seen]) -> dict[str, float]:
    rows = [[c.signals[name] for name in READER_SIGNALS] for s in seen if s.kind == "answerable" for c in s.candidates]
    labels = [float(right) for s in seen if s.kind == "answerable" for right in s.right]
    fitted = fit_logistic(np.array(rows), np.array(labels))
    return {name: round(float(w), 4) for name, w in zip(READER_SIGNALS, fitted.weights, strict=True)}


def signals(seen: Sequence[Seen], weights: Mapping[str, float]) -> tuple[Floats, Floats]:
    """(questions, ANSWER_SIGNALS) of the best sentence by these weights, and whether it holds the answer."""
    rows: list[list[float]] = []
    right: list[float] = []
    for one in seen:
        scores = [sum(weights[name] * c.signals[name] for name in READER_SIGNALS) for c in one.candidates]
        order = sorted(range(len(scores)), key=lambda i, s=scores: -s[i])
        found = answer_signals(one.text, one.passages, [one.candidates[i] for i in order])
        rows.append([found.get(name, 0.0) for name in ANSWER_SIGNALS])
        right.append(float(bool(order) and one.right[order[0]]))
    return np.array(rows), np.array(right)


def fit(squad: Sequence[Seen], nq: Sequence[Seen]) -> Calibration:
    weights = reader_weights(squad)
    both = [one for one in (*squad, *nq) if one.kind != "unanswerable"]
    rows, right = signals(both, weights)
    model = fit_logistic(rows, right)
    sure = model(rows)
    absent = np.array([one.kind == "absent" for one in both])
    point = at_false_answers(sure[absent], np.zeros(int(absent.sum())), ABSENT_ANSWERED)
    named = {"bias": model.bias, **dict(zip(ANSWER_SIGNALS, model.weights, strict=True))}
    return Calibration(
        open_encoder().digest,
        weights,
        {name: round(float(value), 4) for name, value in named.items()},
        round(float(point.threshold), 3),
    )


def made_answered(calibration: Calibration) -> float:
    """The share of made questions without an answer that are answered at the threshold, on the pages tuned on."""
    encoder = open_encoder()
    reader = SentenceReader(encoder, calibration.reader)
    answered: list[bool] = []
    for task in TASKS.values():
        with tempfile.TemporaryDirectory() as folder:
            corpus = build(Path(folder) / "index.sqlite", task(True).rows, encoder)
            questions = [q for q in make_questions(corpus.store, (), MADE) if q.kind != "answerable"]
            asked = ask_all(corpus.store, encoder, Engine(reader, calibration, None), questions)
            answered += [one.confidence >= calibration.threshold for one in asked]
            corpus.store.close()
    return round(float(np.mean(answered)), 3)


def main() -> None:
    tuned = {name: look(task(True)) for name, task in TASKS.items()}
    fitted = fit(*tuned.values())
    fitted = replace(fitted, made=made_answered(fitted))
    if "--write" in sys.argv:
        SHIPPED.parent.mkdir(parents=True, exist_ok=True)
        SHIPPED.write_text(json.dumps(calibration_json(fitted), indent=2) + "\n", encoding="utf-8")
    calibration = load_calibration(embedder=open_encoder().digest)  # what is reported is what is shipped
    figures = [Figure("threshold", calibration.threshold), Figure("made questions answered", calibration.made)]
    rows: list[tuple[str, ...]] = []
    curves: list[Series] = []
    for name, task in TASKS.items():
        seen = look(task(False))
        sure, right = judged(seen, calibration)
        kinds = np.array([one.kind for one in seen])
        pages = np.array([one.page for one in seen])
        rows += _rows(name, kinds, pages, sure, right, calibration.threshold, figures)
        usual = kinds != "unanswerable"
        points = [p for p in risk_coverage(sure[usual], right[usual]) if p.coverage * usual.sum() >= FEWEST_DRAWN]
        curves.append(Series(name, [p.coverage for p in points], [p.risk for p in points]))
    names = columns("questions", "n", "answered", "right of answered", "AUROC")
    note = (
        "Answered: confidence at or above the threshold. Right: the first sentence holds an answer of the right "
        "paragraph. AUROC: answerable against this kind. 95% intervals: Wilson's for whole pages."
    )
    publish(
        "calibration",
        figures,
        {"kinds": Table("Answering and abstaining", names, tuple(rows), note)},
        data=["qa/squad_train.jsonl.gz", "qa/nq_train.jsonl.gz", "retrieval/squad_corpus.jsonl.gz"],
        code=["src/openbook/answer", "src/openbook/index", "src/openbook/encode", "src/openbook/weights"],
    )
    drawn = line_plot(
        "Wrong answers by share of questions answered",
        curves,
        x_label="share of questions answered",
        y_label="share of the answers that are wrong",
        y_range=(0.0, 0.5),
    )
    (ROOT / "docs" / "risk-coverage.svg").write_text(drawn.text, encoding="utf-8")


def judged(seen: Sequence[Seen], calibration: Calibration) -> tuple[Floats, Floats]:
    """Confidence as ``ask`` computes it, and whether the first sentence holds the answer."""
    rows, right = signals(seen, calibration.reader)
    sure = [confidence(dict(zip(ANSWER_SIGNALS, map(float, row), strict=True)), calibration.confidence) for row in rows]
    return np.array(sure), right


def _rows(
    name: str,
    kinds: NDArray[np.str_],
    pages: NDArray[np.str_],
    sure: Floats,
    right: Floats,
    threshold: float,
    figures: list[Figure],
) -> list[tuple[str, ...]]:
    """A line a kind of question; adds their figures."""
    rows: list[tuple[str, ...]] = []
    answered = sure >= threshold

    def share_of(outcomes: Floats | NDArray[np.bool_], chosen: NDArray[np.bool_]) -> Interval:
        return wilson_in_groups([bool(o) for o in outcomes[chosen]], list(pages[chosen]))

    usual = kinds != "unanswerable"
    error = calibration_error(sure[usual], right[usual])
    figures.append(Figure(f"{name} calibration error", error, n=int(usual.sum())))
    for kind in KINDS:
        of_kind = kinds == kind
        n = int(of_kind.sum())
        if not n:
            continue
        share = share_of(answered, of_kind)
        figures.append(Figure(f"{name} {kind} answered", share.value, "", share.low, share.high, n))
        precision, separation = "–", "–"
        if kind == "answerable":
            held = share_of(right, of_kind & answered)
            precision = with_interval(held, 2)
            figures.append(Figure(f"{name} right of answered", held.value, "", held.low, held.high, held.n))
            best = share_of(right, of_kind)
            figures.append(Figure(f"{name} first sentence right", best.value, "", best.low, best.high, n))
        else:
            pair = of_kind | (kinds == "answerable")
            area = auroc(sure[pair], (kinds[pair] == "answerable").astype(np.float64))
            separation = f"{area:.3f}"
            figures.append(Figure(f"{name} AUROC answerable against {kind}", area or 0.0, n=int(pair.sum())))
        rows.append((f"{name}, {kind}", str(n), with_interval(share, 2), precision, separation))
    return rows


TASKS = {"SQuAD": squad_task, "Natural Questions": nq_task}

if __name__ == "__main__":
    main()
