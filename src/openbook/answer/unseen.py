"""What stands in a text and is not shown by whatever renders it: no answer, since a reader would not see it there."""

import re

from openbook.values import Span

_COMMENT = re.compile(r"<!--.*?(?:-->|\Z)", re.DOTALL)
_LINK_COMMENT = re.compile(r"\[[^\]\n]{0,40}\]:[ \t]*#.*")
_STRUCK = re.compile(r"\s*~~(?:(?!~~).)+~~\s*", re.DOTALL)
_HIDDEN = re.compile(
    r"""\s*<(\w+)(?=[^<>]{0,300}(?:\shidden\b|display\s*:\s*none|visibility\s*:\s*hidden))[^<>]{0,300}>.*</\1>\s*""",
    re.DOTALL | re.IGNORECASE,
)


def unseen(text: str) -> list[Span]:
    """The comments of HTML and Markdown in the text, in order; one that is not closed goes to its end."""
    return [Span(found.start(), found.end()) for found in _COMMENT.finditer(text)]


def is_unseen(sentence: str) -> bool:
    """Whether the whole sentence is a comment written as a link, struck out, or in an element that hides it."""
    return any(pattern.fullmatch(sentence) for pattern in (_LINK_COMMENT, _STRUCK, _HIDDEN))
