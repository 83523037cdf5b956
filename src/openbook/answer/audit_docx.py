"""The auditor's reading of a Word document: what its XML shows, with changes accepted and hidden text left out."""

import re
import zipfile
import zlib
from collections.abc import Iterator
from io import BytesIO
from xml.etree import ElementTree

_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_RUN = f"{_W}r"
_WORDS = (f"{_W}t", "{http://schemas.openxmlformats.org/officeDocument/2006/math}t")
_TAKEN_OUT = (
    f"{_W}del",
    f"{_W}moveFrom",
    "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback",
)


def docx_readings(data: bytes, most_bytes: int) -> Iterator[str]:
    """The text of every part that can hold some: the body wherever it is, footnotes, endnotes.

    Raises ValueError where it is broken, or unpacks to more than ``most_bytes``.
    """
    try:
        with zipfile.ZipFile(BytesIO(data)) as archive:
            parts = [part for part in archive.infolist() if re.search(r"(document|notes)\d*\.xml$", part.filename)]
            if sum(part.file_size for part in parts) > most_bytes:
                raise ValueError("its text unpacks to more than is searched")
            for part in parts:
                yield _shown(archive.read(part))
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError) as error:
        raise ValueError(str(error)) from error
    except ElementTree.ParseError as error:
        raise ValueError(f"its XML is broken: {error}") from error


def _shown(xml: bytes) -> str:
    """The codes of fields and deleted words have elements of their own, so they need no exception here."""
    pieces: list[str] = []
    begins: list[int] = []
    for event, element in ElementTree.iterparse(BytesIO(xml), ("start", "end")):  # noqa: S314 - expat bounds entities
        if event == "start":
            begins.append(len(pieces))
            continue
        begin = begins.pop()
        if element.tag in _WORDS:
            pieces.append(element.text or "")
        elif element.tag == f"{_W}noBreakHyphen":
            pieces.append("-")
        elif element.tag in _TAKEN_OUT or (element.tag == _RUN and _is_hidden(element)):
            del pieces[begin:]
        elif element.tag == f"{_W}p":
            element.clear()
    return "".join(pieces)


def _is_hidden(run: ElementTree.Element) -> bool:
    switch = run.find(f"{_W}rPr/{_W}vanish")
    return switch is not None and switch.get(f"{_W}val", "on").lower() not in ("0", "false", "off")
