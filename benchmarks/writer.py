"""Is the shipped writer's answer better than the documents' own sentences? And when does it say what they do not?

The whole of ``ask`` over the pages of a set that nothing was learnt from, with the writer and without: the same
questions, so that a paired test decides. Then the writer alone, on what those questions showed it: by
temperature, and whether its own unsureness tells which drafts are wrong. Writes evidence/writer.json.
Run: python -m benchmarks.writer [--model SPEC]
"""

import argparse
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from benchmarks.answer_tasks import KINDS, TASKS, Asked, Task
from benchmarks.corpus import build
from benchmarks.data import EVIDENCE
from benchmarks.publish import columns, publish, with_interval
from benchmarks.writer_alone import signals_table, temperature_table
from openbook.answer import ask
from openbook.answer.engine import Engine
from openbook.answer.engine import open_engine as open_answering
from openbook.answer.write import Drafting
from openbook.cli.drafting import drafting_with
from openbook.encode import SentenceEncoder, open_encoder
from openbook.evaluate.intervals import bootstrap_mean, wilson_in_groups
from openbook.evaluate.reading import normalised, token_f1
from openbook.evaluate.significance import holm, paired_randomisation
from openbook.heads.split import part_of
from openbook.protocols import Writer
from openbook.report.record import Figure
from openbook.report.tables import Table
from openbook.values import Answer, Prompt

ANSWERED = 150
"""Questions of each set that are answered and looked at."""

ALONE = 100
"""Prompts that the writer alone is tried on, of both sets."""

SOURCES = {"SQuAD": "squad", "Natural Questions": "nq"}


@dataclass(slots=True)
class Noted:
    """A writer that keeps what it was last shown."""

    writer: Writer
    prompt: Prompt = ()

    @property
    def name(self) -> str:
        return self.writer.name

    def __call__(self, prompt: Prompt) -> str:
        self.prompt = prompt
        return self.writer(prompt)


@dataclass(frozen=True, slots=True)
class Pair:
    """One question answered both ways, and what the writer was shown."""

    asked: Asked
    extracted: Answer
    written: Answer
    prompt: Prompt = field(repr=False)


def both_ways(task: Task, source: str, encoder: SentenceEncoder, engine: Engine, drafting: Drafting) -> list[Pair]:
    """The first ``ANSWERED`` that are answered, of the task's questions in a fixed random order."""
    rows = [row for row in task.rows if part_of(source, str(row["title"])) == "test"]
    noted = Noted(drafting.writer)
    noting = Drafting(noted, drafting.support, drafting.sentences)
    found: list[Pair] = []
    with tempfile.TemporaryDirectory() as folder:
        store = build(Path(folder) / "index.sqlite", rows, encoder).store
        for number in np.random.default_rng(2).permutation(len(task.asked)).tolist():
            asked = task.asked[number]
            plain = ask(store, encoder, engine.reader, engine.calibration, asked.text, scorer=engine.scorer)
            if plain.abstained:
                continue
            written = ask(
                store, encoder, engine.reader, engine.calibration, asked.text, scorer=engine.scorer, drafting=noting
            )
            found.append(Pair(asked, plain, written, noted.prompt))
            if len(found) == ANSWERED:
                break
        store.close()
    return found


def said(answer: Answer) -> str:
    return " ".join(sentence.text for sentence in answer.sentences)


def holds(text: str, answers: Sequence[str]) -> bool:
    """Whether one of the answers stands in it, word by word, as SQuAD normalises both."""
    words = f" {normalised(text)} "
    return any(f" {normalised(one)} " in words for one in answers if normalised(one))


def compared(name: str, pairs: Sequence[Pair], figures: list[Figure]) -> tuple[list[tuple[str, ...]], list[float]]:
    """Rows of what both ways give on answerable questions, and each row's p value."""
    asked = [pair for pair in pairs if pair.asked.kind == "answerable"]
    groups = [pair.asked.page for pair in asked]
    rows: list[tuple[str, ...]] = []
    p_values: list[float] = []
    for title, score in (
        ("an answer stands in it", lambda a, q: float(holds(said(a), q.answers))),
        ("token F1 with the answer", lambda a, q: token_f1(said(a), q.answers)),
        ("words", lambda a, _: float(len(said(a).split()))),
    ):
        first = [score(pair.written, pair.asked) for pair in asked]
        second = [score(pair.extracted, pair.asked) for pair in asked]
        test = paired_randomisation(first, second, groups=groups)
        one, other = (bootstrap_mean(of, groups=groups) for of in (first, second))
        assert one is not None
        assert other is not None
        for way, interval in (("writer", one), ("extraction", other)):
            figures.append(
                Figure(f"{name}, {way}: {title}", interval.value, "", interval.low, interval.high, len(asked))
            )
        figures.append(Figure(f"{name}: {title}, p", test.p_value, n=test.n))
        digits = 1 if title == "words" else 3
        rows.append((f"{name}: {title}", str(len(asked)), with_interval(other, digits), with_interval(one, digits),
                     f"{test.difference:+.{digits}f}"))  # fmt: skip
        p_values.append(test.p_value)
    return rows, p_values


def drafts(name: str, pairs: Sequence[Pair], figures: list[Figure]) -> list[tuple[str, ...]]:
    """What became of the drafts, by kind of question."""
    rows: list[tuple[str, ...]] = []
    for kind in KINDS:
        of_kind = [pair for pair in pairs if pair.asked.kind == kind]
        if not of_kind:
            continue
        cells = [f"{name}: {kind}", str(len(of_kind))]
        for title, outcomes in (
            ("backed", [any(s.citations for s in pair.written.draft) for pair in of_kind]),
            ("says that it is not there", [says_nothing(pair.written) for pair in of_kind]),
        ):
            found = wilson_in_groups(outcomes, [pair.asked.page for pair in of_kind])
            figures.append(Figure(f"{name}, {kind}: {title}", found.value, "", found.low, found.high, found.n))
            cells.append(with_interval(found, 2))
        rows.append(tuple(cells))
    return rows


def says_nothing(answer: Answer) -> bool:
    return any("do not say" in sentence.text for sentence in answer.draft)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--model", default="writer", help="as openbook ask takes it")
    parser.add_argument("--try", dest="trying", action="store_true", help="print alone, write no evidence")
    given = parser.parse_args()
    encoder, drafting = open_encoder(), drafting_with(given.model)
    engine = open_answering(encoder)
    figures: list[Figure] = []
    rows: list[tuple[str, ...]] = []
    p_values: list[float] = []
    kinds: list[tuple[str, ...]] = []
    pairs: list[Pair] = []
    for name, task in TASKS.items():
        of_task = both_ways(task("test"), SOURCES[name], encoder, engine, drafting)
        found, ps = compared(name, of_task, figures)
        rows, p_values = rows + found, p_values + ps
        kinds += drafts(name, of_task, figures)
        pairs += of_task
    rows = [(*row, f"{p:.4f}") for row, p in zip(rows, holm(p_values), strict=True)]
    answerable = [pair for pair in pairs if pair.asked.kind == "answerable"]
    order = np.random.default_rng(3).permutation(len(answerable)).tolist()
    answerable = [answerable[n] for n in order[:ALONE]]
    prompts = [pair.prompt for pair in answerable]
    right = [lambda text, answers=pair.asked.answers: holds(text, answers) for pair in answerable]
    pages = [pair.asked.page for pair in answerable]
    tables = {
        "paired": Table(
            "With the writer and without",
            columns("", "n", "extraction", "writer", "change", "p"),
            tuple(rows),
            "Answerable questions that are answered at the shipped threshold. 95% intervals over pages; p: paired "
            "randomisation of pages, by Holm over the table.",
        ),
        "drafts": Table(
            "What becomes of a draft",
            columns("", "n", "a sentence is backed", '"do not say"'),
            tuple(kinds),
            "Of questions that ask answers. Where nothing is backed, the documents' own sentences are the answer.",
        ),
        "temperature": temperature_table(drafting, prompts, right, pages, figures),
        "signals": signals_table(drafting, prompts, right, [pair.extracted.confidence for pair in answerable], figures),
    }
    publish(
        "writer",
        figures,
        tables,
        data=["qa/squad_train.jsonl.gz", "qa/nq_train.jsonl.gz", "retrieval/squad_corpus.jsonl.gz"],
        code=["src/openbook/weights"],
        folder=None if given.trying else EVIDENCE,
    )


if __name__ == "__main__":
    main()
