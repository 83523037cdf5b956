"""The auditor finds what is there, and notices what is not, in every format."""

import shutil
import zipfile
from pathlib import Path

import pytest

from openbook.answer.audit import audit_citation
from openbook.values import Citation, Span

NAMESPACE = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'


def citation(path: Path | str, quote: str) -> Citation:
    return Citation("d", Span(0, len(quote)), quote, str(path), "line 1")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_text_in_any_encoding(tmp_path: Path, encoding: str) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes("Fish & chips\r\ncost £5 — no more.".encode(encoding))
    assert audit_citation(citation(path, "chips\ncost £5 — no")).verdict == "found"
    assert audit_citation(citation(path, "cost £6")).verdict == "missing"


def test_blanks_count_in_text_files(tmp_path: Path) -> None:
    path = tmp_path / "a.md"
    path.write_text("one  two", encoding="utf-8")
    assert audit_citation(citation(path, "one two")).verdict == "missing"


def test_html_by_what_is_seen(tmp_path: Path) -> None:
    path = tmp_path / "a.html"
    path.write_text("<p>Fish &amp; <b>chips</b>\n cost <i>£5</i></p>", encoding="utf-8")
    assert audit_citation(citation(path, "Fish & chips cost £5")).verdict == "found"
    assert audit_citation(citation(path, "Fish and chips")).verdict == "missing"


def test_docx_by_its_xml(tmp_path: Path) -> None:
    path = tmp_path / "a.docx"
    with zipfile.ZipFile(path, "w") as archive:
        words = "<w:r><w:t>Fish &amp; </w:t></w:r><w:r><w:t>chips</w:t></w:r>"
        archive.writestr("word/document.xml", f"<w:p {NAMESPACE}>{words}</w:p>")
    assert audit_citation(citation(path, "Fish & chips")).verdict == "found"
    assert audit_citation(citation(path, "Fish & crisps")).verdict == "missing"


def test_a_source_that_is_gone_or_broken_is_missing(tmp_path: Path) -> None:
    assert audit_citation(citation(tmp_path / "none.txt", "x")).verdict == "missing"
    (tmp_path / "broken.docx").write_bytes(b"not a zip")
    assert audit_citation(citation(tmp_path / "broken.docx", "x")).verdict == "missing"


def test_a_page_on_the_web_is_not_checked() -> None:
    assert audit_citation(citation("https://example.org/", "x")).verdict == "unchecked"


@pytest.mark.skipif(shutil.which("pdftotext") is None, reason="pdftotext is not installed")
def test_a_broken_pdf_is_missing(tmp_path: Path) -> None:
    (tmp_path / "a.pdf").write_bytes(b"%PDF-1.4 nothing")
    assert audit_citation(citation(tmp_path / "a.pdf", "x")).verdict == "missing"


def test_docx_by_its_footnotes(tmp_path: Path) -> None:
    path = tmp_path / "a.docx"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("word/document2.xml", f"<w:t {NAMESPACE}>Body</w:t>")
        archive.writestr("word/footnotes.xml", f"<w:t {NAMESPACE}>A note below.</w:t>")
    assert audit_citation(citation(path, "A note below.")).verdict == "found"
    assert audit_citation(citation(path, "Body")).verdict == "found"


def test_a_kind_is_known_by_content(tmp_path: Path) -> None:
    path = tmp_path / "page"
    path.write_text("<!DOCTYPE html><p>Fish <b>and</b> chips</p>", encoding="utf-8")
    assert audit_citation(citation(path, "Fish and chips")).verdict == "found"


@pytest.mark.parametrize("encoding", ["cp1250", "koi8-r", "euc_jp", "gb18030", "cp1253"])
def test_text_in_older_encodings(tmp_path: Path, encoding: str) -> None:
    quote = {
        "cp1250": "Žluťoučký kůň",
        "koi8-r": "Слово",
        "euc_jp": "日本語の文",
        "gb18030": "中文句子",
        "cp1253": "Ελλάδα",
    }[encoding]
    path = tmp_path / "a.txt"
    path.write_bytes(f"before {quote} after".encode(encoding))
    assert audit_citation(citation(path, quote)).verdict == "found"
    assert audit_citation(citation(path, quote + "!")).verdict == "missing"
