"""Where an index lives unless the user says: one folder per set of sources in their cache."""

import hashlib
from collections.abc import Sequence
from pathlib import Path

from platformdirs import user_cache_path

from openbook.errors import OpenbookError, UnreadableSource


def is_url(source: str) -> bool:
    return source.lower().startswith(("http://", "https://"))


def here() -> Path | None:
    """The current folder; None where it was removed under our feet."""
    try:
        return Path.cwd()
    except FileNotFoundError:
        return None


def resolve_source(source: str) -> str:
    """A URL as it is, a path made absolute with its links followed. Raises UnreadableSource where there is nothing."""
    if is_url(source):
        return source
    if not source.strip():
        raise UnreadableSource("a source is empty: name a folder, a file or a page")
    try:
        path = Path(source).expanduser()
        if not path.exists():
            if "://" in source:
                raise UnreadableSource(f"{source} is no http(s) page: only those are fetched, save it to a file first")
            raise UnreadableSource(f"there is no file or folder {source}: check the spelling")
        return str(path.resolve())
    except (OSError, RuntimeError, ValueError) as error:
        if isinstance(error, FileNotFoundError) and here() is None:
            raise UnreadableSource("the current folder is gone: go to one that is there") from error
        # a name too long, a link loop, a NUL in the name, no home
        raise UnreadableSource(f"{source[:80]!r} cannot be read ({error}): check the path") from error


def default_index(sources: Sequence[str]) -> Path:
    """The index file for these resolved sources, whatever their order."""
    name = hashlib.sha256("\n".join(sorted(set(sources))).encode("utf-8", "surrogateescape")).hexdigest()[:16]
    return user_cache_path("openbook", appauthor=False) / "indexes" / name / "index.sqlite"


def parse_store(spec: str) -> tuple[str, str]:
    """``sqlite:PATH``, ``milvus:URI`` or a bare path, which is SQLite's, as (kind, where)."""
    if spec and ":" not in spec:
        return "sqlite", spec
    kind, _, where = spec.partition(":")
    if kind not in ("sqlite", "milvus"):
        raise OpenbookError(f"{spec} is no store: write sqlite:PATH or milvus:URI")
    if not where:
        raise OpenbookError(f"{spec} names no place: write sqlite:PATH or milvus:URI")
    return kind, where


def absolute_store(spec: str) -> str:
    """The same store, its file named from the root, so that the name means the same from any folder."""
    kind, where = parse_store(spec)
    if kind == "milvus" and is_url(where):
        return spec
    return f"{kind}:{Path(where).expanduser().absolute()}"


def below(uri: str, source: str) -> bool:
    """Whether the document is this source, or lies in this folder."""
    return uri == source or uri.startswith(source.rstrip("/") + "/")
