"""What a text would carry out by itself once somebody looks at where it was put: an image or a link made for that.

A call that the request asks for may write or send a text that came from outside. The policy lets it, whatever the text
says, since it chooses nothing; but an image in it is fetched by whoever opens the file or the letter, with whatever
stands in its address. Where in an address words may hide nobody can list, so any image or file that is fetched from
elsewhere counts. A link waits for a click: of these, what ``links`` calls exfiltrating does.
"""

import re
from collections.abc import Iterator, Mapping, Sequence

from openbook.guard.addresses_in import addresses_in_markdown
from openbook.guard.finding import in_words
from openbook.guard.links import EXFILTRATING, links
from openbook.values import Json

_ELSEWHERE = re.compile(r"[\x00-\x20]*(?:h\s*t\s*t\s*p\s*s?\s*:|[/\\]\s*[/\\])", re.IGNORECASE)


def carried(value: Json) -> str:
    """What was found first, in one line that holds words of the text; empty where there is nothing."""
    for text in _texts(value):
        if any(mark in text for mark in ("](", "]:", "<")):  # most texts hold no address at all
            addresses = list(addresses_in_markdown(text))
            for finding in links(addresses):
                if finding.rule == EXFILTRATING:
                    return finding.message
            for address in addresses:
                if address.loaded and _ELSEWHERE.match(address.url):
                    return f"an image or file that is fetched unasked: {in_words(address.url)}"
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
