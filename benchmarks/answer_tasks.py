"""Questions that an index can and cannot answer, made from SQuAD and Natural Questions.

The index holds all pages of a set but a third of the part's own: questions about those are absent. SQuAD also has
questions written to look answerable by a paragraph that does not answer them: unanswerable. The parts are those that
the trained heads keep (``openbook.heads.split``): what is reported was neither learnt from nor fitted on.
"""

import hashlib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from benchmarks.data import read_rows
from openbook.heads.split import Part, part_of
from openbook.values import Span

QUESTIONS_A_KIND = 300
KINDS = ("answerable", "absent", "unanswerable")


@dataclass(frozen=True, slots=True)
class Asked:
    """A question and what is known of it. gold: row id and answer spans; None where nothing in the index answers.

    page: the page that it was asked about. answers: as people gave them.
    """

    kind: str
    text: str
    page: str
    gold: tuple[str, Sequence[Span]] | None
    answers: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Task:
    """An index, and questions it can and cannot answer."""

    name: str
    rows: Sequence[Mapping[str, Any]]
    asked: Sequence[Asked]


def squad_task(part: Part) -> Task:
    rows = read_rows("retrieval/squad_corpus.jsonl.gz")
    out = left_out("squad", [str(row["title"]) for row in rows], part)
    asked: list[Asked] = []
    for row in read_rows("qa/squad_train.jsonl.gz"):
        title, question = str(row["title"]), str(row["question"])
        if part_of("squad", title) != part:
            continue
        if title in out:
            asked.append(Asked("absent", question, title, None))
        elif row["answerable"]:
            found = row["answers"]
            gold = (str(row["paragraph_id"]), _spans(found))
            asked.append(Asked("answerable", question, title, gold, tuple(a["text"] for a in found)))
        else:
            asked.append(Asked("unanswerable", question, title, None))
    return Task("SQuAD", [row for row in rows if row["title"] not in out], _sample(asked))


def nq_task(part: Part) -> Task:
    rows = [{**row, "text": row["context"]} for row in read_rows("qa/nq_train.jsonl.gz")]
    out = left_out("nq", [str(row["title"]) for row in rows], part)
    asked: list[Asked] = []
    for row in rows:
        title, question = str(row["title"]), str(row["question"])
        if part_of("nq", title) != part:
            continue
        if title in out:
            asked.append(Asked("absent", question, title, None))
        else:
            gold = (str(row["id"]), _spans(row["spans"]))
            asked.append(Asked("answerable", question, title, gold, tuple(row["answers"])))
    return Task("Natural Questions", [row for row in rows if row["title"] not in out], _sample(asked))


TASKS = {"SQuAD": squad_task, "Natural Questions": nq_task}


def left_out(source: str, titles: Collection[str], part: Part) -> frozenset[str]:
    """A third of the part's pages, those first in an order that has nothing to do with their names."""
    of_part = {title for title in titles if part_of(source, title) == part}
    ordered = sorted(of_part, key=lambda title: hashlib.sha256(f"absent {title}".encode()).digest())
    return frozenset(ordered[: round(len(ordered) / 3)])


def _spans(found: Sequence[Mapping[str, Any]]) -> list[Span]:
    return [Span(s["start"], s["start"] + len(s["text"])) for s in found]


def _sample(asked: Sequence[Asked]) -> list[Asked]:
    rng = np.random.default_rng(0)
    chosen: list[Asked] = []
    for kind in KINDS:
        of_kind = [a for a in asked if a.kind == kind]
        chosen += [of_kind[i] for i in rng.permutation(len(of_kind))[:QUESTIONS_A_KIND]]
    return chosen
