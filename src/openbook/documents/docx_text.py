"""The text of a Word document: paragraphs, tables, headings by style, footnotes last."""

from io import BytesIO
from typing import Any

import docx
import lxml.etree
from docx.opc.exceptions import OpcError

from openbook.documents.archive import check_archive
from openbook.documents.docx_visible import Fields, hidden_styles, inherited, is_left_out, value_of
from openbook.documents.extracted import Extracted
from openbook.documents.flow import Flow, Gap, Mark
from openbook.documents.limits import Limits
from openbook.documents.names import shown
from openbook.documents.refused import Refused

etree: Any = lxml.etree  # pyright: ignore - lxml has no types, and neither have the elements of python-docx

_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_TEXT = f"{_W}t"
_SIGNS = frozenset({f"{_W}tab", f"{_W}br", f"{_W}cr", f"{_W}noBreakHyphen"})
_MATH = "{http://schemas.openxmlformats.org/officeDocument/2006/math}t"
_WORDS = frozenset({_TEXT, _MATH, *_SIGNS})


def extract_docx(data: bytes, limits: Limits) -> Extracted:
    """Raises Refused where the archive is broken, encrypted or a bomb. Meta: ``headings``, ``line_spans`` (tables)."""
    check_archive(data, limits)
    try:
        document: Any = docx.Document(BytesIO(data))
    except (KeyError, ValueError, OpcError) as error:
        raise Refused(f"is no Word document ({shown(str(error))}): save it again in a word processor") from error
    levels = _heading_levels(document)
    flow = Flow()
    hidden = hidden_styles(document.styles.element)
    for root in (document.element.body, *_notes(document)):
        _lay_out(root, flow, levels, hidden)
    return Extracted(flow.text, document.core_properties.title, flow.meta)


def _heading_levels(document: Any) -> dict[str, int]:
    """Level by style id: Title 1, Heading 1 is 2, and so on; a style takes after the one it is based on."""
    own: dict[str, int] = {}
    based_on: dict[str, str] = {}
    for style in document.styles.element.iter(f"{_W}style"):
        key = style.get(f"{_W}styleId") or ""
        name = value_of(style.find(f"{_W}name")).lower()
        outline = value_of(style.find(f"{_W}pPr/{_W}outlineLvl"))
        if name == "title":
            own[key] = 1
        elif name.startswith("heading ") and name[8:].isdecimal():
            own[key] = 1 + min(int(name[8:10]), 9)
        elif outline.isdecimal() and int(outline) < 9:
            own[key] = 2 + int(outline)
        based_on[key] = value_of(style.find(f"{_W}basedOn"))
    return {key: level for key in based_on if (level := inherited(key, own, based_on)) is not None}


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


def _lay_out(root: Any, flow: Flow, levels: dict[str, int], hidden: frozenset[str]) -> None:
    walk: Any = etree.iterwalk(root, events=("start", "end"))
    marks: list[Mark] = []
    fields = Fields(root)
    skipped: Any = None
    for event, element in walk:
        if event == "end":
            if element is not skipped:
                _leave(flow, element, marks, levels)
        elif is_left_out(element, hidden):
            fields.pass_over(element.iter())
            walk.skip_subtree()
            skipped = element
        else:
            fields.pass_over([element])
            if not (fields.hide and element.tag in _WORDS):
                _enter(flow, element, marks)


def _enter(flow: Flow, element: Any, marks: list[Mark]) -> None:
    tag = element.tag
    if tag in (_TEXT, _MATH):
        flow.verbatim(element.text or "")
    elif tag in (f"{_W}p", f"{_W}tbl"):
        flow.ask(Gap.BLOCK)
        marks.append(flow.mark())
    elif tag == f"{_W}tr":
        flow.ask(Gap.LINE)
    elif tag == f"{_W}tc":
        flow.start_cell()
    elif tag in _SIGNS and element.getparent().tag == f"{_W}r":
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
    outline = value_of(properties.find(f"{_W}outlineLvl"))
    if outline.isdecimal() and int(outline) < 9:
        return 2 + int(outline)
    return levels.get(value_of(properties.find(f"{_W}pStyle")), 0)
