"""What Markdown renders as nothing: reference definitions used as comments, titles, alternative texts, HTML in it."""

import re
from collections.abc import Iterator, Sequence

from openbook.guard.finding import Finding, Unseen
from openbook.guard.page_text import COMMENT, page_text
from openbook.values import Span

_FENCE = re.compile(r"^ {0,3}(`{3,}+|~{3,}+)[^\n]*+\n(?:(?! {0,3}\1)[^\n]*\n)*(?: {0,3}\1[^\n]*|\Z)", re.MULTILINE)
_CODE = re.compile(r"(?<!`)(`{1,3})(?!`)[^`\n]{1,2000}(?<!`)\1(?!`)")
_DEFINITION = re.compile(
    r"^ {0,3}\[([^\]\n]{1,999})\]:[ \t]*(?:<[^>\n]{0,2000}>|\S{1,2000})?[ \t]*"
    r"(?:\"([^\n]{0,4000})\"|'([^\n]{0,4000})'|\(([^\n]{0,4000})\))?[ \t]*$",
    re.MULTILINE,
)
_TITLE = re.compile(r"\]\([^()\s]{0,2000}\s{1,20}(?:\"([^\"\n]{1,4000})\"|'([^'\n]{1,4000})')\s{0,20}\)")
_ALT = re.compile(r"!\[([^\]\n]{1,4000})\]")


def without_code(text: str) -> str:
    """The text with blanks in place of code, which is shown as it stands: places stay the same."""
    blank = re.compile(r"[^\n]")
    text = _FENCE.sub(lambda found: blank.sub(" ", found[0]), text)
    return _CODE.sub(lambda found: " " * len(found[0]), text)


def without_comments(text: str, unseen: Sequence[Unseen]) -> str:
    """The text with blanks in place of the comments among what was found: places stay the same."""
    kept: list[str] = []
    at = 0
    for span in sorted(each.span for each in unseen if each.what == COMMENT):
        kept += [text[at : span.start], " " * (span.end - span.start)]
        at = span.end
    return "".join([*kept, text[at:]])


def unseen_in_markdown(text: str) -> tuple[list[Unseen], list[Finding]]:
    """Words that are not rendered, and those that markup within conceals."""
    plain = without_code(text)
    markup = page_text(plain, page=False)
    return [*markup.unseen, *_own(plain)], markup.concealed


def _own(text: str) -> Iterator[Unseen]:
    for what, pattern in (("a reference", _DEFINITION), ("a link's title", _TITLE), ("an image's text", _ALT)):
        for found in pattern.finditer(text):
            said = " ".join(part for part in found.groups() if part and " " in part)  # a label alone says nothing
            if said:
                yield Unseen("invisible-text", Span(*found.span()), what, said)
