"""Fit how ``ask`` weighs its signals and when it abstains, without and with the pair encoder; report on other pages.

What is fitted is fitted on the calibration part of SQuAD and Natural Questions, and reported on the test part: see
``answer_tasks``, ``answer_fit``. Stages are added one at a time, each tested against the one before on the same
questions. Writes evidence/calibration.json, and with --write the files in src/openbook/weights/answer.
Run: python -m benchmarks.calibration [--write] [--pair DIR]
"""

import argparse
import json
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from benchmarks.answer_fit import K, fit
from benchmarks.answer_promise import PROMISE_TABLE, promise_table
from benchmarks.answer_seen import POOL, Outcome, Remembering, Seen, Way, answered, look, sureness
from benchmarks.answer_tables import KIND_TABLE, STAGE_TABLE, kinds_table, stages_table
from benchmarks.answer_tasks import QUESTIONS_A_KIND, TASKS
from benchmarks.corpus import build
from benchmarks.data import ROOT
from benchmarks.publish import publish
from openbook.answer.calibrate import ask_all, make_questions
from openbook.answer.confidence import SHIPPED, SHIPPED_PAIR, Calibration, calibration_json, load_calibration
from openbook.answer.engine import Engine
from openbook.answer.read import SentenceReader
from openbook.encode import open_encoder
from openbook.encode.pair import open_pair
from openbook.evaluate.abstention import risk_coverage
from openbook.protocols import PairScorer
from openbook.report.lines import line_plot
from openbook.report.record import Figure
from openbook.report.series import Series
from openbook.report.tables import Table

MADE = 120
"""Questions made of each set's pages, half of them without an answer."""

FEWEST_DRAWN = 20
"""The curve begins where this many questions are answered: before that, it is chance."""

ALONE, READ, BOTH = Way(read=False, rerank=False), Way(rerank=False), Way()
FIRST, SECOND, LAST = "search, similarity", "+ read together", "+ ranked anew"
WAYS = {FIRST: ALONE, SECOND: READ, LAST: BOTH}
SHOWN = {FIRST: (", by similarity", "similarity"), LAST: ("", "read")}
"""The ways that are shown by kind of question and drawn: what their rows and their curves are called by."""


def made_answered(embedder: Remembering, calibration: Calibration, scorer: PairScorer | None) -> float:
    """The share of made questions without an answer that are answered at the threshold, on the pages tuned on."""
    engine = Engine(SentenceReader(embedder, calibration.reader), calibration, scorer)
    found: list[bool] = []
    for task in TASKS.values():
        with tempfile.TemporaryDirectory() as folder:
            corpus = build(Path(folder) / "index.sqlite", task("calibration").rows, embedder.encoder, embedder)
            questions = [q for q in make_questions(corpus.store, (), MADE) if q.kind != "answerable"]
            asked = ask_all(corpus.store, embedder, engine, questions)
            found += [one.confidence >= calibration.threshold for one in asked]
            corpus.store.close()
    return round(float(np.mean(found)), 3)


def write_fitted(embedder: Remembering, scorer: PairScorer, tuned: Mapping[str, Sequence[Seen]]) -> None:
    """Both calibration files, whole."""
    for way, path in ((ALONE, SHIPPED), (BOTH, SHIPPED_PAIR)):
        fitted = fit(tuned, embedder, way, scorer.digest)
        fitted = replace(fitted, made=made_answered(embedder, fitted, scorer if way.read else None))
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(calibration_json(fitted), indent=2) + "\n", encoding="utf-8")


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--write", action="store_true", help="replace the shipped calibration files by what is fitted")
    parser.add_argument("--pair", type=Path, help="the folder of a pair encoder (default: the shipped one)")
    given = parser.parse_args()
    embedder, scorer = Remembering(open_encoder()), open_pair(given.pair)
    tuned = {name: look(task("calibration"), embedder, scorer) for name, task in TASKS.items()}
    if given.write:
        write_fitted(embedder, scorer, tuned)
    shipped = {  # what is reported is what is shipped; reading without ranking has no file and is fitted here
        FIRST: load_calibration(embedder=embedder.digest),
        SECOND: fit(tuned, embedder, READ, scorer.digest),
        LAST: load_calibration(SHIPPED_PAIR, embedder.digest, scorer.digest),
    }
    figures = [Figure(f"{name}: threshold", c.threshold) for name, c in shipped.items()]
    figures += [Figure(f"{name}: made questions answered", c.made) for name, c in shipped.items() if c.made]
    curves: list[Series] = []
    kinds: list[tuple[str, ...]] = []
    stages: list[tuple[str, ...]] = []
    promises: list[tuple[str, ...]] = []
    for name, task in TASKS.items():
        seen = look(task("test"), embedder, scorer)
        of_ways: dict[str, tuple[list[Outcome], np.ndarray]] = {}
        for label, way in WAYS.items():
            calibration = shipped[label]
            reader = SentenceReader(embedder, calibration.reader)
            outcomes = [answered(one, reader, calibration.rank, way, K) for one in seen]
            of_ways[label] = outcomes, sureness(outcomes, calibration)
        stages += stages_table(name, seen, of_ways, figures)
        for label, (row, curve) in SHOWN.items():
            outcomes, sure = of_ways[label]
            kinds += kinds_table(f"{name}{row}", seen, outcomes, sure, shipped[label].threshold, figures)
            usual = np.array([one.asked.kind != "unanswerable" for one in seen])
            right = np.array([float(o.right) for o in outcomes])
            points = [p for p in risk_coverage(sure[usual], right[usual]) if p.coverage * usual.sum() >= FEWEST_DRAWN]
            curves.append(Series(f"{name}, {curve}", [p.coverage for p in points], [p.risk for p in points]))
        outcomes, sure = of_ways[LAST]
        promises += promise_table(name, sure, np.array([float(o.right) for o in outcomes]), figures)
    tables = {"kinds": (KIND_TABLE, kinds), "stages": (STAGE_TABLE, stages), "promises": (PROMISE_TABLE, promises)}
    publish_all(figures, {key: replace(table, rows=tuple(rows)) for key, (table, rows) in tables.items()}, curves)


def publish_all(figures: list[Figure], tables: Mapping[str, Table], curves: list[Series]) -> None:
    publish(
        "calibration",
        figures,
        tables,
        data=["qa/squad_train.jsonl.gz", "qa/nq_train.jsonl.gz", "retrieval/squad_corpus.jsonl.gz"],
        code=["src/openbook/weights"],
        note=f"At most {QUESTIONS_A_KIND} questions of a kind; {POOL} passages found, {K} read.",
    )
    drawn = line_plot(
        "Wrong answers by share of questions answered",
        curves,
        x_label="share of questions answered",
        y_label="share of the answers that are wrong",
        y_range=(0.0, 0.5),
    )
    (ROOT / "docs" / "risk-coverage.svg").write_text(drawn.text, encoding="utf-8")


if __name__ == "__main__":
    main()
