"""One page of the web as a tool: only from hosts on a list, only at public addresses, each redirect checked again."""

import re
from collections.abc import Sequence
from dataclasses import replace
from urllib.parse import SplitResult, urlsplit

from openbook.agent.declare import declared
from openbook.agent.slots import Address
from openbook.agent.tool import Arguments, BadArguments, Charged, Tool, ToolFailed
from openbook.documents.addresses import Address as Number
from openbook.documents.addresses import Allow, is_public
from openbook.documents.fetch import fetch
from openbook.documents.limits import DEFAULT_LIMITS
from openbook.documents.refused import Refused
from openbook.errors import OpenbookError, UnreadableSource
from openbook.values import Json

LIMITS = replace(DEFAULT_LIMITS, max_bytes=2_000_000, max_characters=500_000, seconds=20.0, max_redirects=3)

_PATTERN = re.compile(r"(?:\*\.)?(?:[a-z0-9_-]+\.)*[a-z0-9_-]+(?::\d{1,5})?")


def page_reader(hosts: Sequence[str], *, plain: bool = False, allow: Allow = is_public) -> Tool:
    """``http_get``. A request sends: its address can carry a secret, so that only the person may choose it.

    hosts: ``example.org``, ``*.example.org`` for every host below it, ``example.org:8443`` for another port. plain:
    http too. allow: which addresses a host may be at. Raises OpenbookError for a host that is written wrongly.
    """
    listed = [host.strip().lower() for host in hosts]
    for host in listed:
        if not _PATTERN.fullmatch(host):
            raise OpenbookError(f"{host[:60]!r} is no host: write example.org, *.example.org or example.org:8443")

    def check(url: SplitResult) -> None:
        if url.scheme != "https" and not plain:
            raise Refused("is not encrypted: use an https address")
        if not any(_listed(url, host) for host in listed):
            raise Refused(f"is at {(url.hostname or '')[:60]}, which is not on the list of hosts: a person may add it")

    def http_get(url: Address) -> str:
        """Fetch a web page, download what is at an address on the internet.

        url: an https address of a host on the list
        """
        asked = False

        def allowed(address: Number) -> bool:
            nonlocal asked
            public = allow(address)
            asked = asked or public
            return public

        try:
            return fetch(url, LIMITS, allow=allowed, check=check).text
        except UnreadableSource as error:
            raise ToolFailed(str(error), undone=not asked) from None  # no address of it may be spoken to: none was

    made = declared(
        http_get,
        effects=["sends"],
        examples=(
            "get https://example.com/page",
            "download the page https://example.com",
            "open the website https://example.com/news",
            "what does https://example.com say",
        ),
    )

    def checked(arguments: Arguments) -> Arguments:
        """Before a person is asked: an address that is not on the list is not worth a question."""
        taken = made.check(arguments)
        url = str(taken["url"])
        try:
            check(urlsplit(url))
        except (Refused, ValueError) as error:
            raise BadArguments(f"{url[:200]} {error}") from None
        return taken

    def call(arguments: Arguments) -> Json | Charged:
        return made.call(checked(arguments))

    return replace(made, check=checked, call=call)


def _listed(url: SplitResult, host: str) -> bool:
    name, _, port = host.partition(":")
    if (url.port or (443 if url.scheme == "https" else 80)) != int(port or (443 if url.scheme == "https" else 80)):
        return False
    found = url.hostname or ""
    return found.endswith(name[1:]) and len(found) > len(name) - 1 if name.startswith("*.") else found == name
