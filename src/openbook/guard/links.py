"""Addresses that carry something out, run something, or lead elsewhere than they say.

An image is fetched as soon as an answer that holds it is shown, so that whatever stands in its address has left
(Rehberger 2023); a link needs a click, and is held to less.
"""

import re
from collections.abc import Iterator, Sequence
from urllib.parse import SplitResult, parse_qsl, unquote, urlsplit

from openbook.guard.addresses_in import Address
from openbook.guard.encoded import encoded
from openbook.guard.finding import LEAST_WORDS, Finding, in_words

LONGEST_QUERY_LOADED, LONGEST_QUERY_FOLLOWED = 300, 2_000
"""Characters of a query that an address may have: signatures of storage services take up to about 1,500 in links."""

EXFILTRATING = "exfiltrating-link"
"""The rule of an address that carries a reader's data out, or has a place for it."""

_SPACES = re.compile(r"[\x00-\x20\u200b-\u200d\ufeff]")
_BREAKS = re.compile(r"[\x00-\x1f\u200b-\u200d\ufeff]")
_SCHEME = re.compile(r"([a-zA-Z][a-zA-Z0-9+.-]{0,30}):")
_RUNS = frozenset("javascript vbscript livescript".split())
_PICTURES = re.compile(
    r"data:(?:image/(?:png|jpe?g|gif|webp|avif|bmp|x-icon)|font/[\w-]+|audio/[\w-]+)[;,]", re.IGNORECASE
)
_SLOT = re.compile(
    r"\{\{[^{}]{0,100}\}\}|\$?\{[^{}]{0,100}\}|\[[A-Z][A-Za-z _-]{2,60}\]|<[A-Za-z][\w -]{0,60}>|%s\b"
    r"|\b[A-Z]{3,20}(?:_[A-Z]{2,20}){1,4}(?:_HERE)\b"
)
"""A place that is left to be filled in."""

_SHOWN_ADDRESS = re.compile(r"(?:https?://|www\.)[^\s]{3,500}", re.IGNORECASE)


def links(addresses: Sequence[Address]) -> Iterator[Finding]:
    for address in addresses:
        yield from _of(address)


def _of(address: Address) -> Iterator[Finding]:
    url = _SPACES.sub("", address.url)
    scheme = found[1].lower() if (found := _SCHEME.match(url)) else ""
    if scheme in _RUNS or (scheme == "data" and not _PICTURES.match(url)):
        yield Finding("script-address", address.span, f"an address that holds a program or a page: {in_words(url)}")
        return
    if scheme not in ("http", "https") and not url.startswith("//"):
        return
    try:
        parts = urlsplit(_BREAKS.sub("", address.url.strip()).replace(" ", "%20"))  # as a browser sends it
        host = parts.hostname or ""
    except ValueError:
        yield Finding(EXFILTRATING, address.span, f"an address that cannot be read: {in_words(url)}")
        return
    why = _carries(address, parts)
    if why:
        what = "an image or file that is fetched unasked" if address.loaded else "a link"
        yield Finding(EXFILTRATING, address.span, f"{what} at {host[:80]} {why}: {in_words(url)}")
    shown = _SHOWN_ADDRESS.fullmatch(address.words.strip()) if address.words else None
    if shown and not _same_place(_host(shown[0]), host):
        what = f"a link that shows {in_words(address.words)} and leads to {host[:80]}"
        yield Finding("mismatched-link", address.span, what)


def _carries(address: Address, parts: SplitResult) -> str:
    """How the address may carry a reader's data, or nothing."""
    said = unquote(parts.query)
    where = [said, unquote(parts.fragment), *([unquote(parts.path), parts.netloc] if address.loaded else [])]
    if any(_SLOT.search(part) for part in where):
        return "has a place to be filled in"
    if len(parts.query) > (LONGEST_QUERY_LOADED if address.loaded else LONGEST_QUERY_FOLLOWED):
        return f"has a query of {len(parts.query):,} characters"
    if address.loaded and any(_says(value) for _, value in parse_qsl(parts.query)):
        return "carries words in its query"
    return ""


def _says(value: str) -> bool:
    """Whether a value of a query is a sentence, plain or encoded. Of the 670 images in the descriptions of 218 Python
    packages none has one of more than two words."""
    return any(len(text.split()) >= LEAST_WORDS for text in [value, *(each.text for each in encoded(value))])


def _host(shown: str) -> str:
    try:
        return urlsplit(shown if "//" in shown[:8] else f"//{shown}").hostname or ""
    except ValueError:
        return ""


def _same_place(one: str, other: str) -> bool:
    """Equal, or one within the other's domain."""
    one, other = one.removeprefix("www."), other.removeprefix("www.")
    return one == other or one.endswith(f".{other}") or other.endswith(f".{one}")
