"""The visible text of an HTML page, laid out in blocks, without navigation, scripts and what is hidden."""

import html
import re
from collections.abc import Iterator

from selectolax.lexbor import LexborHTMLParser, LexborNode, SelectolaxError

from openbook.documents.decode import declared_in, decode
from openbook.documents.extracted import Extracted
from openbook.documents.flow import Flow, Gap, Mark
from openbook.documents.refused import Refused

_DROPPED = frozenset(
    "script style template noscript svg iframe object embed canvas audio video map select textarea button datalist"
    " nav head title link meta annotation annotation-xml rp rt del s strike".split()
)
"""Passed over by one who reads the page aloud; and what is struck out, since it no longer holds."""
_DROPPED_ROLES = frozenset("navigation menu menubar search toolbar".split())
_BLOCKS = frozenset(
    "address article aside blockquote body caption center dd details dialog dir div dl dt fieldset figcaption figure"
    " footer form h1 h2 h3 h4 h5 h6 header hgroup hr legend li main menu ol optgroup p pre section summary table tbody"
    " tfoot thead ul listing xmp".split()
)
_PREFORMATTED = frozenset({"pre", "listing", "xmp"})
_LEVELS = {f"h{level}": level for level in range(1, 7)}
_MARKED = frozenset({"table", *_PREFORMATTED, *_LEVELS})
_INVISIBLE = re.compile(r"(?:display\s*:\s*none|visibility\s*:\s*(?:hidden|collapse))", re.IGNORECASE)
_LEAST_MAIN = 200
"""Characters a page's main element must hold to stand for the page; with less, scripts would have filled it."""

_IS_XML = re.compile(r"\s*<\?xml\s|(?=[^\0]{0,2000}?<html\s[^>]*xmlns\s*=)", re.IGNORECASE)
_CHARACTER_DATA = re.compile(r"<!\[CDATA\[(.*?)\]\]>", re.DOTALL)
_EMPTY = re.compile(r"<([A-Za-z][\w:.-]*)((?:\s[^<>]*)?)/>")
_VOID = frozenset("area base br col embed hr img input link meta param source track wbr".split())

_PERMALINKS = frozenset({"#", "¶", "§", "🔗"})


def extract_html(data: bytes, declared: str | None = None) -> Extracted:
    """Text as a reader of the page sees it. Meta: ``headings``, ``line_spans`` (code and tables), ``encoding``."""
    decoded = decode(data, declared or declared_in(data))
    try:
        parser = LexborHTMLParser(as_html(decoded.text))
    except SelectolaxError as error:  # it has no memory left for the tree, or the text is over its own limit
        raise Refused("has too many elements to be parsed: split it") from error
    flow = _lay_out(parser.css_first("main, [role=main]"))
    if flow.length < _LEAST_MAIN:
        flow = _lay_out(parser.body or parser.root)
    found = parser.head.css_first("title") if parser.head is not None else None
    title = found.text() if found is not None else ""
    return Extracted(flow.text, title, {"encoding": decoded.encoding, **flow.meta})


def as_html(text: str) -> str:
    """A page written as XML in HTML's own spelling: empty elements closed, character data escaped."""
    if not _IS_XML.match(text):
        return text
    text = _CHARACTER_DATA.sub(lambda found: html.escape(found.group(1), quote=False), text)
    return _EMPTY.sub(_closed, text)


def _closed(found: re.Match[str]) -> str:
    name, attributes = found.groups()
    return found.group() if name.lower() in _VOID else f"<{name}{attributes}></{name}>"


def _lay_out(start: LexborNode | None) -> Flow:
    flow = Flow()
    preformatted = 0
    marks: dict[int, Mark] = {}  # of the headings, tables and preformatted texts that are open, by depth
    for opens, tag, depth, text in _events(start):
        if tag == "-text":
            (flow.verbatim if preformatted else flow.collapsed)(text)
            continue
        if tag in _PREFORMATTED:
            preformatted += 1 if opens else -1
        if tag in _MARKED:
            if opens:
                marks[depth] = flow.mark()
            else:
                _close(flow, tag, marks.pop(depth))
        elif tag == "caption" and not opens and depth - 1 in marks:
            marks[depth - 1] = flow.mark()  # the rows of the table begin only now
        _space(flow, tag, opens)
    return flow


def _close(flow: Flow, tag: str, mark: Mark) -> None:
    if tag in _LEVELS:
        flow.end_heading(mark, _LEVELS[tag])
    elif tag != "table" or flow.last_block < mark.position:  # a table with paragraphs in it only arranges the page
        flow.end_lines(mark)


def _space(flow: Flow, tag: str, opens: bool) -> None:
    """What the beginning or end of an element asks for before the next character."""
    if tag == "br":
        if opens:
            flow.ask(Gap.BLOCK if flow.gap == Gap.LINE else Gap.LINE)
    elif tag == "tr":
        if opens:
            flow.ask(Gap.LINE)
        else:
            flow.end_row()
    elif tag in ("td", "th"):
        if opens:
            flow.start_cell()
    elif tag in _BLOCKS:
        flow.ask(Gap.BLOCK)


def _events(start: LexborNode | None) -> Iterator[tuple[bool, str, int, str]]:
    """(opens or closes, tag, depth, text) in document order; with a stack of its own, as nesting has no bound."""
    stack: list[str] = []
    node = start
    while node is not None:
        tag = node.tag or ""
        if tag == "-text":
            yield True, tag, len(stack), node.text_content or ""
        elif node.is_element_node and not _is_dropped(node, tag):
            yield True, tag, len(stack), ""
            child = node.first_child
            if child is not None:
                stack.append(tag)
                node = child
                continue
            yield False, tag, len(stack), ""
        while stack and node is not None and node.next is None:
            node = node.parent
            tag = stack.pop()
            yield False, tag, len(stack), ""
        node = node.next if stack and node is not None else None


def _is_dropped(node: LexborNode, tag: str) -> bool:
    if tag in _DROPPED:
        return True
    attributes = node.attributes
    if not attributes:
        return False
    if "hidden" in attributes or (tag == "dialog" and "open" not in attributes):
        return True
    if (attributes.get("role") or "").lower() in _DROPPED_ROLES:
        return True
    if tag == "a" and _is_permalink(node):
        return True
    return bool(_INVISIBLE.search(attributes.get("style") or ""))


def _is_permalink(link: LexborNode) -> bool:
    """The sign beside a heading that links to itself."""
    only = link.first_child
    return only is not None and only.next is None and (only.text_content or "").strip() in _PERMALINKS
