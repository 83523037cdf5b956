"""The guide's fifteen entries asked of the handbook, in their own wording and two others; and 30 it cannot answer.

Every question is shown with what came of it, right or wrong. Writes evidence/guide.json.
Run: python -m benchmarks.guide
"""

import json
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.data import ROOT
from benchmarks.publish import columns, publish
from openbook.answer import ask
from openbook.answer.audit import audit
from openbook.answer.engine import open_engine
from openbook.encode import open_encoder
from openbook.evaluate.intervals import wilson
from openbook.index.sqlite import open_sqlite
from openbook.index.update import update
from openbook.report.record import Figure
from openbook.report.tables import Column, Table
from openbook.values import Answer

QUESTIONS = Path(__file__).parent / "guide" / "questions.json"
HANDBOOK = ROOT / "handbook"


@dataclass(frozen=True, slots=True)
class Asked:
    """entry: of the guide, empty for a question the handbook cannot answer. chapter: wanted. found: cited first."""

    entry: str
    question: str
    chapter: str
    found: str
    confidence: float
    quote: str
    audited: bool

    @property
    def right(self) -> bool:
        return self.found == self.chapter


def measure() -> list[Asked]:
    """Ask everything of a fresh index of the handbook."""
    questions: Mapping[str, Any] = json.loads(QUESTIONS.read_text(encoding="utf-8"))
    encoder = open_encoder()
    engine = open_engine(encoder)
    wanted = [(e["entry"], q, e["chapter"]) for e in questions["answerable"] for q in e["questions"]]
    wanted += [("", question, "") for question in questions["unanswerable"]]
    with tempfile.TemporaryDirectory() as folder:
        store = open_sqlite(Path(folder) / "index.sqlite", create={"embedder": encoder.digest, "dim": str(encoder.dim)})
        update(store, encoder, [str(HANDBOOK)], token_spans=encoder.token_spans)
        rows = [
            _asked(ask(store, encoder, engine.reader, engine.calibration, q, scorer=engine.scorer), entry, chapter)
            for entry, q, chapter in wanted
        ]
        store.close()
    return rows


def _asked(answer: Answer, entry: str, chapter: str) -> Asked:
    cited = [citation for sentence in answer.sentences for citation in sentence.citations]
    found = Path(cited[0].uri).name if cited else ""
    quote = " ".join(cited[0].quote.split()) if cited else ""
    checked = all(verdict.verdict == "found" for verdict in audit(answer))
    return Asked(entry, answer.question, chapter, found, answer.confidence, quote, checked)


def main() -> None:
    rows = measure()
    asked = [row for row in rows if row.entry]
    others = [row for row in rows if not row.entry]
    own, paraphrased = asked[::3], [row for i, row in enumerate(asked) if i % 3]
    shares = {
        "own wording, right chapter": [row.right for row in own],
        "own wording, abstained": [not row.found for row in own],
        "paraphrased, right chapter": [row.right for row in paraphrased],
        "paraphrased, wrong chapter": [bool(row.found) and not row.right for row in paraphrased],
        "paraphrased, abstained": [not row.found for row in paraphrased],
        "not in the handbook, abstained": [not row.found for row in others],
        "quotes found again by the auditor": [row.audited for row in rows if row.found],
    }
    figures: list[Figure] = []
    summary: list[tuple[str, ...]] = []
    for name, held in shares.items():
        share = wilson(sum(held), len(held))
        figures.append(
            Figure(name, share.value, "", share.low, share.high, share.n, text=f"{sum(held)} of {len(held)}")
        )
        summary.append((name, f"{sum(held)} of {len(held)}", f"{share.low:.2f} to {share.high:.2f}"))
    shown = (Column("question"), Column("confidence", "right"), Column("chapter cited"), Column("first sentence"))
    tables = {
        "summary": Table("The guide asked of the handbook", columns("", "count", "95% Wilson"), tuple(summary)),
        "answerable": Table("Every entry, three wordings", shown, tuple(_line(row) for row in asked)),
        "unanswerable": Table("What the handbook does not hold", shown, tuple(_line(row) for row in others)),
    }
    publish(
        "guide",
        figures,
        tables,
        data=["handbook", "benchmarks/guide/questions.json"],
        code=["src/openbook/weights"],
    )


def _line(row: Asked) -> tuple[str, ...]:
    cited = row.found or "(abstained)"
    mark = "" if row.right or not (row.entry and row.found) else " (wrong)"
    return (row.question, f"{row.confidence:.2f}", cited + mark, row.quote[:160])


if __name__ == "__main__":
    main()
