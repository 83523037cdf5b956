"""A store by its name: ``sqlite:PATH``, ``milvus:URI`` or a bare path."""

from collections.abc import Mapping
from pathlib import Path

from openbook.index.location import parse_store
from openbook.protocols import Store


def open_store(spec: str, *, create: Mapping[str, str] | None = None, write: bool = False) -> Store:
    """Open the index; with ``create`` make it first where there is none, with these settings, which then stay.

    An index that is there keeps the settings it was made with: compare the embedder before using it. Raises
    IndexProblem where there is no index or it cannot be opened, IndexBusy where another process holds it,
    MissingExtra where Milvus is named and pymilvus is not installed.
    """
    kind, where = parse_store(spec)
    if kind == "milvus":
        from openbook.index.milvus import open_milvus

        return open_milvus(where, create=create, write=write)
    from openbook.index.sqlite import open_sqlite

    return open_sqlite(Path(where).expanduser(), create=create, write=write)
