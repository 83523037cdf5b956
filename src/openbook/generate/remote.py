"""A model behind an OpenAI-compatible server: Ollama, vLLM, llama.cpp, or one that is hosted."""

import json
import re
import threading
import time
from collections.abc import Callable, Generator, Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from typing import Any

from openbook.errors import OpenbookError, PromptTooLong
from openbook.generate.address import parse_address
from openbook.generate.asked import checked
from openbook.generate.completion import Said, finish_of, less_asked, request_of, said_in
from openbook.generate.events import bounded, events
from openbook.generate.patience import PATIENCE, Patience
from openbook.generate.server import Again, Refused, Server, connected, without_key
from openbook.generate.stop import ending, until
from openbook.json_lines import shortened
from openbook.values import Decoding, Json, Prompt, Token

_LARGEST_LIST, _LARGEST_WHOLE = 5_000_000, 20_000_000
_TOO_LONG = re.compile(
    r"context[ _](?:length|size|window)|(?:prompt|input|messages?) (?:is|are) too long", re.IGNORECASE
)
"""How OpenAI, vLLM and llama.cpp say that a prompt is longer than the context."""

_SHOWN, _REMEMBERED, _EVENTS_AFTER = 8, 8, 4


@dataclass(frozen=True, slots=True)
class Usage:
    """What the server counted so far: answers that it counted for, tokens read and tokens written."""

    answers: int = 0
    tokens_in: int = 0
    tokens_out: int = 0


@dataclass
class RemoteModel:
    """A ``LanguageModel``. Several threads may stream at once. usage: of all streams together."""

    server: Server
    model: str
    usage: Usage = Usage()
    _refusals: tuple[str, ...] = ()
    """What this server said of requests that it took with less in them; others need not be refused first."""
    _lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def name(self) -> str:
        """The address with the model; what weights the server holds under that name it alone knows."""
        return f"{self.server.address.base}#{self.model}"

    def stream(self, prompt: Prompt, decoding: Decoding) -> Iterator[Token]:
        """Asks again before the first token where that may help. A log-probability is what the server says it is.

        Raises OpenbookError, in one line and never with the key.
        """
        if checked(decoding).overflow == "slide":
            raise OpenbookError("a server alone knows its context, so no prompt can slide there: shorten it")
        if decoding.pattern is not None:
            raise OpenbookError("a server is held to no pattern: use a model on this machine, or a schema")
        body = request_of(self.model, prompt, decoding)
        for refusal in self._refusals:
            body = less_asked(body, refusal) or body
        with closing(self._tokens(body, decoding)) as found:
            yield from until(found, decoding.stop)

    def close(self) -> None:
        """Give the connections back."""
        self.server.client.close()

    def _tokens(self, body: dict[str, Json], decoding: Decoding) -> Generator[Token]:
        """The tokens of one answer, however often it has to be asked for."""
        tried, begun, done = 0, False, False
        refusals: list[str] = []
        while not done:
            try:
                with closing(self._answer(body, decoding.alternatives)) as said:
                    for token in _first(decoding.max_tokens, said):
                        if not begun:
                            self._remember(refusals)
                        begun = True
                        yield token
                done = True
            except Refused as refused:
                body = self._less(body, refused.words)
                refusals.append(refused.words)
            except Again as again:
                if begun:
                    base = self.server.address.base
                    raise OpenbookError(f"the answer of {base} broke off ({again.words}): ask again") from None
                tried += 1
                self.server.again(again, tried)

    def _answer(self, body: dict[str, Json], alternatives: int) -> Generator[Said]:
        """What the events of one request say. Raises Again, Refused and OpenbookError."""
        ended = chosen = False
        key = self.server.address.key()
        usage: tuple[int, int] | None = None
        lost = Again("the connection was closed before its end")
        try:
            with closing(self.server.request("POST", "/chat/completions", body)) as chunks:
                whole = str(next(chunks)).startswith("application/json")  # a server that does not stream
                found = iter([bounded(chunks, _LARGEST_WHOLE).decode("utf-8", "replace")]) if whole else events(chunks)
                for event in found:
                    if event.strip() == "[DONE]":
                        ended = True
                        break
                    said = said_in(without_key(event, key), alternatives)
                    ended = ended or bool(said.finish) or whole
                    usage = said.usage or usage  # some count in every event
                    chosen = chosen or said.choice
                    yield said
        except Again as again:
            lost = again
        finally:
            self._count(usage)
        if (ended or usage) and not chosen:
            base = self.server.address.base
            raise OpenbookError(f"{base} replies with no choice, so with no text: ask again, or another model")
        if not ended:
            raise lost

    def _less(self, body: dict[str, Json], refusal: str) -> dict[str, Json]:
        less = less_asked(body, refusal)
        if less is None:
            kind = PromptTooLong if _TOO_LONG.search(refusal) else OpenbookError
            raise kind(f"{self.server.address.base} refuses the request: {refusal}") from None
        return less

    def _remember(self, refusals: list[str]) -> None:
        with self._lock:
            self._refusals = tuple(dict.fromkeys([*self._refusals, *refusals]))[:_REMEMBERED]

    def _count(self, usage: tuple[int, int] | None) -> None:
        if usage is not None:
            with self._lock:
                now, (read, wrote) = self.usage, usage
                self.usage = Usage(now.answers + 1, now.tokens_in + read, now.tokens_out + wrote)


def open_remote(spec: str, patience: Patience = PATIENCE, sleep: Callable[[float], None] = time.sleep) -> RemoteModel:
    """The model that the address names, or the only one there. Raises OpenbookError, also where there are several."""
    address = parse_address(spec)
    server = connected(address, patience, sleep)
    return RemoteModel(server, address.model or _only(models(server), address.base))


def models(server: Server) -> list[str]:
    """The names of what the server offers. Raises OpenbookError."""
    tried = 0
    while True:
        try:
            with closing(server.request("GET", "/models")) as chunks:
                next(chunks)
                return _names(bounded(chunks, _LARGEST_LIST), server.address.base)
        except Refused as refused:
            base = server.address.base
            raise OpenbookError(f"{base} lists no models ({refused.words}): add #MODEL to the address") from None
        except Again as again:
            tried += 1
            server.again(again, tried)


def _first(most: int, said: Iterable[Said]) -> Iterator[Token]:
    """So many tokens at most, and why they end; of what follows them, a few events are read for the usage."""
    given = after = 0
    finish, wrote = "", None
    for each in said:
        for token in each.tokens[: most - given]:
            given += 1
            yield token
        finish, wrote = finish or each.finish, each.usage[1] if each.usage else wrote
        after += given == most
        if after > _EVENTS_AFTER:
            break
    yield ending(finish_of(finish, wrote, most) if finish else "max_tokens" if given == most else "end")


def _only(names: list[str], base: str) -> str:
    if len(names) == 1:
        return names[0]
    shown = ", ".join(shortened(name, 40) for name in names[:_SHOWN])
    more = f" and {len(names) - _SHOWN:,} more" if len(names) > _SHOWN else ""
    raise OpenbookError(f"{base} offers {shown or 'no model'}{more}: add #MODEL to the address")


def _names(content: bytes, base: str) -> list[str]:
    try:
        listed: Any = json.loads(content)["data"]
        return [str(each["id"]) for each in listed]
    except (ValueError, KeyError, TypeError, RecursionError):
        raise OpenbookError(f"{base} lists no models as OpenAI's API does: check the address, or add #MODEL") from None
