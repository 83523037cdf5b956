"""The public sets that shipped heads may learn from, each with its licence; every other set is refused by name.

Rows are gzipped JSON lines as ``benchmarks/README.md`` describes them; positions are code points of the context.
"""

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from openbook.errors import OpenbookError
from openbook.heads.examples import Example
from openbook.json_lines import rows_of
from openbook.values import Span

MOST_ROWS = 200_000

Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Set:
    """file: below the data folder. licence: as its source states it. keep: which rows serve."""

    file: str
    licence: str
    read: Callable[[Row], Example]
    keep: Callable[[Row], bool] = lambda _: True


class UnlicensedSet(OpenbookError):
    """A set whose licence does not let weights trained on it be shipped, or that nobody has looked at."""


def data_folder() -> Path:
    """``OPENBOOK_DATA``, or ``shared/data`` beside the current folder, where nobody sets it."""
    return Path(os.environ.get("OPENBOOK_DATA") or Path.cwd().parent / "shared" / "data")


def read_set(name: str, folder: Path) -> Iterator[Example]:
    """Every example of a set. Raises UnlicensedSet for a name that is not listed, BadData for a file that is broken."""
    if name not in SETS:
        raise UnlicensedSet(f"{name} is no set that weights may be trained on: choose among {', '.join(SETS)}")
    chosen = SETS[name]
    for _, row in rows_of(folder / chosen.file, MOST_ROWS):
        if chosen.keep(row):
            yield chosen.read(row)


def _squad(row: Row) -> Example:
    """Answerable, or written to look answerable by this paragraph, which is relevant all the same."""
    return Example(
        f"squad:{row['id']}",
        "squad",
        row["title"],
        row["question"],
        row["context"],
        (row["title"].replace("_", " "),),
        _spans(row["answers"]) if row["answerable"] else (),
        bool(row["answerable"]),
        relevant=True,
    )


def _natural_questions(row: Row) -> Example:
    title, spans = row["title"], _spans(row["spans"])
    return Example(row["id"], "nq", title, row["question"], row["context"], (title,), spans, True, relevant=True)


def _fairytale(row: Row) -> Example:
    """Questions about a section of a story whose answer stands in it; most are answered in words of their own."""
    spans = _spans(row["spans"])
    return Example(
        f"fairytale:{row['id']}",
        "fairytale",
        row["story"],
        row["question"],
        row["context"],
        (row["story"].replace("-", " "),),
        spans,
        True,
        relevant=True,
    )


def _medquad(row: Row) -> Example:
    """A question and a whole answer: relevant, and without a span."""
    heading = (row["focus"],) if row["focus"] else ()
    return Example(
        f"medquad:{row['id']}",
        "medquad",
        row["doc_id"],
        row["question"].replace(" ?", "?"),
        row["answer"],
        heading,
        (),
        True,
        relevant=True,
    )


def _spans(found: Sequence[Row]) -> tuple[Span, ...]:
    spans = [Span(answer["start"], answer["start"] + len(answer["text"])) for answer in found if answer["text"]]
    return tuple(dict.fromkeys(spans))


SETS: Mapping[str, Set] = {
    "squad": Set("qa/squad_train.jsonl.gz", "CC BY-SA 4.0", _squad),
    "nq": Set("qa/nq_train.jsonl.gz", "MIT; text from Wikipedia, CC BY-SA", _natural_questions),
    "fairytale": Set("qa/fairytale_train.jsonl.gz", "Apache-2.0", _fairytale, lambda row: bool(row["has_span"])),
    "medquad": Set("qa/medquad.jsonl.gz", "CC BY 4.0", _medquad),
}
