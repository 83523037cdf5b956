"""Server-sent events (WHATWG HTML, 9.2) from the bytes of an answer, held to bounds while they come."""

from collections.abc import Iterable, Iterator

from openbook.errors import OpenbookError

LONGEST_LINE = 1_000_000
MOST_BYTES = 200_000_000


def events(chunks: Iterable[bytes]) -> Iterator[str]:
    """The data of each whole event. Comments and other fields are passed over, as is an event that breaks off."""
    data: list[str] = []
    for line in _lines(chunks):
        if line.startswith("data:"):
            data.append(line.removeprefix("data:").removeprefix(" "))
        elif not line and data:
            yield "\n".join(data)
            data = []


def bounded(chunks: Iterable[bytes], most: int) -> bytes:
    """All bytes together, but no more than ``most`` of them are read."""
    found = bytearray()
    for chunk in chunks:
        found += chunk
        if len(found) > most:
            break
    return bytes(found[:most])


def _lines(chunks: Iterable[bytes]) -> Iterator[str]:
    """Raises OpenbookError for a line or an answer without end."""
    rest, read = b"", 0
    for chunk in chunks:
        read += len(chunk)
        *whole, rest = (rest + chunk).split(b"\n")
        if read > MOST_BYTES or max(map(len, (*whole, rest))) > LONGEST_LINE:
            raise OpenbookError("the server's answer is longer than any model's: ask another server")
        for line in whole:
            yield line.removesuffix(b"\r").decode("utf-8", "replace")
