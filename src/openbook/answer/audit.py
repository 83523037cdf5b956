"""The auditor: finds every quote again in the source on disk, with code of its own.

Nothing here uses the loaders, the index or the citations' positions, so a fault in any of those cannot hide here. Text
files are searched as they are, HTML through the standard library's parser, docx through its XML, PDF through
``pdftotext`` where it is installed. Blanks are compared loosely only where a format has no definite ones.
"""

import html.parser
import re
import shutil
import subprocess
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from openbook.values import Answer, Citation

MAX_BYTES = 200_000_000
PDF_SECONDS = 60.0

Verdict = Literal["found", "missing", "unchecked"]


@dataclass(frozen=True, slots=True)
class Audit:
    """verdict: found, missing, or unchecked with the reason (a web page, or PDF without pdftotext)."""

    citation: Citation
    verdict: Verdict
    reason: str


def audit(answer: Answer) -> Sequence[Audit]:
    """One verdict for each citation of the answer."""
    return [audit_citation(citation) for sentence in answer.sentences for citation in sentence.citations]


def audit_citation(citation: Citation) -> Audit:
    if citation.uri.startswith(("http://", "https://")):
        return Audit(citation, "unchecked", "a web page is not kept on disk")
    path = Path(citation.uri)
    try:
        if path.stat().st_size > MAX_BYTES:
            return Audit(citation, "unchecked", "the file has grown too large to search")
        texts = _source_texts(path)
    except (OSError, ValueError, zipfile.BadZipFile, subprocess.SubprocessError) as error:
        return Audit(citation, "missing", f"the source cannot be read again: {error}")
    if texts is None:
        return Audit(citation, "unchecked", "pdftotext is not installed")
    exact = path.suffix.lower() not in (".pdf", ".docx", ".html", ".htm", ".xhtml")
    quote = citation.quote if exact else _without_blanks(citation.quote)
    found = any(quote in (text if exact else _without_blanks(text)) for text in texts)
    return Audit(citation, "found" if found else "missing", "" if found else "the source does not hold this quote")


def _source_texts(path: Path) -> list[str] | None:
    """Every plausible reading of the file; None where a tool is missing."""
    suffix = path.suffix.lower()
    if suffix == ".pdf":
        tool = shutil.which("pdftotext")
        if tool is None:
            return None
        # physical layout and reading order differ in how they join columns and lines; a quote follows one of them
        return [_run([tool, *order, "-enc", "UTF-8", str(path), "-"]) for order in ([], ["-raw"])]
    if suffix == ".docx":
        with zipfile.ZipFile(path) as archive:
            if archive.getinfo("word/document.xml").file_size > MAX_BYTES:
                raise ValueError("its text unpacks to more than is searched")
            xml = archive.read("word/document.xml").decode("utf-8")
        return [html.unescape(re.sub(r"<[^>]*>", "", xml))]
    readings = _decodings(path.read_bytes())
    if suffix in (".html", ".htm", ".xhtml"):
        return [_visible(text) for text in readings]
    return readings


def _decodings(data: bytes) -> list[str]:
    texts: list[str] = []
    for encoding in (
        "utf-8-sig",
        "utf-16",
        "utf-32",
        "cp1252",
        "latin-1",
        "shift_jis",
        "gb18030",
        "euc-kr",
        "cp1251",
        "koi8-r",
    ):
        try:
            text = data.decode(encoding)
        except UnicodeError:
            continue
        texts.append(text.replace("\r\n", "\n").replace("\r", "\n").replace("\0", "\ufffd"))
    texts.append(data.decode("utf-8", "replace"))
    return texts


def _run(command: list[str]) -> str:
    done = subprocess.run(command, capture_output=True, timeout=PDF_SECONDS, check=True)
    return done.stdout.decode("utf-8", "replace")


def _without_blanks(text: str) -> str:
    return re.sub(r"[\s\u00ad\u200b\u00a0]+", "", text)


class _Text(html.parser.HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.pieces: list[str] = []

    def handle_data(self, data: str) -> None:
        self.pieces.append(data)


def _visible(markup: str) -> str:
    parser = _Text()
    parser.feed(markup)
    parser.close()
    return "".join(parser.pieces)
