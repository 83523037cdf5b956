"""Does the sentence that an answer cites answer the question? 200 answers, each read and labelled by one of us.

The whole of ``ask``, over all pages of a set, on questions of the part that nothing was learnt from or fitted on:
those that the pages answer, those about pages left out, and SQuAD's that only look answerable, as they come. The first
100 that are answered of each set are looked up in benchmarks/answers/labels.jsonl by question and citation. An answer
that nobody has labelled is counted as such; --unread FILE writes those down to be read. Writes evidence/citations.json.
Run: python -m benchmarks.citations [--unread FILE]
"""

import argparse
import hashlib
import json
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from benchmarks.answer_tasks import KINDS, TASKS, Asked, Task
from benchmarks.corpus import PREFIX, build
from benchmarks.data import ROOT
from benchmarks.publish import columns, publish, with_interval
from openbook.answer import ask
from openbook.answer.engine import Engine, open_engine
from openbook.encode import SentenceEncoder, open_encoder
from openbook.evaluate.intervals import wilson
from openbook.report.record import Figure
from openbook.report.tables import Table
from openbook.values import Answer

LABELS = ROOT / "benchmarks" / "answers" / "labels.jsonl"
READ = 100
"""Answers of each set that are looked at."""

Key = tuple[str, str, str, int, int]
"""Set, question's digest, row, start and end of the first citation."""


@dataclass(frozen=True, slots=True)
class Answered:
    """A question, its answer, and what the label is kept under."""

    asked: Asked
    answer: Answer
    key: Key


def answers(task: Task, encoder: SentenceEncoder, engine: Engine) -> Iterator[Answered]:
    """The first ``READ`` that are answered, of the task's questions in a fixed random order."""
    order = np.random.default_rng(1).permutation(len(task.asked)).tolist()
    found = 0
    with tempfile.TemporaryDirectory() as folder:
        store = build(Path(folder) / "index.sqlite", task.rows, encoder).store
        for asked in (task.asked[n] for n in order):
            answer = ask(store, encoder, engine.reader, engine.calibration, asked.text, scorer=engine.scorer)
            if answer.abstained:
                continue
            cited = answer.sentences[0].citations[0]
            digest = hashlib.sha256(asked.text.encode()).hexdigest()[:16]
            row = cited.uri.removeprefix(PREFIX)
            yield Answered(asked, answer, (task.name, digest, row, cited.span.start, cited.span.end))
            found += 1
            if found == READ:
                break
        store.close()


def read_labels() -> Mapping[Key, bool]:
    if not LABELS.exists():
        return {}
    rows = [json.loads(line) for line in LABELS.read_text(encoding="utf-8").splitlines()]
    return {(r["set"], r["question"], r["row"], r["start"], r["end"]): bool(r["answers"]) for r in rows}


def shown(item: Answered) -> Mapping[str, object]:
    """What somebody needs to label it."""
    cited = item.answer.sentences[0].citations[0]
    passage = next(p for p in item.answer.passages if p.uri == cited.uri and p.chunk.span.holds(cited.span))
    name, digest, row, start, end = item.key
    return {
        "set": name, "question": digest, "row": row, "start": start, "end": end, "asked": item.asked.text,
        "page": passage.chunk.heading[0], "quote": cited.quote, "passage": passage.text,
    }  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--unread", type=Path, help="write the answers without a label as JSON lines")
    given = parser.parse_args()
    encoder = open_encoder()
    engine, labels = open_engine(encoder), read_labels()
    figures: list[Figure] = []
    rows: list[tuple[str, ...]] = []
    unread: list[Answered] = []
    for name, task in TASKS.items():
        found = list(answers(task("test"), encoder, engine))
        unread += [item for item in found if item.key not in labels]
        for kind in ("all", *KINDS):
            known = [labels[a.key] for a in found if a.key in labels and kind in ("all", a.asked.kind)]
            if not known:
                continue
            share = wilson(sum(known), len(known))
            figures.append(
                Figure(f"{name}, {kind}: cited sentence answers", share.value, "", share.low, share.high, share.n)
            )
            rows.append((f"{name}, {kind}", str(len(known)), with_interval(share, 2)))
    figures.append(Figure("answers that nobody has labelled", len(unread)))
    if given.unread:
        lines = [json.dumps(shown(item), ensure_ascii=False) for item in unread]
        given.unread.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    note = (
        f"The first sentence of {READ} answers of each set, in a random order of the questions, by whether it answers "
        f"the question as asked, read by one of us; {len(unread)} of them have no label. By what the question is: "
        "answerable from the index, about a page that is not in it, or written to look answerable."
    )
    names = columns("questions", "read", "it does")
    publish(
        "citations", figures, {"citations": Table("Does the cited sentence answer?", names, tuple(rows), note)},
        data=["qa/squad_train.jsonl.gz", "qa/nq_train.jsonl.gz", "benchmarks/answers/labels.jsonl"],
        code=["src/openbook/weights"],
    )  # fmt: skip


if __name__ == "__main__":
    main()
