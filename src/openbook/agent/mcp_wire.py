"""What may come over a connection to an MCP server, and why a connection ended: bounded, said in one line."""

from dataclasses import dataclass, field

from openbook.errors import OpenbookError
from openbook.json_lines import shortened

_SAID = 2_000
"""Characters kept of what a server says outside of the protocol."""


class WireFault(OpenbookError):
    """A server that does not keep to the protocol, or sends more than is read; the connection is over."""


@dataclass(frozen=True, slots=True)
class WireLimits:
    """start: seconds until a server has listed its tools; it may have to be installed first. call: seconds of a call.

    message: bytes of one message. flow: bytes between two requests, and messages: how many. noise: lines of output that
    are no messages, which some servers write. tools: in a listing.
    """

    start: float = 60.0
    call: float = 60.0
    message: int = 4_000_000
    flow: int = 20_000_000
    messages: int = 10_000
    noise: int = 1_000
    tools: int = 128


LIMITS = WireLimits()


@dataclass
class Wire:
    """The state of one connection. fault: why it ended, empty while it goes on. said: the last that a program wrote on
    its standard error, or a status that is an error. spoke: whether any message of the protocol ever came."""

    server: str
    limits: WireLimits = field(default=LIMITS)
    fault: str = ""
    said: str = ""
    spoke: bool = False
    _bytes: int = 0
    _messages: int = 0
    _noise: int = 0

    def asked(self) -> None:
        """A request goes out, so that an answer may come."""
        self._bytes = self._messages = 0

    def came(self, size: int) -> None:
        """Raises WireFault where that is too much since the last request."""
        self._bytes += size
        if self._bytes > self.limits.flow:
            raise self.over(f"sent over {self.limits.flow:,} bytes for one request")

    def message(self) -> None:
        """Raises WireFault where there are too many since the last request."""
        self.spoke = True
        self._messages += 1
        if self._messages > self.limits.messages:
            raise self.over(f"sent over {self.limits.messages:,} messages for one request")

    def noise(self) -> None:
        """Raises WireFault where a server writes line after line that is no message."""
        self._noise += 1
        if self._noise > self.limits.noise:
            raise self.over(f"wrote over {self.limits.noise:,} lines that are no messages of the protocol")

    def over(self, why: str) -> WireFault:
        """The fault, which the connection ends with."""
        self.fault = self.fault or why
        return WireFault(self.line)

    def heard(self, text: str) -> None:
        """More of standard error."""
        self.said = (self.said + text)[-_SAID:]

    @property
    def told(self) -> str:
        """The last line of words that was said, to stand in another."""
        last = next((line for line in reversed(self.said.splitlines()) if any(map(str.isalnum, line))), "")
        return f" (it says: {shortened(last, 120)})" if last else ""

    @property
    def line(self) -> str:
        """Why the connection is over, for a person; it may hold the server's own words."""
        return f"the MCP server {self.server} {self.fault or 'ended'}{self.told}: start it again, or do without it"
