"""Every probe asked, rows as they come; what an earlier run answered is not asked again."""

import hashlib
from collections.abc import Callable, Iterable, Iterator, Sequence

from openbook.evaluate.position.probe import Probe, Row, Subject, holds
from openbook.generate.context_prompt import DOCUMENTS_FIRST, Layout, prompt_of
from openbook.generate.text import written
from openbook.protocols import LanguageModel
from openbook.values import Decoding, Part

ANSWER = Decoding(max_tokens=64)
"""A needle's code, a UUID or a few words fit; what a model goes on to say does not count."""


def asked(
    probes: Iterable[Probe],
    subject: Subject,
    known: Iterable[Row] = (),
    on_row: Callable[[Row], object] = lambda _: None,
) -> Iterator[Row]:
    """A row for each probe, in order. known: rows of an earlier run, which are given again unasked.

    on_row: told of every row that is new, as soon as it is there.
    """
    before = {(row.kind, row.item, row.length, row.depth): row for row in known}
    for probe in probes:
        row = before.get((probe.kind, probe.item, probe.length, probe.depth))
        if row is None:
            row = row_of(probe, subject(probe.parts, probe.question))
            on_row(row)
        yield row


def row_of(probe: Probe, answer: str) -> Row:
    """What an answer to a probe comes to."""
    right = float(holds(answer, probe.references))
    return Row(probe.kind, probe.item, probe.length, probe.depth, right)


def of_model(model: LanguageModel, layout: Layout = DOCUMENTS_FIRST, decoding: Decoding = ANSWER) -> Subject:
    """A language model as a subject: the context under its labels, and the question where the layout puts it."""

    def subject(parts: Sequence[Part], question: str) -> str:
        return written(model, prompt_of(question, parts, layout), decoding)

    return subject


def digest_of(probes: Sequence[Probe], subject: str) -> str:
    """What identifies a run: what was asked, and of whom. Two runs of one digest may complete each other."""
    whole = hashlib.sha256(subject.encode("utf-8", "replace"))
    for probe in probes:
        for piece in (probe.kind, probe.item, str(probe.length), repr(probe.depth), probe.question, *probe.references):
            whole.update(piece.encode("utf-8", "replace") + b"\0")
        for part in probe.parts:
            whole.update(part.text.encode("utf-8", "replace") + b"\0")
    return whole.hexdigest()
