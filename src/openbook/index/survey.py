"""What is in the sources now, and which of it the index does not hold yet."""

import time
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from openbook.documents import Limits, Skipped, fetch, load, walk
from openbook.errors import MissingExtra, OpenbookError
from openbook.index.freshness import sha256_of
from openbook.index.location import below, is_url
from openbook.values import Document

MOST_TRIED = 50
SECONDS_TRIED = 0.2
"""An answer waits no longer to learn whether unknown files are documents."""


@dataclass(frozen=True, slots=True)
class Left:
    """A file or page left out, by its uri, and why."""

    uri: str
    reason: str


@dataclass(slots=True)
class Survey:
    """found: digest by uri, empty for a page not fetched yet. kept: uris whose last version stays, as they could not be
    opened; of a folder, of all that lies below. skipped: what is left out, and why; grows while documents are read."""

    found: dict[str, str] = field(default_factory=dict[str, str])
    kept: set[str] = field(default_factory=set[str])
    skipped: list[Left] = field(default_factory=list[Left])


def survey(sources: Sequence[str], limits: Limits) -> Survey:
    """Walk every source and digest every file; nothing is parsed. Raises UnreadableSource where a source is missing."""
    seen = Survey()
    for source in sources:
        if is_url(source):
            seen.found[source] = ""
            continue
        for entry in walk(Path(source), limits):
            if isinstance(entry, Skipped):
                uri = _printable(str(entry.path))
                seen.skipped.append(Left(uri, entry.reason))
                if entry.unopened:
                    seen.kept.add(uri)
                continue
            uri = str(entry)
            try:
                seen.found[uri] = sha256_of(entry)
            except OSError as error:
                seen.kept.add(uri)
                seen.skipped.append(Left(uri, f"cannot be opened: {error.strerror or error}"))
    return seen


def changed(seen: Survey, before: Mapping[str, Document]) -> list[str]:
    """The uris to read: new, with other bytes than before, or on the web."""
    return [uri for uri, sha256 in seen.found.items() if uri not in before or before[uri].sha256 != sha256]


def read(seen: Survey, uris: Sequence[str], limits: Limits) -> Iterator[Document]:
    """Load each, and note as skipped what turns out not to be a readable document: it leaves ``found``."""
    for uri in uris:
        try:
            yield fetch(uri, limits) if is_url(uri) else load(Path(uri), limits)
        except OpenbookError as error:
            del seen.found[uri]
            seen.skipped.append(Left(uri, str(error)))
            if is_url(uri) or isinstance(error, MissingExtra):  # the source may be as it was: only we could not read it
                seen.kept.add(uri)


def gone(seen: Survey, before: Mapping[str, Document], sources: Sequence[str]) -> list[str]:
    """The indexed uris under these sources that are there no longer, or no longer a document."""
    return [
        uri
        for uri in before
        if uri not in seen.found and not _is_kept(uri, seen) and any(below(uri, source) for source in sources)
    ]


def unopened(seen: Survey, before: Mapping[str, Document]) -> list[str]:
    """The indexed uris that could not be looked at, so that their last version stays."""
    return [uri for uri in before if uri not in seen.found and _is_kept(uri, seen)]


def lacking(sources: Sequence[str], held: Collection[str], limits: Limits) -> tuple[int, int]:
    """How many documents of the folders the index holds, and how many it does not; nothing it holds is opened.

    Files that turn out to be no documents do not count as far as they are tried: the newest first, at most
    ``MOST_TRIED``, for ``SECONDS_TRIED``. Where none of those can be read, the others are not taken for documents.
    """
    found: set[str] = set()
    for source in sources:
        if not is_url(source) and Path(source).exists():  # a folder that is gone holds nothing new
            found.update(str(entry) for entry in walk(Path(source), limits, held) if not isinstance(entry, Skipped))
    known = len(found.intersection(held))
    unknown = sorted(found.difference(held), key=_modified, reverse=True)
    started = time.monotonic()
    for tried, uri in enumerate(unknown[:MOST_TRIED]):
        if any(True for _ in read(Survey({uri: ""}), [uri], limits)):
            return known, len(unknown) - tried
        if time.monotonic() - started > SECONDS_TRIED:
            break
    return known, 0


def _is_kept(uri: str, seen: Survey) -> bool:
    return uri in seen.kept or any(str(folder) in seen.kept for folder in Path(uri).parents)


def _modified(uri: str) -> float:
    try:
        return Path(uri).stat().st_mtime
    except OSError:
        return 0.0


def _printable(name: str) -> str:
    """The name with what is no UTF-8 in it (kept by Python as lone surrogates) shown as \ufffd."""
    return name.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
