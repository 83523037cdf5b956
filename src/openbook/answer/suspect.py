"""Passages that speak to a model: looked for in what is quoted, given to a writer or shown, and kept from deciding.

A passage with an attack in it is not quoted, neither the attack nor the sentences around it: the answer is what it
would be without that passage. A passage with any finding at all is not given to a writer.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from openbook.documents import sentences
from openbook.encode.injection import InjectionDetector
from openbook.guard.finding import Finding
from openbook.guard.scan import INJECTION, scan_all
from openbook.values import Document, Json, Passage, Span, Suspicion

NEAREST = 3
"""Passages that are shown where nothing is answered."""


@dataclass(frozen=True, slots=True)
class Guard:
    """detector: opened when the first passage is looked at. everything: look at all passages, not those alone that are
    quoted or shown, for whoever hands all of them on."""

    detector: Callable[[], InjectionDetector]
    everything: bool = False


@dataclass(slots=True)
class Watch:
    """What a guard knows of the passages of one answer. Without a guard it finds nothing."""

    guard: Guard | None
    passages: Sequence[Passage]
    documents: Mapping[str, Document]
    found: dict[int, list[Finding]] = field(default_factory=dict[int, list[Finding]])
    judged: dict[int, bool] = field(default_factory=dict[int, bool])
    withheld: dict[int, Literal["writer", "answer"]] = field(default_factory=dict[int, Literal["writer", "answer"]])

    def look(self, places: Sequence[int]) -> None:
        """At these of the passages, under their headings, each once."""
        new = [place for place in dict.fromkeys(places) if place not in self.found]
        if self.guard is None or not new:
            return
        for kind in ("markdown", "text"):
            of_kind = [p for p in new if (self._kind(p) == "markdown") == (kind == "markdown")]
            texts = [self._text(place) for place in of_kind]
            self.found.update(zip(of_kind, scan_all(texts, kind, self.guard.detector()), strict=True))

    def allowed(self, passage: Passage) -> bool:
        """Whether it may be given to a writer; if not, that is noted."""
        place = self._place(passage)
        self.look([place])
        if self.found.get(place):
            self.withheld.setdefault(place, "writer")
        return not self.found.get(place)

    @property
    def clean(self) -> list[Passage]:
        """All passages but those that are known to hold an attack."""
        return [passage for place, passage in enumerate(self.passages) if not self.judged.get(place)]

    def hostile_among(self, passages: Sequence[Passage]) -> bool:
        """Whether one holds an attack: a finding that was scored, in words that score as one by themselves as well."""
        places = [self._place(passage) for passage in passages]
        self.look(places)
        for place in places:
            if place not in self.judged:
                self.judged[place] = self._holds_an_attack(place)
                if self.judged[place]:
                    self.withheld[place] = "answer"
        return any(self.judged[place] for place in places)

    def suspicions(self) -> tuple[Suspicion, ...]:
        """Of all passages that were looked at, in their order."""
        return tuple(
            Suspicion(
                place,
                finding.rule,
                self._in_document(place, finding.span),
                finding.message,
                finding.score,
                self.withheld.get(place, ""),
            )
            for place in sorted(self.found)
            for finding in self.found[place]
        )

    def _holds_an_attack(self, place: int) -> bool:
        scored = [finding for finding in self.found.get(place, ()) if finding.score is not None]
        if self.guard is None or not scored:
            return False
        if any(finding.rule != INJECTION for finding in scored):
            return True  # what was hidden or encoded was scored by itself
        text = self._text(place)
        inside = [
            span
            for span in sentences(text, Span(0, len(text)))
            if any(span.start < finding.span.end and finding.span.start < span.end for finding in scored)
        ]
        return any(score.flagged for score in self.guard.detector()([span.of(text) for span in inside]))

    def _text(self, place: int) -> str:
        """As a writer is shown it."""
        return _head(self.passages[place]) + self.passages[place].text

    def _place(self, passage: Passage) -> int:
        return next(n for n, each in enumerate(self.passages) if each.chunk == passage.chunk)

    def _kind(self, place: int) -> Json:
        return self.documents[self.passages[place].chunk.document_id].meta.get("kind")

    def _in_document(self, place: int, span: Span) -> Span:
        """What lies in the heading is where the passage begins."""
        passage = self.passages[place]
        head = len(_head(passage))
        start, end = (max(position - head, 0) + passage.chunk.span.start for position in (span.start, span.end))
        return Span(start, end)


def findings_json(suspicions: Sequence[Suspicion]) -> Json:
    return [[s.passage, s.rule, s.span.start, s.span.end, s.score, s.withheld] for s in suspicions]


def _head(passage: Passage) -> str:
    return "".join(f"{title}\n" for title in passage.chunk.heading)
