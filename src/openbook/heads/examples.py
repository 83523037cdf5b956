"""A labelled pair: a question, a passage, and what is known of them. What is not known does not count in the loss."""

from dataclasses import dataclass

from openbook.values import Span


@dataclass(frozen=True, slots=True)
class Example:
    """spans: where in the passage the answer stands, one or more where it is marked.

    answerable: whether the passage answers; relevant: whether it is the passage that was asked for; None: not known.
    source: the set it comes from; group: the article, story or document, never divided between parts.
    """

    id: str
    source: str
    group: str
    question: str
    passage: str
    heading: tuple[str, ...] = ()
    spans: tuple[Span, ...] = ()
    answerable: bool | None = None
    relevant: bool | None = None

    def __post_init__(self) -> None:
        if any(span.end > len(self.passage) or span.start == span.end for span in self.spans):
            raise ValueError(f"{self.id}: an answer is empty or lies outside its passage")
