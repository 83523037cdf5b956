"""The best chunks that are live: of the version that their document's row names."""

from collections.abc import Iterable, Mapping

from openbook.errors import IndexBusy
from openbook.index.milvus_calls import MilvusCalls, Row
from openbook.index.milvus_schema import Names
from openbook.values import Hit

MOST_HITS = 16_384
"""As many as Milvus returns of one search."""

ROUNDS = 16
"""Readings tried again because a writer changed what was being read."""


def best_live(calls: MilvusCalls, names: Names, field: str, query: str | list[float], k: int) -> list[Hit]:
    """At most k, best first, equal scores by id. A search that met dead chunks is made again without their versions."""
    if k <= 0:
        return []
    dead: set[int] = set()
    for _ in range(ROUNDS):
        condition = f"version not in {sorted(dead)}" if dead else ""
        rows = calls.search(names.chunks, field, query, min(k, MOST_HITS), condition, ["document", "version"])
        owners = calls.get(names.documents, owners_of(rows), ["version"])
        met = {row["version"] for row in rows if not is_live(row, owners)}
        if not met:
            # Milvus Lite 3.2 gives BM25 as a distance, below 0; a cluster gives a score, above
            hits = [Hit(row["key"], abs(row["score"]) if field == "bm25" else row["score"]) for row in rows]
            return sorted(hits, key=lambda hit: (-hit.score, hit.chunk_id))
        dead |= met
    raise IndexBusy(f"{calls.address} changes faster than it can be read: try again when it has been written")


def owners_of(rows: Iterable[Row]) -> list[int]:
    """The keys of the documents that these chunks belong to."""
    return sorted({row["document"] for row in rows})


def is_live(row: Row, owners: Mapping[int, Row]) -> bool:
    owner = owners.get(row["document"])
    return owner is not None and owner["version"] == row["version"]
