"""The auditor: finds every quote again in the source on disk, with code of its own.

Nothing here uses the loaders, the index or the citations' positions, so a fault in any of those cannot hide here. Text
files are searched as they are, HTML through the standard library's parser, docx through its XML, PDF through
``pdftotext`` where it is installed. Blanks are compared loosely only where a format has no definite ones.
"""

import html
import html.parser
import io
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
ENCODINGS = (
    "utf-8 utf-16-le utf-16-be utf-32-le utf-32-be cp1252 latin-1 iso8859-2 iso8859-5 iso8859-7 iso8859-9 "
    "iso8859-15 cp1250 cp1251 cp1253 cp1254 cp1255 cp1256 cp1257 cp1258 cp437 cp850 cp866 koi8-r koi8-u mac-roman "
    "mac-cyrillic tis-620 shift_jis cp932 euc_jp iso2022_jp gb18030 big5 big5hkscs cp949 euc-kr johab"
).split()

Kind = Literal["text", "html", "docx", "pdf"]
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
        data = path.read_bytes()
        kind = _kind(path, data)
        if kind == "pdf" and shutil.which("pdftotext") is None:
            return Audit(citation, "unchecked", "pdftotext is not installed")
        found = _holds_bytes(data, citation.quote) if kind == "text" else _holds_words(kind, path, data, citation.quote)
    except FileNotFoundError:
        return Audit(citation, "missing", "the file is gone")
    except (OSError, ValueError, KeyError, zipfile.BadZipFile, subprocess.SubprocessError) as error:
        return Audit(citation, "missing", f"the source cannot be read again: {error}")
    return Audit(citation, "found" if found else "missing", "" if found else "the source does not hold this quote")


def _kind(path: Path, data: bytes) -> Kind:
    """What the file is, by its first bytes before its name."""
    if data[:1024].lstrip().startswith(b"%PDF"):
        return "pdf"
    if data.startswith(b"PK\3\4") or path.suffix.lower() == ".docx":
        return "docx"
    named = path.suffix.lower() in (".html", ".htm", ".xhtml")
    looks = not path.suffix and re.match(rb"\s*<(!doctype html|html)", data[:1024], re.IGNORECASE)
    return "pdf" if path.suffix.lower() == ".pdf" else "html" if named or looks else "text"


def _holds_bytes(data: bytes, quote: str) -> bool:
    """The quote as it would be written in any encoding, with any kind of line end."""
    for encoding in ENCODINGS:
        for end in ("\n", "\r\n", "\r"):
            try:
                if quote.replace("\n", end).encode(encoding) in data:
                    return True
            except UnicodeError:
                break
    # bytes that are no text at all were read as U+FFFD, and NUL too
    text = data.decode("utf-8", "replace").replace("\r\n", "\n").replace("\r", "\n").replace("\0", "\ufffd")
    return quote in text


def _holds_words(kind: Kind, path: Path, data: bytes, quote: str) -> bool:
    readings = {"pdf": _pdf, "docx": _docx, "html": _html}[kind](path, data)
    wanted = _without_blanks(quote)
    return any(wanted in _without_blanks(text) for text in readings)


def _pdf(path: Path, _data: bytes) -> list[str]:
    """Physical layout and reading order differ in how they join columns and lines; a quote follows one of them."""
    commands = [["pdftotext", *order, "-enc", "UTF-8", str(path), "-"] for order in ([], ["-raw"])]
    done = [subprocess.run(c, capture_output=True, timeout=PDF_SECONDS, check=True) for c in commands]
    return [run.stdout.decode("utf-8", "replace") for run in done]


def _docx(_path: Path, data: bytes) -> list[str]:
    """The text of every part that can hold some: the body wherever it is, footnotes, endnotes."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        parts = [part for part in archive.infolist() if re.search(r"(document|notes)\d*\.xml$", part.filename)]
        if sum(part.file_size for part in parts) > MAX_BYTES:
            raise ValueError("its text unpacks to more than is searched")
        return [html.unescape(re.sub(r"<[^>]*>", "", archive.read(part).decode("utf-8"))) for part in parts]


def _html(_path: Path, data: bytes) -> list[str]:
    declared = re.search(rb"charset\s*=\s*[\"']?([\w-]+)", data[:4096], re.IGNORECASE)
    names = [declared.group(1).decode("ascii")] if declared else []
    readings: list[str] = []
    for encoding in dict.fromkeys([*names, "utf-8-sig", "utf-16", "cp1252", "cp1251", "shift_jis", "gb18030"]):
        try:
            readings.append(_visible(data.decode(encoding)))
        except (UnicodeError, LookupError):
            continue
    return [*readings, _visible(data.decode("utf-8", "replace"))]


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
