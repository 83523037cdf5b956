"""Labelled texts in: JSON lines of anyone's own, or a folder of documents whose sentences are labelled by document."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

import openbook
from openbook.documents import Skipped, load, sentences, walk
from openbook.documents.outline import outline
from openbook.json_lines import BadData, rows_of, shortened
from openbook.values import Span

MOST_TEXTS = 200_000
MOST_CLASSES = 50
LONGEST_TEXT = 20_000
"""Characters."""

_LONGEST_LABEL = 100
_FEWEST_OF_A_CLASS = 5
_FEWEST_TEXTS = 40
_FEWEST_WORDS = 4  # of a sentence: less is a heading or a table's cell


@dataclass(frozen=True, slots=True)
class Labelled:
    """texts[i] has the class classes[labels[i]]; no text stands twice."""

    name: str
    texts: tuple[str, ...]
    labels: NDArray[np.int64]
    classes: tuple[str, ...]


def read_labelled(path: Path, text_field: str = "text", label_field: str = "label") -> Labelled:
    """A JSON-lines file (.jsonl, or .jsonl.gz), or a folder of documents. Raises BadData with what to mend."""
    found = _of_documents(path) if path.is_dir() else _of_lines(path, text_field, label_field)
    return labelled(path.name.split(".")[0] or str(path), found)


def read_texts(path: Path, text_field: str = "text") -> list[str]:
    """Texts alone, from the same kinds of source."""
    found = _of_documents(path) if path.is_dir() else _of_lines(path, text_field, None)
    texts = list(dict.fromkeys(text for text, _ in found))
    if not texts:
        raise BadData(f"{path} holds no text: name a file or folder with sentences in it")
    return texts


def labelled(name: str, found: Iterator[tuple[str, str]]) -> Labelled:
    """The texts once each, in order, and their classes by name. Raises BadData where there are too few of either."""
    of_text: dict[str, tuple[str, str]] = {}
    for text, label in found:
        key = " ".join(text.casefold().split())
        known = of_text.setdefault(key, (text, label))
        if known[1] != label:
            raise BadData(f"{name}: {shortened(text)!r} is labelled both {known[1]!r} and {label!r}: keep one of them")
    counts = Counter(label for _, label in of_text.values())
    if not 2 <= len(counts) <= MOST_CLASSES:
        raise BadData(f"{name} has {len(counts)} classes and 2 to {MOST_CLASSES} are needed: check the label field")
    rarest, times = min(counts.items(), key=lambda item: item[1])
    if times < _FEWEST_OF_A_CLASS:
        raise BadData(
            f"{name} has {times} texts of class {rarest!r} and {_FEWEST_OF_A_CLASS} are needed: merge or drop it"
        )
    if len(of_text) < _FEWEST_TEXTS:
        raise BadData(f"{name} has {len(of_text)} different texts: at least {_FEWEST_TEXTS} are needed")
    classes = tuple(sorted(counts))
    number = {label: index for index, label in enumerate(classes)}
    labels = np.array([number[label] for _, label in of_text.values()], np.int64)
    return Labelled(name, tuple(text for text, _ in of_text.values()), labels, classes)


def _of_documents(folder: Path) -> Iterator[tuple[str, str]]:
    """Every sentence that one document alone has, labelled by that document's title."""
    owners: dict[str, set[str]] = {}
    found: list[tuple[str, str, str]] = []
    for path in walk(folder):
        if isinstance(path, Skipped):
            continue
        document = load(path)
        title = document.title.strip()[:_LONGEST_LABEL] or path.stem
        headings = {heading.span.start for heading in outline(document).headings}
        for span in sentences(document.text, Span(0, len(document.text))):
            text = " ".join(span.of(document.text).split())
            if span.start not in headings and len(text.split()) >= _FEWEST_WORDS and len(text) <= LONGEST_TEXT:
                key = text.casefold()
                owners.setdefault(key, set()).add(title)
                found.append((text, title, key))
    counts = Counter(title for _, title, key in found if len(owners[key]) == 1)
    for text, title, key in found:  # a page of a few lines, such as a table of contents, is no class
        if len(owners[key]) == 1 and counts[title] >= 4 * _FEWEST_OF_A_CLASS:
            yield text, title


def _of_lines(path: Path, text_field: str, label_field: str | None) -> Iterator[tuple[str, str]]:
    for number, row in rows_of(path, MOST_TEXTS):
        text = _field(row, text_field, path, number)
        if not isinstance(text, str) or not text.strip():
            raise BadData(f"{path}:{number} has no text in {text_field!r}: give every line one, or name another field")
        if len(text) > LONGEST_TEXT:
            raise BadData(f"{path}:{number} has a text of {len(text):,} characters: cut it to {LONGEST_TEXT:,}")
        label = "" if label_field is None else _label(_field(row, label_field, path, number), path, number)
        yield text.encode("utf-8", "replace").decode("utf-8"), label


def _field(row: dict[str, Any], field: str, path: Path, number: int) -> Any:
    if field not in row:
        known = ", ".join(islice((shortened(key) for key in row), 8)) or "none"
        raise BadData(
            f"{path}:{number} has no field {field!r} (it has: {known}): name it with --text-field, --label-field"
        )
    return row[field]


def _label(value: Any, path: Path, number: int) -> str:
    label = str(value) if isinstance(value, str | int | bool) else ""
    if not 1 <= len(label.strip()) <= _LONGEST_LABEL:
        raise BadData(f"{path}:{number} has a label that is no short word or whole number: {shortened(repr(value))}")
    return " ".join(label.split())


def handbook() -> Path:
    """openbook's own handbook: beside where one stands, or beside the package's source. BadData where it is neither."""
    for folder in (Path("handbook"), Path(openbook.__file__).parents[2] / "handbook"):
        if folder.is_dir():
            return folder
    raise BadData("there is no handbook/ here to learn from: pass your own texts, --data FILE.jsonl or --data FOLDER")
