"""Labelled texts are read from lines or documents, held to bounds, and refused with one line that says what to mend."""

import gzip
import json
from pathlib import Path

import pytest

from openbook.labs import labelled
from openbook.labs.labelled import BadData, read_labelled, read_texts


def lines(rows: list) -> str:
    return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)


def rows(n: int = 60) -> list[dict]:
    return [{"text": f"text number {i}", "label": "odd" if i % 2 else "even"} for i in range(n)]


def put(folder: Path, text: str, name: str = "data.jsonl") -> Path:
    path = folder / name
    path.write_bytes(gzip.compress(text.encode()) if name.endswith(".gz") else text.encode())
    return path


@pytest.mark.parametrize("name", ["data.jsonl", "data.jsonl.gz"])
def test_lines_are_read(tmp_path: Path, name: str) -> None:
    found = read_labelled(put(tmp_path, lines(rows()) + "\n \n", name))
    assert (found.name, found.classes, len(found.texts)) == ("data", ("even", "odd"), 60)
    assert [found.classes[label] for label in found.labels[:3]] == ["even", "odd", "even"]


def test_other_fields_and_numbers_for_labels(tmp_path: Path) -> None:
    path = put(tmp_path, lines([{"body": f"text {i}", "stars": i % 5} for i in range(60)]))
    assert read_labelled(path, "body", "stars").classes == ("0", "1", "2", "3", "4")


def test_a_text_counts_once_whatever_its_case_and_blanks(tmp_path: Path) -> None:
    twice = [*rows(), {"text": "TEXT  number 3", "label": "odd"}]
    assert len(read_labelled(put(tmp_path, lines(twice))).texts) == 60


def test_line_separators_inside_texts_do_not_end_a_line(tmp_path: Path) -> None:
    strange = [{**row, "text": row["text"] + "\u2028\u0085more"} for row in rows()]
    assert len(read_labelled(put(tmp_path, lines(strange))).texts) == 60


def test_a_folder_is_labelled_by_document(tmp_path: Path) -> None:
    for name, what in (("cats", "cat"), ("dogs", "dog")):
        told = " ".join(f"The {what} number {i} sleeps all day." for i in range(30))
        (tmp_path / f"{name}.md").write_text(f"# All about {name}\n\n{told}\n\nShared by both of these pages.\n")
    (tmp_path / "short.md").write_text("# Short\n\nOne sentence is not a class.\n")
    found = read_labelled(tmp_path)
    assert found.classes == ("All about cats", "All about dogs")
    assert len(found.texts) == 60
    assert not any("Shared" in text or text.startswith("#") for text in found.texts)


def test_texts_alone_need_no_labels(tmp_path: Path) -> None:
    assert read_texts(put(tmp_path, lines([{"text": "one"}, {"text": "two"}, {"text": "one"}]))) == ["one", "two"]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "has 0 classes"),
        (lines(rows()[:10]), "at least 40 are needed"),
        (lines([{"text": f"t {i}", "label": "a"} for i in range(60)]), "has 1 classes"),
        (lines([{"text": f"t {i}", "label": f"l{i}"} for i in range(60)]), "has 60 classes"),
        (lines([*rows(), {"text": "alone", "label": "rare"}]), "class 'rare'"),
        (lines([*rows(), {"text": "text number 3", "label": "even"}]), "labelled both 'odd' and 'even'"),
        (lines([*rows(), {"body": "x", "label": "odd"}]), r"data.jsonl:61 has no field 'text' \(it has: body, label\)"),
        (lines([*rows(), {"text": 7, "label": "odd"}]), "data.jsonl:61 has no text"),
        (lines([*rows(), {"text": " ", "label": "odd"}]), "data.jsonl:61 has no text"),
        (lines([*rows(), {"text": "x", "label": [1]}]), "data.jsonl:61 has a label"),
        (lines([*rows(), {"text": "x", "label": None}]), "data.jsonl:61 has a label"),
        (lines([*rows(), {"text": "x" * 20_001, "label": "odd"}]), "cut it to 20,000"),
        (lines(rows()) + "{broken\n", "data.jsonl:61 is not JSON"),
        (lines(rows()) + "[1]\n", "data.jsonl:61 is not a JSON object"),
        (lines(rows()) + "[" * 100_000 + "\n", "data.jsonl:61 is not JSON"),
        (lines(rows()) + '"' + "x" * 1_000_001 + "\n", "put one JSON object on each line"),
    ],
)
def test_what_is_wrong_is_said_in_one_line(tmp_path: Path, text: str, told: str) -> None:
    with pytest.raises(BadData, match=told) as caught:
        read_labelled(put(tmp_path, text))
    assert "\n" not in str(caught.value)


def test_files_that_are_not_there_or_not_whole(tmp_path: Path) -> None:
    with pytest.raises(BadData, match="check the spelling"):
        read_labelled(tmp_path / "none.jsonl")
    whole = gzip.compress(lines(rows()).encode())
    for name, content in (
        ("cut.jsonl.gz", whole[:-20]),
        ("plain.jsonl.gz", b"{}"),
        ("bent.jsonl.gz", whole[:30] + b"x" * 9),
    ):
        (tmp_path / name).write_bytes(content)
        with pytest.raises(BadData, match="no whole gzip file"):
            read_labelled(tmp_path / name)


def test_bytes_that_are_no_text_are_said(tmp_path: Path) -> None:
    path = tmp_path / "latin.jsonl"
    path.write_bytes(b'{"text": "caf\xe9", "label": "odd"}\n')
    with pytest.raises(BadData, match="is not UTF-8: convert the file"):
        read_labelled(path)


def test_an_endless_file_is_not_read_to_its_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(labelled, "MOST_TEXTS", 50)
    with pytest.raises(BadData, match="more than 50 objects"):
        read_labelled(put(tmp_path, lines(rows()), "data.jsonl.gz"))
