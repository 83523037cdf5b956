"""A page's source told apart into what its reader sees and what it hides, both with their places in the source."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from html import unescape

from openbook.guard.finding import Finding, Unseen, in_words
from openbook.guard.hiding_style import Look, colour, styled
from openbook.guard.markup import Piece, Value, pieces
from openbook.guard.style_sheet import Sheet, add_rules, declarations
from openbook.values import Span

_VOID = frozenset("area base br col embed hr img input link meta param source track wbr".split())
_CLOSED_BY_THEIR_LIKE = frozenset("p li td th tr option dt dd".split())
_NEVER_SHOWN = frozenset("template noscript head datalist noframes noembed".split())
_NO_TEXT = frozenset("script style".split())
_SPOKEN = ("alt", "title", "aria-label", "aria-description", "placeholder", "content", "summary")
"""Attributes that hold words for a reader who sees none of them at first."""

COMMENT = "a comment"

_STYLE = re.compile("<style", re.IGNORECASE)
_INLINE = frozenset("a abbr b bdi bdo cite code em font i kbd mark q s samp small span strong sub sup u var".split())
_DEEPEST = 2_000


@dataclass(slots=True)
class _Open:
    """The elements that are open: names, the look of each, and how many there are of a name."""

    names: list[str] = field(default_factory=list[str])
    looks: list[Look] = field(default_factory=lambda: [Look()])
    counts: dict[str, int] = field(default_factory=dict[str, int])

    def open(self, name: str, look: Look) -> None:
        self.names.append(name)
        self.looks.append(look)
        self.counts[name] = self.counts.get(name, 0) + 1

    def close(self, name: str) -> None:
        """The innermost of this name and all in it; nothing where none is open."""
        while self.counts.get(name, 0):
            last = self.names.pop()
            self.looks.pop()
            self.counts[last] -= 1
            if last == name:
                return


@dataclass(slots=True)
class PageText:
    """seen: texts that are shown, with entities resolved, by place; a block ends where a text is a line feed."""

    seen: list[tuple[Span, str]] = field(default_factory=list[tuple[Span, str]])
    unseen: list[Unseen] = field(default_factory=list[Unseen])
    concealed: list[Finding] = field(default_factory=list[Finding])


def page_text(source: str, *, page: bool = True) -> PageText:
    """page: the source is a whole page, and not markup within Markdown, of which the text is taken from elsewhere."""
    found, within, sheet = PageText(), _Open(), _sheet(source)
    run = _Run(found)
    for piece in pieces(source):
        inside = within.names[-1] if within.names else ""
        if piece.kind == "comment":
            found.unseen.append(_unseen(piece.span, COMMENT, piece.text))
        elif piece.kind == "text":
            if inside not in _NO_TEXT:
                run.add(piece.span, unescape(piece.text), within.looks[-1], page=page)
        elif piece.kind == "close":
            within.close(piece.name)
        else:
            _enter(piece, within, sheet)
            found.unseen.extend(_spoken(piece))
        if piece.kind in ("open", "close") and piece.name not in _INLINE and page:
            found.seen.append((piece.span, "\n"))
    run.end()
    return found


def _sheet(source: str) -> Sheet:
    """Of all style elements, since they hold for what stands before them too."""
    sheet = Sheet()
    inside = False
    for piece in pieces(source) if _STYLE.search(source) else ():
        if piece.kind == "text" and inside:
            add_rules(sheet, piece.text)
        inside = piece.kind == "open" and piece.name == "style"
    return sheet


@dataclass(slots=True)
class _Run:
    """Texts in a row that are hidden in the same way, told as one."""

    found: PageText
    span: Span | None = None
    how: str = ""
    texts: list[str] = field(default_factory=list[str])

    def add(self, span: Span, text: str, look: Look, *, page: bool) -> None:
        if not text.strip():
            return
        if look.how != self.how:
            self.end()
        self.how = look.how
        if self.how:
            self.span = Span(self.span.start if self.span else span.start, span.end)
            self.texts.append(text)
        elif page:
            self.found.seen.append((span, text))

    def end(self) -> None:
        if self.span is not None:
            said = " ".join(" ".join(self.texts).split())
            if self.how == "concealed" and re.search(r"\w\W+\w", said):
                what = f"text that is on the page and cannot be seen: {in_words(said)}"
                self.found.concealed.append(Finding("invisible-text", self.span, what))
            self.found.unseen.append(_unseen(self.span, "hidden text", said))
        self.span, self.texts = None, []


def _enter(piece: Piece, within: _Open, sheet: Sheet) -> None:
    name = piece.name
    if name in _CLOSED_BY_THEIR_LIKE and within.names and within.names[-1] == name:
        within.close(name)
    if name in _VOID or len(within.names) >= _DEEPEST:
        return
    look = styled(within.looks[-1], declarations(sheet, name, piece.attributes))
    if "hidden" in piece.attributes or name in _NEVER_SHOWN:
        look = replace(look, gone=True)
    if name == "body":
        look = replace(look, gone=False)  # a head that is never closed ends here
    if "color" in piece.attributes:
        look = replace(look, ink=colour(piece.attributes["color"].text.lower()))
    if "bgcolor" in piece.attributes:
        look = replace(look, paper=colour(piece.attributes["bgcolor"].text.lower()) or look.paper)
    within.open(name, look)


def _spoken(piece: Piece) -> Iterator[Unseen]:
    for name in _SPOKEN:
        value = piece.attributes.get(name)
        if value is not None and value.text:
            yield _unseen(value.span, f"the {name} of <{piece.name[:20]}>", value.text)
    kind = piece.attributes.get("type", Value("", piece.span)).text.lower()
    if piece.name == "input" and kind == "hidden" and "value" in piece.attributes:
        value = piece.attributes["value"]
        yield _unseen(value.span, "a hidden field", value.text)


def _unseen(span: Span, what: str, text: str) -> Unseen:
    return Unseen("invisible-text", span, what, " ".join(unescape(text).split()))
