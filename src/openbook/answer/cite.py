"""The one place that makes a citation: it slices the document, so a quote cannot differ from its source."""

from openbook.documents import place
from openbook.values import Citation, Document, Span


def cite(document: Document, span: Span) -> Citation:
    """The characters of ``span``, and where a person finds them. Raises ValueError for a span outside the text."""
    if span.end > len(document.text) or span.start == span.end:
        raise ValueError(f"{span} is empty or lies outside the {len(document.text)} characters of {document.uri}")
    return Citation(document.id, span, span.of(document.text), document.uri, place(document, span.start))
