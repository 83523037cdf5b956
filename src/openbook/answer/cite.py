"""The one place that makes a citation: it slices the document, so a quote cannot differ from its source."""

from openbook.documents import place
from openbook.values import Citation, Document, Span


def cite(document: Document, span: Span, answer: Span | None = None) -> Citation:
    """The characters of ``span``, and where a person finds them; answer: the part of them that answers.

    Raises ValueError for a span outside the text, and for an answer outside the span.
    """
    if span.end > len(document.text) or span.start == span.end:
        raise ValueError(f"{span} is empty or lies outside the {len(document.text)} characters of {document.uri}")
    if answer is not None and not span.holds(answer):
        raise ValueError(f"the answer {answer} lies outside the quote {span}")
    return Citation(document.id, span, span.of(document.text), document.uri, place(document, span.start), answer)
