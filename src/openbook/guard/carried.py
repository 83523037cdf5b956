"""What a text would carry out by itself once somebody opens what it was put into.

A call that the request asks for may write or send a text that came from outside. The policy lets it, whatever the text
says, since it chooses nothing; but an image in it is fetched by whoever opens the file or the letter, with whatever
stands in its address. Nobody can list where in an address words may hide, nor every way in which every reader loads
something: Markdown in three spellings, tags, styles, scripts, formulas. So the question is put the other way round. A
text that names no place elsewhere carries nothing. One that does is plain where all that is not plain words is links,
which wait for a click; anything else in it is said. Of links, what ``links`` calls exfiltrating is said.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from html import unescape

from openbook.guard.addresses_in import addresses_in_markdown
from openbook.guard.finding import in_words
from openbook.guard.links import EXFILTRATING, links
from openbook.values import Json

_BLANKS = re.compile(r"[\x00-\x20\\\u200b-\u200d\ufeff]+")
_ELSEWHERE = re.compile(r"[a-z][a-z0-9+.-]{1,30}:/|https?:|(?<!:)//[^\s/]", re.IGNORECASE)
"""In a text without blanks: an address with a scheme, or one that takes the page's own."""

_OWN_PICTURE = re.compile(r"!\[[^\[\]\\\n]{0,500}\]\((?!/|\w+:)[\w%./ -]{1,500}\)")
"""An image beside the file itself, in its plain spelling."""

_PLAIN_TAGS = (
    "a b blockquote br code dd del div dl dt em h1 h2 h3 h4 h5 h6 hr i ins kbd li ol p pre s small span strong sub "
    "sup table tbody td th thead tr u ul"
).split()
_TAG = re.compile(
    rf"</?(?:{'|'.join(_PLAIN_TAGS)})(?:\s{{1,40}}(?:href|id|class|title|align|colspan|rowspan)"
    r"\s{0,40}=\s{0,40}(?:\"[^\"<>]{0,2000}\"|'[^'<>]{0,2000}'))*\s{0,40}/?>",
    re.IGNORECASE,
)
_LOADS = (
    (re.compile(r"!\s{0,40}\["), "an image"),
    (re.compile(r"<[a-z!/?](?![a-z0-9+.-]*://)", re.IGNORECASE), "a tag that is more than a link or a paragraph"),
    (re.compile(r"url\s{0,40}\(|@import|image-set\s{0,40}\(", re.IGNORECASE), "a style that loads something"),
    (re.compile(r"^[ \t]{0,40}\.\.[ \t]{1,40}\S{1,60}::", re.MULTILINE), "a directive"),
    (re.compile(r"(?:^|[,;\t\"])[ \t]{0,40}[=@+-][ \t]{0,40}[A-Za-z_.]{2,40}[ \t]{0,40}\(", re.MULTILINE), "a formula"),
)


def carried(value: Json) -> str:
    """What was found first, in one line that holds words of the text; empty where there is nothing."""
    for text in _texts(value):
        said = unescape(unescape(text))
        joined = _BLANKS.sub("", said)
        elsewhere = _ELSEWHERE.search(joined)
        if elsewhere is None:
            continue
        for finding in links(list(addresses_in_markdown(said))):
            if finding.rule == EXFILTRATING:
                return finding.message
        shown = _TAG.sub("", _OWN_PICTURE.sub("", said))
        for loads, what in _LOADS:
            if loads.search(shown):
                return f"{what}, beside the address {in_words(joined[elsewhere.start() :][:200])}"
    return ""


def _texts(value: Json) -> Iterator[str]:
    """Every text within a JSON value, keys too."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for key, each in value.items():
            yield key
            yield from _texts(each)
    elif isinstance(value, Sequence):
        for each in value:
            yield from _texts(each)
