"""Labelled texts in: JSON lines of anyone's own, or a folder of documents whose sentences are labelled by document."""

import gzip
import json
import zlib
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray

import openbook
from openbook.documents import Skipped, load, sentences, walk
from openbook.errors import OpenbookError
from openbook.values import Span

MOST_TEXTS = 200_000
MOST_CLASSES = 50
LONGEST_TEXT = 20_000
"""Characters."""

_LONGEST_LINE = 1_000_000
_MOST_CHARACTERS = 200_000_000
_LONGEST_LABEL = 100
_FEWEST_OF_A_CLASS = 5
_FEWEST_TEXTS = 40
_FEWEST_WORDS = 4  # of a sentence: less is a heading or a table's cell


class BadData(OpenbookError):
    """Labelled texts that cannot be read, or that nothing can be measured on."""


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
            raise BadData(f"{name}: {_short(text)!r} is labelled both {known[1]!r} and {label!r}: keep one of them")
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
        for span in sentences(document.text, Span(0, len(document.text))):
            text = " ".join(span.of(document.text).split())
            if len(text.split()) >= _FEWEST_WORDS and len(text) <= LONGEST_TEXT:
                key = text.casefold()
                owners.setdefault(key, set()).add(title)
                found.append((text, title, key))
    counts = Counter(title for _, title, key in found if len(owners[key]) == 1)
    for text, title, key in found:  # a page of a few lines, such as a table of contents, is no class
        if len(owners[key]) == 1 and counts[title] >= 4 * _FEWEST_OF_A_CLASS:
            yield text, title


def _of_lines(path: Path, text_field: str, label_field: str | None) -> Iterator[tuple[str, str]]:
    for number, row in _rows(path):
        text = _field(row, text_field, path, number)
        if not isinstance(text, str) or not text.strip():
            raise BadData(f"{path}:{number} has no text in {text_field!r}: give every line one, or name another field")
        if len(text) > LONGEST_TEXT:
            raise BadData(f"{path}:{number} has a text of {len(text):,} characters: cut it to {LONGEST_TEXT:,}")
        label = "" if label_field is None else _label(_field(row, label_field, path, number), path, number)
        yield text.encode("utf-8", "replace").decode("utf-8"), label


def _field(row: dict[str, Any], field: str, path: Path, number: int) -> Any:
    if field not in row:
        known = ", ".join(islice((_short(key) for key in row), 8)) or "none"
        raise BadData(
            f"{path}:{number} has no field {field!r} (it has: {known}): name it with --text-field, --label-field"
        )
    return row[field]


def _label(value: Any, path: Path, number: int) -> str:
    label = str(value) if isinstance(value, str | int | bool) else ""
    if not 1 <= len(label.strip()) <= _LONGEST_LABEL:
        raise BadData(f"{path}:{number} has a label that is no short word or whole number: {_short(repr(value))}")
    return " ".join(label.split())


def _rows(path: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    try:
        with path.open("rb") as file:
            plain: IO[bytes] = gzip.GzipFile(fileobj=file) if path.suffix == ".gz" else file  # type: ignore[assignment]
            yield from _objects(plain, path)
    except FileNotFoundError:
        raise BadData(f"there is no file or folder {path}: check the spelling") from None
    except (gzip.BadGzipFile, EOFError, zlib.error):
        raise BadData(f"{path} is no whole gzip file: make it again, or drop the .gz from its name") from None
    except OSError as error:
        raise BadData(f"{path} cannot be read: {error.strerror or error}") from None


def _objects(file: IO[bytes], path: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    """Each line's object with its number, held to the bounds while it is read, so that no file can fill the memory."""
    read, rows, number = 0, 0, 0
    while line := file.readline(_LONGEST_LINE + 1):
        number += 1
        read += len(line)
        if len(line) > _LONGEST_LINE:
            raise BadData(f"{path}:{number} is longer than {_LONGEST_LINE:,} bytes: put one JSON object on each line")
        if not line.strip():
            continue
        rows += 1
        if rows > MOST_TEXTS or read > _MOST_CHARACTERS:
            raise BadData(
                f"{path} holds more than {MOST_TEXTS:,} texts or {_MOST_CHARACTERS:,} bytes: pass a part of it"
            )
        try:
            row = json.loads(line)
        except (ValueError, RecursionError):
            raise BadData(f"{path}:{number} is not JSON: put one object on each line") from None
        if not isinstance(row, dict):
            raise BadData(f'{path}:{number} is not a JSON object: write it as {{"text": …, "label": …}}')
        yield number, row


def _short(text: str, most: int = 60) -> str:
    line = " ".join("".join(c if c.isprintable() else " " for c in text).split())
    return line if len(line) <= most else line[: most - 1] + "…"


def handbook() -> Path:
    """openbook's own handbook: beside where one stands, or beside the package's source. BadData where it is neither."""
    for folder in (Path("handbook"), Path(openbook.__file__).parents[2] / "handbook"):
        if folder.is_dir():
            return folder
    raise BadData("there is no handbook/ here to learn from: pass your own texts, --data FILE.jsonl or --data FOLDER")
