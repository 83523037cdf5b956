"""A person's question with what is known of its answer, what came back, and whether that is right."""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

from openbook.evaluate.reading import exact_match, normalised, token_f1

FEWEST_WORDS = 3
"""A shorter run of words is shared by chance."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """answerable: whether the documents hold an answer; of the rest, any of several is enough.

    answers: texts that the quoted sentence may hold. sources: uris of documents that hold it. quotes: words of them
    that do. group: what the question belongs with, as others on one article; empty where it stands alone.
    """

    question: str
    answerable: bool
    answers: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    quotes: tuple[str, ...] = ()
    group: str = ""


@dataclass(frozen=True, slots=True)
class Cited:
    """A quoted sentence, where it stands, and the words that answer: those marked in it, all of it where none are; or
    the drafted sentence that it backs.
    """

    quote: str
    uri: str
    place: str
    words: str


@dataclass(frozen=True, slots=True)
class Backing:
    """Of the statement that question and right answer make: whether the cited sentences together back it, and which of
    them are needed or enough. See ``evaluate.citations``.
    """

    together: bool
    precise: tuple[bool, ...]


@dataclass(frozen=True, slots=True)
class Response:
    """What came back, however unsure it was. confidence: that the first cited sentence answers.

    file_rank, quote_rank: place, from 1, of the first document, and of the first passage, that was wanted; None where
    none was found. drafted: of each sentence that a model drafted, whether a passage backs it; empty where none wrote.
    """

    confidence: float
    cited: tuple[Cited, ...]
    seconds: float
    file_rank: int | None = None
    quote_rank: int | None = None
    backing: Backing | None = None
    drafted: tuple[bool, ...] = ()


def is_right(wanted: Wanted, response: Response) -> bool:
    """Whether the first cited sentence holds a wanted answer; without answers, a quote; without either, the document.

    Of a draft it is the first backed sentence that must hold the answer: its citation may say more than it does. A
    question without an answer is answered wrongly by whatever is cited.
    """
    if not wanted.answerable or not response.cited:
        return False
    first = response.cited[0]
    if wanted.answers:
        text = normalised(first.words if any(response.drafted) else first.quote)
        return any(holds(text, answer) for answer in wanted.answers)
    return on_quote(wanted, first) if wanted.quotes else in_source(wanted, first)


def in_source(wanted: Wanted, cited: Cited) -> bool:
    """Whether the sentence stands in a document that was wanted."""
    return cited.uri in wanted.sources


def on_quote(wanted: Wanted, cited: Cited) -> bool:
    """Whether the sentence shares words with a quote that was wanted, in a wanted document where one is named."""
    return (not wanted.sources or in_source(wanted, cited)) and any(
        overlaps(quote, cited.quote) for quote in wanted.quotes
    )


def holds(text: str, answer: str) -> bool:
    """Whether the answer stands in the text, word for word. text: ``normalised`` already."""
    said = normalised(answer)
    return bool(said) and f" {said} " in f" {text} "


def overlaps(quote: str, text: str) -> bool:
    """Whether half of the words of the shorter stand in both, in one run: of ``FEWEST_WORDS``, or of all it has."""
    left, right = normalised(quote).split(), normalised(text).split()
    shorter = min(len(left), len(right))
    if not shorter:
        return False
    return SequenceMatcher(None, left, right, autojunk=False).find_longest_match().size >= _least_run(shorter)


def stands_in(quote: str, text: str) -> bool:
    """As ``overlaps``, for a text of any length, which the quote is shorter than. text: ``normalised`` already."""
    words = normalised(quote).split()
    run, held = _least_run(len(words)), f" {text} "
    return bool(words) and any(f" {' '.join(words[at : at + run])} " in held for at in range(len(words) - run + 1))


def _least_run(words: int) -> int:
    """Of so many words, how many must stand in the other text one after the other."""
    return max((words + 1) // 2, min(words, FEWEST_WORDS))


def first_rank(wanted: Wanted, passages: Sequence[tuple[str, str]]) -> tuple[int | None, int | None]:
    """``file_rank`` and ``quote_rank`` among passages given as (uri, text), best first. Documents count once."""
    uris = list(dict.fromkeys(uri for uri, _ in passages))
    of_file = next((rank for rank, uri in enumerate(uris, start=1) if uri in wanted.sources), None)
    of_quote = next(
        (
            rank
            for rank, (uri, text) in enumerate(passages, start=1)
            if (not wanted.sources or uri in wanted.sources) and any(overlaps(quote, text) for quote in wanted.quotes)
        ),
        None,
    )
    return of_file, of_quote


def exact_and_f1(wanted: Wanted, response: Response) -> tuple[float, float]:
    """Exact match and token F1 of the first sentence's words against the wanted answer that they are nearest to."""
    words = response.cited[0].words if response.cited else ""
    return exact_match(words, wanted.answers), token_f1(words, wanted.answers)


def groups_of(wanted: Sequence[Wanted]) -> list[Hashable] | None:
    """What each question belongs to, itself where nothing is said; None where nothing is said of any."""
    if not any(one.group for one in wanted):
        return None
    return [one.group or number for number, one in enumerate(wanted)]
