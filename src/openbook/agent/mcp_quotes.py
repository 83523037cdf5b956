"""What another assistant is given of a folder: quotes with their places, in shapes that a schema can say."""

from pydantic import BaseModel, Field

from openbook.values import Citation, Document, Passage


class Quote(BaseModel):
    """Exact characters of a document: [start, end) in code points of its text."""

    quote: str
    uri: str
    title: str
    place: str = Field(description="where a person finds it: line, page or heading")
    start: int
    end: int
    stale: bool = Field(description="the source changed or is gone since it was indexed")


class AnswerQuote(Quote):
    """A quote that answers."""

    answer: str | None = Field(description="the words within the quote that answer, where they are known")


class AskResult(BaseModel):
    """An answer, or an abstention with the nearest passages."""

    abstained: bool = Field(description="true: these documents do not answer the question")
    confidence: float = Field(ge=0, le=1, description="calibrated probability that the first quote answers")
    threshold: float = Field(description="the least confidence that is answered")
    quotes: list[AnswerQuote] = Field(description="empty where abstained")
    nearest: list[Quote] = Field(description="where abstained, the passages nearest to the question")


class SearchResult(BaseModel):
    """Passages, the nearest first, however far they are."""

    passages: list[Quote]


def of_citation(citation: Citation, document: Document, stale: bool) -> Quote:
    return Quote(
        quote=citation.quote,
        uri=citation.uri,
        title=document.title,
        place=citation.place,
        start=citation.span.start,
        end=citation.span.end,
        stale=stale,
    )


def of_passage(passage: Passage, stale: set[str]) -> Quote:
    span = passage.chunk.span
    return Quote(
        quote=passage.text,
        uri=passage.uri,
        title=passage.title,
        place=passage.chunk.place,
        start=span.start,
        end=span.end,
        stale=passage.uri in stale,
    )
