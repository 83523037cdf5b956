"""The text of a Word document: paragraphs, tables, headings by style, footnotes last."""

from io import BytesIO
from typing import Any

import docx
import lxml.etree
from docx.opc.exceptions import OpcError

from openbook.documents.archive import check_archive
from openbook.documents.extracted import Extracted
from openbook.documents.flow import Flow, Gap, Mark
from openbook.documents.limits import Limits
from openbook.documents.names import shown
from openbook.documents.refused import Refused

etree: Any = lxml.etree  # pyright: ignore - lxml has no types, and neither have the elements of python-docx

_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_MATH = "{http://schemas.openxmlformats.org/officeDocument/2006/math}t"
_VALUE = f"{_W}val"
_NOT_SHOWN = frozenset(
    {
        f"{_W}del",
        f"{_W}moveFrom",
        f"{_W}instrText",
        f"{_W}delText",
        # the same text box again, for programs that do not know the first form
        "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback",
    }
)
_OFF = frozenset({"0", "false", "off"})
_MAX_STYLE_CHAIN = 10


def extract_docx(data: bytes, limits: Limits) -> Extracted:
    """Raises Refused where the archive is broken, encrypted or a bomb. Meta: ``headings``, ``line_spans`` (tables)."""
    check_archive(data, limits)
    try:
        document: Any = docx.Document(BytesIO(data))
    except (KeyError, ValueError, OpcError) as error:
        raise Refused(f"is no Word document ({shown(str(error))}): save it again in a word processor") from error
    levels = _heading_levels(document)
    flow = Flow()
    _lay_out(document.element.body, flow, levels)
    for notes in _notes(document):
        _lay_out(notes, flow, levels)
    return Extracted(flow.text, document.core_properties.title, flow.meta)


def _heading_levels(document: Any) -> dict[str, int]:
    """Level by style id: Title 1, Heading 1 is 2, and so on; a style takes after the one it is based on."""
    own: dict[str, int] = {}
    based_on: dict[str, str] = {}
    for style in document.styles.element.iter(f"{_W}style"):
        key = style.get(f"{_W}styleId") or ""
        name = _value(style.find(f"{_W}name")).lower()
        outline = _value(style.find(f"{_W}pPr/{_W}outlineLvl"))
        if name == "title":
            own[key] = 1
        elif name.startswith("heading ") and name[8:].isdecimal():
            own[key] = 1 + min(int(name[8:10]), 9)
        elif outline.isdecimal() and int(outline) < 9:
            own[key] = 2 + int(outline)
        based_on[key] = _value(style.find(f"{_W}basedOn"))
    levels: dict[str, int] = {}
    for key in based_on:
        ancestor = key
        for _ in range(_MAX_STYLE_CHAIN):
            if ancestor in own:
                levels[key] = own[ancestor]
                break
            ancestor = based_on.get(ancestor, "")
    return levels


def _notes(document: Any) -> list[Any]:
    """The roots of the footnote and endnote parts, without the separator lines that they also hold."""
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False)
    roots: list[Any] = []
    for relation in document.part.rels.values():
        if relation.reltype.endswith(("/footnotes", "/endnotes")) and not relation.is_external:
            root = etree.fromstring(relation.target_part.blob, parser)
            for note in list(root):
                if note.get(f"{_W}type") not in (None, "normal"):
                    root.remove(note)
            roots.append(root)
    return roots


def _lay_out(root: Any, flow: Flow, levels: dict[str, int]) -> None:
    walk: Any = etree.iterwalk(root, events=("start", "end"))
    marks: list[Mark] = []
    for event, element in walk:
        tag = element.tag
        if event == "end":
            _leave(flow, element, marks, levels)
        elif tag in _NOT_SHOWN or (tag == f"{_W}r" and _is_hidden(element)):
            walk.skip_subtree()
        else:
            _enter(flow, element, marks)


def _enter(flow: Flow, element: Any, marks: list[Mark]) -> None:
    tag = element.tag
    if tag in (f"{_W}t", _MATH):
        flow.verbatim(element.text or "")
    elif tag in (f"{_W}p", f"{_W}tbl"):
        flow.ask(Gap.BLOCK)
        marks.append(flow.mark())
    elif tag == f"{_W}tr":
        flow.ask(Gap.LINE)
    elif tag == f"{_W}tc":
        flow.start_cell()
    elif tag in (f"{_W}tab", f"{_W}br", f"{_W}cr", f"{_W}noBreakHyphen") and element.getparent().tag == f"{_W}r":
        if tag == f"{_W}tab":
            flow.verbatim("\t")
        elif tag == f"{_W}noBreakHyphen":
            flow.verbatim("-")
        else:
            flow.ask(Gap.LINE)


def _leave(flow: Flow, element: Any, marks: list[Mark], levels: dict[str, int]) -> None:
    if element.tag == f"{_W}p":
        mark = marks.pop()
        level = _paragraph_level(element, levels)
        if level:
            flow.end_heading(mark, level)
        flow.ask(Gap.BLOCK)
    elif element.tag == f"{_W}tr":
        flow.end_row()
    elif element.tag == f"{_W}tbl":
        mark = marks.pop()
        if flow.last_block < mark.position:
            flow.end_lines(mark)
        flow.ask(Gap.BLOCK)


def _paragraph_level(paragraph: Any, levels: dict[str, int]) -> int:
    properties = paragraph.find(f"{_W}pPr")
    if properties is None:
        return 0
    outline = _value(properties.find(f"{_W}outlineLvl"))
    if outline.isdecimal() and int(outline) < 9:
        return 2 + int(outline)
    return levels.get(_value(properties.find(f"{_W}pStyle")), 0)


def _is_hidden(run: Any) -> bool:
    vanish = run.find(f"{_W}rPr/{_W}vanish")
    return vanish is not None and _value(vanish).lower() not in _OFF


def _value(element: Any) -> str:
    return "" if element is None else element.get(_VALUE) or ""
