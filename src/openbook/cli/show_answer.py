"""Answers and passages on a terminal: the quote highlighted where it stands."""

import os
from collections.abc import Sequence
from math import floor
from pathlib import Path
from typing import overload

from rich.console import Console
from rich.text import Text

from openbook.answer.audit import Audit
from openbook.cli.screen import console, one_line, visible, where
from openbook.cli.show_suspicion import suspicion_lines
from openbook.values import Answer, Citation, Passage, Sentence, Span

CONTEXT = 140
"""Characters of context shown on each side of a quote."""


def show_answer(answer: Answer, audits: Sequence[Audit], roots: Sequence[Path]) -> None:
    screen = console()
    screen.print()
    if answer.abstained:
        screen.print(Text("Not in these documents.", style="bold yellow"))
        least = answer.trace.settings.get("threshold")
        below = floor(100 * answer.confidence) / 100  # rounded up, it might seem to reach what it fell short of
        screen.print(Text(f"confidence {below:.2f}, answered from {least:.2f}", style="dim"))
        if answer.passages:
            screen.print("\nThe nearest passages:\n")
            _print_passages(screen, answer.passages[:3], answer.stale, roots)
    else:
        lost = [audit for audit in audits if audit.verdict == "missing"]
        for audit in lost:
            place = where(audit.citation.uri, "", roots)
            screen.print(Text(f"! a quote below is not in {place} any more: {audit.reason}", style="red"))
        if lost:
            screen.print()
        _print_sentences(screen, answer)
        for number, sentence in enumerate(answer.sentences, start=1):
            for citation in sentence.citations:
                name = _cited(citation.uri, citation.place, answer.stale, roots)
                _print_citation(screen, number, name, citation, answer.passages)
        screen.print()
        screen.print(Text(f"confidence {answer.confidence:.2f} · {_proof(audits)}", style="dim"))
    for line in suspicion_lines(answer, roots):
        screen.print(Text(line, style="yellow"))
    _print_stale(screen, answer.stale, roots)


def _print_sentences(screen: Console, answer: Answer) -> None:
    """The answer; of a draft also what nothing backs, struck through, in its place."""
    number = 0
    drafted = any(sentence.citations for sentence in answer.draft)
    if answer.draft and not drafted:
        for sentence in answer.draft:
            screen.print(_struck(screen, sentence))
        screen.print(Text("Nothing of the draft is backed; the documents say:", style="dim"))
    for sentence in answer.draft if drafted else answer.sentences:
        if not sentence.citations:
            screen.print(_struck(screen, sentence))
            continue
        number += 1
        screen.print(Text.assemble((one_line(sentence.text), "bold"), (f" [{number}]", "cyan")))


def _struck(screen: Console, sentence: Sentence) -> Text:
    said = one_line(sentence.text)
    said = said if screen.color_system else f"~~{said}~~"  # nothing else would show that it does not count
    return Text.assemble((said, "strike dim"), (" (not backed)", "yellow"))


def _proof(audits: Sequence[Audit]) -> str:
    verdicts = [audit.verdict for audit in audits]
    found, unchecked = verdicts.count("found"), verdicts.count("unchecked")
    if found == len(audits):
        return f"every quote found again in its file ({found})"
    return f"{found} of {len(audits)} quotes found again" + (f", {unchecked} not checked" if unchecked else "")


def show_passages(passages: Sequence[Passage], stale: Sequence[str], roots: Sequence[Path]) -> None:
    screen = console()
    screen.print()
    if not passages:
        screen.print("nothing found: the index holds no text")
    _print_passages(screen, passages, stale, roots)
    _print_stale(screen, stale, roots)


def _print_stale(screen: Console, stale: Sequence[str], roots: Sequence[Path]) -> None:
    for uri in stale:
        screen.print(Text(f"! {where(uri, '', roots)} {_happened(Path(uri))}", style="yellow"))


def _happened(path: Path) -> str:
    """What became of a file that is not what was indexed."""
    if not path.exists():
        return "is gone since it was indexed: ask again with --update"
    if not os.access(path, os.R_OK):
        return "cannot be read any more, so this is what was indexed: give yourself access to it"
    return "changed after it was indexed: ask again with --update"


def _cited(uri: str, place: str, stale: Sequence[str], roots: Sequence[Path]) -> str:
    """The place as it is now, or, in a file that changed, as it was."""
    return where(uri, place, roots) + (" when indexed" if place and uri in stale else "")


def _print_citation(screen: Console, number: int, name: str, citation: Citation, passages: Sequence[Passage]) -> None:
    passage = next(
        (p for p in passages if p.chunk.document_id == citation.document_id and p.chunk.span.holds(citation.span)), None
    )
    screen.print()
    heading = visible(" › ".join(passage.chunk.heading)) if passage else ""
    screen.print(Text.assemble((f"[{number}] ", "cyan"), (name, "underline"), (f"  {heading}", "dim")))
    if passage is not None:
        offset = passage.chunk.span.start
        screen.print(
            _indented(
                screen,
                _context(screen, passage.text, _moved(citation.span, offset), _moved(citation.answer, offset)),
                4,
            )
        )


def _indented(screen: Console, text: Text, columns: int) -> Text:
    """Every line of the text, also of one that wraps, this far in, and no blanks behind it."""
    lines = text.wrap(screen, screen.width - 2 * columns)
    for line in lines:
        line.rstrip()
    return Text("\n").join(Text(" " * columns) + line for line in lines)


@overload
def _moved(span: Span, offset: int) -> Span: ...
@overload
def _moved(span: Span | None, offset: int) -> Span | None: ...
def _moved(span: Span | None, offset: int) -> Span | None:
    """From the document's characters to the passage's."""
    return None if span is None else Span(span.start - offset, span.end - offset)


def _context(screen: Console, text: str, quote: Span, answer: Span | None) -> Text:
    """The quote, highlighted, between as much of its passage as fits; within it the words that answer."""
    start = max(quote.start - CONTEXT, 0)
    end = min(quote.end + CONTEXT, len(text))
    before, after = text[start : quote.start], text[quote.end : end]
    if start:
        before = "…" + before[before.find(" ") + 1 :]
    if end < len(text):
        after = after[: after.rfind(" ") + 1] + "…"
    inner = answer or Span(quote.end, quote.end)
    parts = text[quote.start : inner.start], text[inner.start : inner.end], text[inner.end : quote.end]
    if screen.color_system is None:  # nothing else would show where the quote and the answer are
        parts = f"«{parts[0]}", f"[{parts[1]}]" if answer else "", f"{parts[2]}»"
    styles = "reverse", "reverse bold underline", "reverse"
    middle = [(visible(part), style) for part, style in zip(parts, styles, strict=True)]
    return Text.assemble((visible(before), "dim"), *middle, (visible(after), "dim"))


def _print_passages(screen: Console, passages: Sequence[Passage], stale: Sequence[str], roots: Sequence[Path]) -> None:
    for number, passage in enumerate(passages, start=1):
        scores = " ".join(f"{name} {value:.3f}" for name, value in passage.signals.items())
        screen.print(
            Text.assemble(
                (f"{number}. ", "cyan"),
                (_cited(passage.uri, passage.chunk.place, stale, roots), "underline"),
                (f"  {scores}", "dim"),
            )
        )
        if passage.chunk.heading:
            heading = Text(visible(" › ".join(passage.chunk.heading)), style="dim")
            screen.print(_indented(screen, heading, 3))
        text = one_line(passage.text)
        text = text if len(text) <= CONTEXT else text[:CONTEXT].rsplit(" ", 1)[0] + " …"
        screen.print(_indented(screen, Text(text), 3))
        screen.print()
