"""All rules and the injection detector on a text: what in it is not what a reader takes it for, and where.

What a reader sees is scored in windows. What is encoded or hidden is decoded and scored twice: by itself, so that long
surroundings do not thin it out, and among the words around it, since a request is an attack where it does not belong.
Fewer words than ``LEAST_WORDS``, as editors' marks have, are scored by themselves alone: among others, it is those that
the score is of. Without a detector, hidden words of some length are a finding as they are.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal, TypeAlias

from openbook.encode.injection import Injection, InjectionDetector, windows
from openbook.guard import references
from openbook.guard.addresses_in import addresses_in_html, addresses_in_markdown
from openbook.guard.encoded import encoded
from openbook.guard.finding import LEAST_WORDS, Finding, Unseen, in_words
from openbook.guard.hidden_unicode import hidden_unicode, smuggled
from openbook.guard.links import links
from openbook.guard.page_text import page_text
from openbook.guard.shown import Shown, shown_of
from openbook.guard.unseen_markdown import unseen_in_markdown, without_comments
from openbook.values import Span

Kind: TypeAlias = Literal["text", "html", "markdown"]

INJECTION = "injection"
"""The rule of what a detector flags in plain sight."""

MOST_FINDINGS = 200
"""Of one text."""

MOST_UNSEEN = 2_000
"""Hidden and encoded texts that are scored; a page has fewer captions and comments."""

_AMONG = 600
"""Characters of a hidden text that are read among its surroundings, so that all is one window."""

_AT_ONCE = 32
_WORD = re.compile(r"\w+")


@dataclass(frozen=True, slots=True)
class _Read:
    """A text to be scored: a window of what is shown, or what is hidden. part: where that stands in ``text``, where it
    is read among what is shown around it."""

    text: str
    start: int
    shown: Shown
    unseen: Unseen | None = None
    part: Span | None = None

    def concerns(self, span: Span | None) -> bool:
        return self.part is None or span is None or (span.start < self.part.end and self.part.start < span.end)


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
                if score.flagged and read.concerns(score.span):
                    each.found.append(_scored(read, score))
            if on_progress is not None:
                on_progress(min(start + _AT_ONCE, len(flat)), len(flat))
    return [_ordered(each.found) for each in looked]


def _look(text: str, kind: Kind, *, scored: bool) -> _Looked:
    signs = references.Read(text) if kind == "text" else references.read(text)
    found = [replace(each, span=signs.place(each.span)) for each in hidden_unicode(signs.text)]
    unseen = [replace(each, span=signs.place(each.span)) for each in smuggled(signs.text)]
    shown = Shown(text)
    if kind == "html":
        page = page_text(text)
        shown = shown_of(page)
        unseen += page.unseen
        found += page.concealed
        found += links(list(addresses_in_html(text)))
    elif kind == "markdown":
        hidden, concealed = unseen_in_markdown(text)
        unseen += hidden
        found += concealed
        found += links(list(addresses_in_markdown(text)))
        shown = Shown(without_comments(text, hidden))
    for each in [Unseen("", Span(0, len(text)), "", text), *unseen]:
        unseen += (Unseen(e.rule, e.span if not each.rule else each.span, e.what, e.text) for e in encoded(each.text))
    unseen = list(dict.fromkeys(unseen))[:MOST_UNSEEN]
    if not scored:
        found += (Finding(e.rule, e.span, _says(e)) for e in unseen if _words(e.text) >= LEAST_WORDS)
        return _Looked(found)
    return _Looked(found, _reads(shown, unseen))


def _reads(shown: Shown, unseen: Sequence[Unseen]) -> list[_Read]:
    """What is shown, window by window; what is not, by itself and among what is shown around it."""
    reads = [_Read(part, start, shown) for start, part in windows(shown.text)]
    for each in unseen:
        before, after = shown.around(each.span)
        said = each.text[:_AMONG]
        reads.append(_Read(each.text, 0, shown, each))
        if (before.strip() or after.strip()) and _words(said) >= LEAST_WORDS:
            part = Span(len(before) + 1, len(before) + 1 + len(said))
            reads.append(_Read(f"{before} {said} {after}", 0, shown, each, part))
    return reads


def _words(text: str) -> int:
    return len(_WORD.findall(text))


def _scored(read: _Read, score: Injection) -> Finding:
    if read.unseen is not None:
        return Finding(read.unseen.rule, read.unseen.span, _says(read.unseen), score.score)
    span = score.span or Span(0, len(read.text))
    place = read.shown.place(Span(read.start + span.start, read.start + span.end))
    return Finding(INJECTION, place, f"reads as an instruction: {in_words(span.of(read.text))}", score.score)


def _says(unseen: Unseen) -> str:
    return f"{unseen.what} saying {in_words(unseen.text)}"


def _rank(finding: Finding) -> tuple[bool, bool, float, int, int]:
    """What is hidden first, then the surest; of equals the wider, which holds the others."""
    span = finding.span
    return finding.rule == INJECTION, finding.score is None, -(finding.score or 0.0), span.start - span.end, span.start


def _ordered(found: Sequence[Finding]) -> list[Finding]:
    """By place, each stretch once: windows overlap, and what is hidden in a text is also in its windows."""
    kept: list[Finding] = []
    for finding in sorted(dict.fromkeys(found), key=_rank):
        known = [k for k in kept if k.span.start < finding.span.end and finding.span.start < k.span.end]
        if finding.rule == INJECTION and any(k.score is not None for k in known):
            continue
        if any(k.rule == finding.rule and k.span.holds(finding.span) for k in known):
            continue
        kept.append(finding)
        if len(kept) == MOST_FINDINGS:
            break
    return sorted(kept, key=lambda f: (f.span, f.rule))
