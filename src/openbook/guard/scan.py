"""All rules and the injection detector on a text: what in it is not what a reader takes it for, and where.

What a reader sees is scored in windows; what is encoded or hidden is decoded and scored by itself, so that long
harmless surroundings do not thin it out. Without a detector, hidden words of some length are a finding as they are.
"""

import re
from bisect import bisect_right
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from openbook.encode.injection import Injection, InjectionDetector, windows
from openbook.guard.addresses_in import addresses_in_html, addresses_in_markdown
from openbook.guard.encoded import encoded
from openbook.guard.finding import Finding, Unseen, in_words
from openbook.guard.hidden_unicode import hidden_unicode, smuggled
from openbook.guard.links import links
from openbook.guard.page_text import PageText, page_text
from openbook.guard.unseen_markdown import unseen_in_markdown, without_comments
from openbook.values import Span

Kind: TypeAlias = Literal["text", "html", "markdown"]

INJECTION = "injection"
"""The rule of what a detector flags in plain sight."""

MOST_FINDINGS = 200
"""Of one text."""

MOST_UNSEEN = 2_000
"""Hidden and encoded texts that are scored; a page has fewer captions and comments."""

LEAST_WORDS = 4
"""Words that hidden or encoded text must have to be told without a detector."""

_AT_ONCE = 32
_WORD = re.compile(r"\w+")


@dataclass(frozen=True, slots=True)
class _Read:
    """A text to be scored. place: where a span of it stands in the source."""

    text: str
    place: Callable[[Span], Span]
    unseen: Unseen | None = None


@dataclass(frozen=True, slots=True)
class _Looked:
    found: list[Finding] = field(default_factory=list[Finding])
    to_read: list[_Read] = field(default_factory=list[_Read])


def scan(text: str, kind: Kind = "text", detector: InjectionDetector | None = None) -> list[Finding]:
    """Findings in the order of the text, at most ``MOST_FINDINGS``, those first that a detector is surest of."""
    return scan_all([text], kind, detector)[0]


def scan_all(
    texts: Sequence[str],
    kind: Kind = "text",
    detector: InjectionDetector | None = None,
    on_progress: Callable[[int, int], object] | None = None,
) -> list[list[Finding]]:
    """The same for several texts, scored together so that every core has some to read."""
    looked = [_look(text, kind, scored=detector is not None) for text in texts]
    if detector is not None:
        flat = [(each, read) for each in looked for read in each.to_read]
        for start in range(0, len(flat), _AT_ONCE):
            part = flat[start : start + _AT_ONCE]
            for (each, read), score in zip(part, detector([read.text for _, read in part]), strict=True):
                if score.flagged:
                    each.found.append(_scored(read, score))
            if on_progress is not None:
                on_progress(min(start + _AT_ONCE, len(flat)), len(flat))
    return [_ordered(each.found) for each in looked]


def _look(text: str, kind: Kind, *, scored: bool) -> _Looked:
    found = list(hidden_unicode(text))
    unseen = [*smuggled(text)]
    page: PageText | None = None
    shown = text
    if kind == "html":
        page = page_text(text)
        unseen += page.unseen
        found += page.concealed
        found += links(list(addresses_in_html(text)))
    elif kind == "markdown":
        hidden, concealed = unseen_in_markdown(text)
        unseen += hidden
        found += concealed
        found += links(list(addresses_in_markdown(text)))
        shown = without_comments(text, hidden)
    for each in [Unseen("", Span(0, len(text)), "", text), *unseen]:
        unseen += (Unseen(e.rule, e.span if not each.rule else each.span, e.what, e.text) for e in encoded(each.text))
    unseen = list(dict.fromkeys(unseen))[:MOST_UNSEEN]
    if not scored:
        found += (Finding(e.rule, e.span, _says(e)) for e in unseen if len(_WORD.findall(e.text)) >= LEAST_WORDS)
        return _Looked(found)
    return _Looked(found, [*_seen(shown, page), *(_Read(e.text, _always(e.span), e) for e in unseen)])


def _seen(text: str, page: PageText | None) -> list[_Read]:
    """What is shown, window by window: of a page without its markup."""
    if page is None:
        return [_Read(part, _moved(start)) for start, part in windows(text)]
    starts: list[int] = []
    length = 0
    for _, said in page.seen:
        starts.append(length)
        length += len(said)
    whole = "".join(said for _, said in page.seen)
    place = _within(page, starts)
    return [_Read(part, _then(_moved(start), place)) for start, part in windows(whole)]


def _scored(read: _Read, score: Injection) -> Finding:
    if read.unseen is not None:
        return Finding(read.unseen.rule, read.unseen.span, _says(read.unseen), score.score)
    span = score.span or Span(0, len(read.text))
    return Finding(INJECTION, read.place(span), f"reads as an instruction: {in_words(span.of(read.text))}", score.score)


def _says(unseen: Unseen) -> str:
    return f"{unseen.what} saying {in_words(unseen.text)}"


def _ordered(found: Sequence[Finding]) -> list[Finding]:
    """By place, each stretch once: windows overlap, and what is hidden in a text is also in its windows."""
    kept: list[Finding] = []
    for finding in sorted(set(found), key=lambda f: (f.rule == INJECTION, f.score is None, -(f.score or 0.0))):
        known = [k for k in kept if k.span.start < finding.span.end and finding.span.start < k.span.end]
        if finding.rule == INJECTION and any(k.score is not None for k in known):
            continue
        if any(k.rule == finding.rule and k.span.holds(finding.span) for k in known):
            continue
        kept.append(finding)
        if len(kept) == MOST_FINDINGS:
            break
    return sorted(kept, key=lambda f: (f.span, f.rule))


def _moved(start: int) -> Callable[[Span], Span]:
    return lambda span: Span(span.start + start, span.end + start)


def _always(span: Span) -> Callable[[Span], Span]:
    return lambda _: span


def _then(one: Callable[[Span], Span], other: Callable[[Span], Span]) -> Callable[[Span], Span]:
    return lambda span: other(one(span))


def _within(page: PageText, starts: Sequence[int]) -> Callable[[Span], Span]:
    """From characters of what is shown to those of the source; a text with entities in it is one piece."""

    def at(position: int, *, end: bool) -> int:
        number = max(bisect_right(starts, position - end) - 1, 0)
        span, said = page.seen[number]
        if len(said) != span.end - span.start:
            return span.end if end else span.start
        return span.start + position - starts[number]

    def place(span: Span) -> Span:
        if not page.seen:
            return Span(0, 0)
        return Span(at(span.start, end=False), max(at(span.end, end=True), at(span.start, end=False)))

    return place
