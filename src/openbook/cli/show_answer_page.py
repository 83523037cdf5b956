"""An answer as the sections of a page: what is said, what it rests on, and which passages speak to a model."""

from collections.abc import Sequence
from pathlib import Path

from openbook.answer.audit import Audit
from openbook.cli.screen import one_line, where
from openbook.report.page import Section
from openbook.report.tables import Column, Table
from openbook.values import Answer, Passage

_WITHHELD = {"": "", "writer": "the model", "answer": "the answer"}


def sections(answer: Answer, audits: Sequence[Audit], roots: Sequence[Path]) -> Sequence[Section]:
    said = [one_line(sentence.text) for sentence in answer.sentences] or ["Not in these documents."]
    struck = [f"Not backed: {one_line(sentence.text)}" for sentence in answer.draft if not sentence.citations]
    told = [Section("", [*said, *struck, f"Confidence {answer.confidence:.2f}."])]
    quotes = tuple(
        (
            str(number),
            where(audit.citation.uri, audit.citation.place, roots),
            one_line(audit.citation.quote),
            audit.verdict,
        )
        for number, audit in enumerate(audits, start=1)
    )
    if quotes:
        columns = (Column("", "right"), Column("where"), Column("quote"), Column("in its file"))
        told.append(Section("Quotes", [Table("", columns, quotes)]))
    else:
        nearest = tuple((_where(passage, roots), one_line(passage.text)[:400]) for passage in answer.passages[:3])
        told.append(Section("The nearest passages", [Table("", (Column("where"), Column("text")), nearest)]))
    doubts = tuple(
        (_where(answer.passages[found.passage], roots), found.rule, one_line(found.message), _WITHHELD[found.withheld])
        for found in answer.suspicious
    )
    if doubts:
        columns = (Column("where"), Column("rule"), Column("what"), Column("withheld from"))
        told.append(Section("Suspicious passages", [Table("", columns, doubts)]))
    return told


def _where(passage: Passage, roots: Sequence[Path]) -> str:
    return where(passage.uri, passage.chunk.place, roots)
