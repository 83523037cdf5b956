"""What a text would carry out by itself once somebody looks at where it was put: an image or a link made for that.

A call that the request asks for may write or send a text that came from outside. The policy lets it, whatever the text
says, since it chooses nothing; but an image in it is fetched by whoever opens the file or the letter, with the words
that stand in its address. What counts is what ``links`` calls exfiltrating: an ordinary link or image is none.
"""

from collections.abc import Iterator, Mapping, Sequence

from openbook.guard.addresses_in import addresses_in_markdown
from openbook.guard.links import EXFILTRATING, links
from openbook.values import Json


def carried(value: Json) -> str:
    """What was found first, in one line that holds words of the text; empty where there is nothing."""
    for text in _texts(value):
        if "//" in text:  # most texts hold no address at all
            for finding in links(list(addresses_in_markdown(text))):
                if finding.rule == EXFILTRATING:
                    return finding.message
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
