"""Do the quotes and answers that a person named stand in the documents? What stands nowhere could only be wrong."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

from openbook.cli.progress import say
from openbook.cli.screen import plural
from openbook.errors import OpenbookError
from openbook.evaluate.asked import Wanted, holds, stands_in
from openbook.evaluate.reading import normalised
from openbook.json_lines import shortened
from openbook.values import Document


@dataclass(slots=True)
class Sought:
    """Of one question, what was not found yet. answers: all of them, and none once one was found: one is enough."""

    where: str
    sources: frozenset[str]
    quotes: set[str] = field(default_factory=set[str])
    answers: tuple[str, ...] = ()


def check_quotes(
    wanted: Sequence[Wanted],
    where: Sequence[str],
    documents: Iterable[Document],
    on_progress: Callable[[int], object],
) -> list[str]:
    """Where questions stand of whose answers none stands in a document word for word, so that no quote holds it.

    where: the line of each question. Raises OpenbookError for a quote that is in no document, or in none of those that
    are named beside it.
    """
    sought = [
        Sought(line, frozenset(one.sources), {quote for quote in one.quotes if normalised(quote)}, one.answers)
        for one, line in zip(wanted, where, strict=True)
    ]
    for read, document in enumerate(documents, start=1):
        _strike(sought, document)
        on_progress(read)
        if not any(one.quotes or one.answers for one in sought):
            break
    for one in sought:
        if one.quotes:
            named = (
                "the named source" if len(one.sources) == 1 else "the named sources" if one.sources else "a document"
            )
            quote = shortened(min(one.quotes))
            raise OpenbookError(
                f"{one.where}: the quote {quote!r} does not stand in {named}: copy its words from there"
            )
    return [one.where for one in sought if one.answers]


def _strike(sought: Sequence[Sought], document: Document) -> None:
    """Off what is sought, what stands in this document."""
    left = [one for one in sought if (one.quotes or one.answers) and (not one.sources or document.uri in one.sources)]
    if left:
        text = normalised(document.text)
        for one in left:
            one.quotes = {quote for quote in one.quotes if not stands_in(quote, text)}
            if any(holds(text, answer) for answer in one.answers):
                one.answers = ()


def say_unheld(lines: Sequence[str]) -> None:
    """One line, where there is something to say."""
    if lines:
        more = ", …" if len(lines) > 1 else ""
        say(
            f"{plural(len(lines), 'question')} ({lines[0]}{more}) can only be wrong: no answer given for "
            f"{'them' if more else 'it'} stands in a document, word for word"
        )
