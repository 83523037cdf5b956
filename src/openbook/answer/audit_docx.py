"""The auditor's reading of a Word document: what its XML shows, with changes accepted and hidden text left out."""

import re
import zipfile
import zlib
from collections.abc import Iterator
from io import BytesIO
from xml.etree import ElementTree

_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_RUN = f"{_W}r"
_PARAGRAPH = f"{_W}p"
_VALUE = f"{_W}val"
_MOST_STYLES = 20_000_000
_LONGEST_CHAIN = 10
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
            hidden = _hidden_styles(archive)
            for part in parts:
                yield _shown(archive.read(part), hidden)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError) as error:
        raise ValueError(str(error)) from error
    except ElementTree.ParseError as error:
        raise ValueError(f"its XML is broken: {error}") from error


def _hidden_styles(archive: zipfile.ZipFile) -> set[str]:
    """The styles that hide their text; one is like what it is based on where it does not say."""
    named = sorted((name for name in archive.namelist() if re.search(r"(^|/)styles\.xml$", name)), key=len)
    if not named or archive.getinfo(named[0]).file_size > _MOST_STYLES:
        return set()
    says: dict[str, tuple[bool | None, str]] = {}
    for style in ElementTree.fromstring(archive.read(named[0])).iter(f"{_W}style"):  # noqa: S314 - expat bounds entities
        base = style.find(f"{_W}basedOn")
        switch = style.find(f"{_W}rPr/{_W}vanish")
        hides = None if switch is None else _is_on(switch)
        says[style.get(f"{_W}styleId", "")] = hides, "" if base is None else base.get(_VALUE, "")
    found: set[str] = set()
    for name in says:
        asked, steps = name, 0
        while steps < _LONGEST_CHAIN and asked in says and says[asked][0] is None:
            asked, steps = says[asked][1], steps + 1
        if steps < _LONGEST_CHAIN and says.get(asked, (False, ""))[0]:
            found.add(name)
    return found


def _shown(xml: bytes, hidden: set[str]) -> str:
    """Without the codes of fields, where every field that begins ends; codes and deleted words have elements of their
    own, but for a field in a field's code, whose result is code as well.
    """
    pieces: list[str] = []
    begins: list[int] = []
    paragraphs: list[ElementTree.Element] = []
    codes: list[bool] = []  # of each open field: whether its code is being read, and no more its result
    marks = re.findall(rb"""fldCharType\s*=\s*["'](begin|end)""", xml)
    follows = marks.count(b"begin") == marks.count(b"end")
    for event, element in ElementTree.iterparse(BytesIO(xml), ("start", "end")):  # noqa: S314 - expat bounds entities
        if event == "start":
            begins.append(len(pieces))
            if element.tag == _PARAGRAPH:
                paragraphs.append(element)
            continue
        begin = begins.pop()
        if element.tag == f"{_W}fldChar" and follows:
            _follow(codes, element.get(f"{_W}fldCharType", ""))
        elif element.tag in _WORDS and not any(codes):
            pieces.append(element.text or "")
        elif element.tag == f"{_W}noBreakHyphen" and not any(codes):
            pieces.append("-")
        elif element.tag == _PARAGRAPH:
            paragraphs.pop().clear()
        elif _is_taken_out(element) or (element.tag == _RUN and _is_hidden(element, paragraphs, hidden)):
            del pieces[begin:]
    return "".join(pieces)


def _follow(codes: list[bool], place: str) -> None:
    if place == "begin":
        codes.append(True)
    elif codes and place == "separate":
        codes[-1] = False
    elif codes and place == "end":
        codes.pop()


def _is_taken_out(element: ElementTree.Element) -> bool:
    return element.tag in _TAKEN_OUT or (element.tag == f"{_W}tr" and element.find(f"{_W}trPr/{_W}del") is not None)


def _is_hidden(run: ElementTree.Element, paragraphs: list[ElementTree.Element], hidden: set[str]) -> bool:
    """What the run says; else a hiding style of the run or of its paragraph, of which two undo one another."""
    switch = run.find(f"{_W}rPr/{_W}vanish")
    if switch is not None:
        return _is_on(switch)
    styles = [run.find(f"{_W}rPr/{_W}rStyle"), paragraphs[-1].find(f"{_W}pPr/{_W}pStyle") if paragraphs else None]
    return sum(style is not None and style.get(_VALUE) in hidden for style in styles) == 1


def _is_on(switch: ElementTree.Element) -> bool:
    return switch.get(_VALUE, "on").lower() not in ("0", "false", "off")
