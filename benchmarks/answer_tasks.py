"""Questions that an index can and cannot answer, made from SQuAD and Natural Questions.

A third of each set's pages is left out of the index: questions about those are absent. SQuAD also has questions
written to look answerable by a paragraph that does not answer them: unanswerable. Pages are halved by hash: one half is
tuned on, the other reported.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from benchmarks.data import first_half, read_rows
from openbook.values import Span

QUESTIONS_A_KIND = 600
KINDS = ("answerable", "absent", "unanswerable")


@dataclass(frozen=True, slots=True)
class Asked:
    """A question and what is known of it. gold: row id and answer spans; None where nothing in the index answers.

    page: the page that it was asked about.
    """

    kind: str
    text: str
    page: str
    gold: tuple[str, Sequence[Span]] | None


@dataclass(frozen=True, slots=True)
class Task:
    """An index, and questions it can and cannot answer."""

    name: str
    rows: Sequence[Mapping[str, Any]]
    asked: Sequence[Asked]


def squad_task(tuned: bool) -> Task:
    rows = [r for r in read_rows("retrieval/squad_corpus.jsonl.gz") if first_half(str(r["title"])) == tuned]
    asked: list[Asked] = []
    for row in read_rows("qa/squad_train.jsonl.gz"):
        if first_half(str(row["title"])) != tuned:
            continue
        if not _present(str(row["title"])):
            asked.append(Asked("absent", row["question"], row["title"], None))
        elif row["answerable"]:
            asked.append(
                Asked("answerable", row["question"], row["title"], (row["paragraph_id"], _spans(row["answers"])))
            )
        else:
            asked.append(Asked("unanswerable", row["question"], row["title"], None))
    return Task("SQuAD", [r for r in rows if _present(str(r["title"]))], _sample(asked))


def nq_task(tuned: bool) -> Task:
    rows = [r for r in read_rows("qa/nq_train.jsonl.gz") if first_half(str(r["title"])) == tuned]
    asked = [
        Asked("answerable", row["question"], row["title"], (row["id"], _spans(row["spans"])))
        if _present(str(row["title"]))
        else Asked("absent", row["question"], row["title"], None)
        for row in rows
    ]
    present = [{**row, "text": row["context"]} for row in rows if _present(str(row["title"]))]
    return Task("Natural Questions", present, _sample(asked))


def _spans(found: Sequence[Mapping[str, Any]]) -> list[Span]:
    return [Span(s["start"], s["start"] + len(s["text"])) for s in found]


def _present(title: str) -> bool:
    return hashlib.sha256(b"present " + title.encode("utf-8")).digest()[0] % 3 > 0


def _sample(asked: Sequence[Asked]) -> list[Asked]:
    rng = np.random.default_rng(0)
    chosen: list[Asked] = []
    for kind in KINDS:
        of_kind = [a for a in asked if a.kind == kind]
        chosen += [of_kind[i] for i in rng.permutation(len(of_kind))[:QUESTIONS_A_KIND]]
    return chosen
