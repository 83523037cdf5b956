"""The auditor: finds every quote again in the source on disk, with code of its own.

Nothing here uses the loaders, the index or the citations' positions, so a fault in any of those cannot hide here. Text
files are searched as they are, HTML by tags and docx by XML that are read anew, PDF through ``pdftotext`` where it is
installed. Blanks are compared loosely only where a format has no definite ones.
"""

import re
import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from openbook.answer.audit_docx import docx_readings
from openbook.answer.audit_html import html_readings
from openbook.answer.audit_pdf import pdf_readings, spelled_out
from openbook.answer.audit_text import holds_bytes
from openbook.values import Answer, Citation

MAX_BYTES = 200_000_000

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
        found = holds_bytes(data, citation.quote) if kind == "text" else _holds_words(kind, path, data, citation.quote)
    except FileNotFoundError:
        return Audit(citation, "missing", "the file is gone")
    except (OSError, ValueError, subprocess.SubprocessError) as error:
        return Audit(citation, "missing", f"the source cannot be read again: {error}")
    return Audit(citation, "found" if found else "missing", "" if found else "the source does not hold this quote")


def _kind(path: Path, data: bytes) -> Kind:
    """What the file is, by its first bytes before its name."""
    if data[:1024].lstrip().startswith(b"%PDF"):
        return "pdf"
    if data.startswith(b"PK\3\4") or path.suffix.lower() == ".docx":
        return "docx"
    named = path.suffix.lower() in (".html", ".htm", ".xhtml", ".shtml")
    looks = not path.suffix and re.match(rb"\s*<(!doctype html|html)", data[:1024], re.IGNORECASE)
    return "pdf" if path.suffix.lower() == ".pdf" else "html" if named or looks else "text"


def _holds_words(kind: Kind, path: Path, data: bytes, quote: str) -> bool:
    if kind == "pdf":
        readings, wanted = pdf_readings(path), spelled_out(quote)
    else:
        readings, wanted = docx_readings(data, MAX_BYTES) if kind == "docx" else html_readings(data), quote
    wanted = _without_blanks(wanted)
    return any(wanted in _without_blanks(text) for text in readings)


def _without_blanks(text: str) -> str:
    """Nor control characters, which not every parser of HTML keeps."""
    return re.sub(r"[\s\0-\x1f\x7f-\x9f\u00ad\u200b]+", "", text)
