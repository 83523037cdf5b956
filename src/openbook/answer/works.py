"""Lists of works at the end of a text: their titles repeat a question's words, and answer only those about works."""

import re
from collections.abc import Sequence

from openbook.values import Candidate

_LISTS = re.compile(
    r"[\W\d]*(?:references|bibliography|works cited|literature|further reading|papers)\b", re.IGNORECASE
)
_DATED = re.compile(r"\b(?:1[5-9]|20)\d\d\b")
_ABOUT_WORKS = re.compile(
    r"\b(?:who|whose|whom|wrote|writ|author|paper|article|book|report|stud(?:y|ies)|publi|propos|introduc|invent|cite|citation"
    r"|reference|source|read|year)",
    re.IGNORECASE,
)


def without_works(question: str, candidates: Sequence[Candidate]) -> list[Candidate]:
    """The candidates that are no dated entry under a heading such as References, unless the question is about works."""
    if _ABOUT_WORKS.search(question):
        return list(candidates)
    return [candidate for candidate in candidates if not _names_a_work(candidate)]


def _names_a_work(candidate: Candidate) -> bool:
    heading = candidate.passage.chunk.heading
    return bool(heading) and _LISTS.match(heading[-1]) is not None and _DATED.search(candidate.text) is not None
