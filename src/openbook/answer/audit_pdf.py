"""The auditor's reading of a PDF: what ``pdftotext`` finds in it, with ligatures spelled out."""

import re
import subprocess
import unicodedata
from collections.abc import Iterator
from pathlib import Path

_SECONDS = 60.0
_SHAPES = re.compile("[\ufb00-\ufdff\ufe70-\ufefc]+")
"""Unicode's ligatures and positional forms: shapes of letters that have characters of their own."""


def pdf_readings(path: Path) -> Iterator[str]:
    """Physical layout and reading order differ in how they join columns and lines; a quote follows one of them."""
    for order in ([], ["-raw"]):
        command = ["pdftotext", *order, "-enc", "UTF-8", str(path), "-"]
        done = subprocess.run(command, capture_output=True, timeout=_SECONDS, check=True)
        text = spelled_out(done.stdout.decode("utf-8", "replace"))
        yield text
        yield re.sub(r"\u00ad(?=\s*\n)", "-", text)


def spelled_out(text: str) -> str:
    """Letters for the shapes that stand for them, and accents composed: programs differ in which of the two they give.

    NFKC for all would be too much: it makes 10² and 102 the same.
    """
    return unicodedata.normalize("NFC", _SHAPES.sub(lambda shapes: unicodedata.normalize("NFKC", shapes[0]), text))
