"""A page on the web to a document."""

import re
import time
from collections.abc import Callable
from pathlib import PurePosixPath
from typing import TYPE_CHECKING
from urllib.parse import SplitResult, quote, unquote, urljoin, urlsplit

from openbook.documents.addresses import Allow, is_public
from openbook.documents.kinds import HEAD_BYTES, Kind, NotADocument, kind_of
from openbook.documents.limits import DEFAULT_LIMITS, Limits
from openbook.documents.names import shown
from openbook.documents.parse import parse
from openbook.documents.refused import Refused
from openbook.errors import UnreadableSource
from openbook.values import Document

if TYPE_CHECKING:
    from openbook.documents.connection import Response

_OK = 200
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_LONGEST_HOST = 253
_SAFE = "/:?#[]@!$&'()*+,;=%~"
_BY_MEDIA_TYPE: dict[str, Kind] = {
    "text/html": "html",
    "application/xhtml+xml": "html",
    "text/markdown": "markdown",
    "text/x-rst": "rst",
    "application/pdf": "pdf",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": "docx",
}
_UNTOLD = frozenset({"", "text/plain", "application/octet-stream", "binary/octet-stream"})
_PASSWORD = re.compile(r"//[^/?#]*@")
_TEXTUAL = re.compile(r"text/.*|application/(?:.*\+)?(?:json|xml|yaml|x-yaml|toml|javascript|x-ndjson|csv|sql|x-sh)")


def fetch(
    url: str,
    limits: Limits = DEFAULT_LIMITS,
    *,
    allow: Allow = is_public,
    check: Callable[[SplitResult], object] | None = None,
) -> Document:
    """GET one http(s) page: HTML, text of any kind, PDF or docx by its media type. No proxy, no cookies.

    ``uri`` is ``url`` as given; ``meta["url"]`` where redirects led, if they did. allow: says for each address whether
    it may be connected to. check: called with the address and with each one that it redirects to, before it is looked
    up; raises Refused where it may not be visited. Raises UnreadableSource where it may not, where the answer is no
    readable document, and where a limit of size, time or redirects is passed; MissingExtra as ``load`` does.
    """
    from http.client import HTTPException  # with TLS, a tenth of a second that only this command needs

    name = shown(_PASSWORD.sub("//", url))
    try:
        parts = _split(url)
        response, final = _follow(parts, limits, allow, check)
        kind = _kind(response, final)
        where = {} if final == parts else {"url": final.geturl()}
        file_name = unquote(PurePosixPath(final.path).name) or final.hostname or name
        return parse(
            response.body,
            kind,
            uri=url,
            name=name,
            file_name=shown(file_name),
            declared=response.charset or None,
            limits=limits,
            **where,
        )
    except Refused as error:
        raise UnreadableSource(f"{name} {error}") from error
    except (OSError, HTTPException, ValueError) as error:
        raise UnreadableSource(f"{name} cannot be fetched ({shown(str(error) or type(error).__name__)})") from error


def _follow(
    parts: SplitResult, limits: Limits, allow: Allow, check: Callable[[SplitResult], object] | None
) -> "tuple[Response, SplitResult]":
    """The answer after all redirects, each of which is checked like the first address."""
    from openbook.documents.connection import get

    deadline = time.monotonic() + limits.seconds
    for _ in range(limits.max_redirects + 1):
        if check is not None:
            check(parts)
        response = get(parts, limits, deadline, allow)
        if response.status not in _REDIRECTS or not response.location:
            if response.status != _OK:
                raise Refused(f"answers {response.status} {shown(response.reason)}: check the address")
            return response, parts
        target = _split(urljoin(parts.geturl(), response.location))
        if parts.scheme == "https" and target.scheme != "https":
            raise Refused("leads from an encrypted page to one that is not")
        parts = target
    raise Refused(f"redirects more than {limits.max_redirects} times")


def _split(url: str) -> SplitResult:
    """The parts of an absolute http(s) URL, host and path in ASCII, without its fragment."""
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise Refused("is not an http or https address")
    if "@" in parts.netloc:
        raise Refused("holds a user name or password, which would be stored with the index: save the page instead")
    if any(c.isspace() or not c.isprintable() for c in url):
        raise Refused("holds blanks or control characters: write them as %20 and so on")
    if len(parts.hostname) > _LONGEST_HOST:
        raise Refused("has a host name that is too long")
    host = parts.hostname if parts.hostname.isascii() else parts.hostname.encode("idna").decode("ascii")
    host = f"[{host}]" if ":" in host else host
    netloc = host if parts.port is None else f"{host}:{parts.port}"  # .port raises ValueError for what is no port
    return SplitResult(parts.scheme, netloc, quote(parts.path, _SAFE), quote(parts.query, _SAFE), "")


def _kind(response: "Response", url: SplitResult) -> Kind:
    media_type = response.media_type
    if media_type in _BY_MEDIA_TYPE:
        return _BY_MEDIA_TYPE[media_type]
    if media_type not in _UNTOLD and not _TEXTUAL.fullmatch(media_type):
        raise Refused(f"is {shown(media_type)}, which is not read")
    try:
        kind = kind_of(PurePosixPath(unquote(url.path)), response.body[:HEAD_BYTES])
    except NotADocument as error:
        raise Refused(f"is not read: {error}") from error
    return "text" if kind == "html" and media_type == "text/plain" else kind
