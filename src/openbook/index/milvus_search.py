"""The best chunks that are live: of the version that their document's row names."""

from collections.abc import Callable, Iterable, Mapping

from openbook.errors import IndexBusy
from openbook.index.milvus_calls import MilvusCalls, Row
from openbook.index.milvus_change import read_state
from openbook.index.milvus_schema import Names
from openbook.values import Hit

MOST_HITS = 16_384
"""As many as Milvus returns of one search."""

ROUNDS = 16
"""Readings tried again because a writer changed what was being read."""


def best_live(calls: MilvusCalls, names: Names, field: str, query: str | list[float], k: int, among: str) -> list[Hit]:
    """At most k of those that meet ``among``, best first, equal scores by id.

    among: a condition, or empty for all. Raises IndexBusy where the index changes with every attempt.
    """
    if k <= 0:
        return []

    def search(dead: Iterable[int] = ()) -> list[Row]:
        live = f"version not in {sorted(dead)}" if dead else ""
        condition = " and ".join(f"({part})" for part in (among, live) if part)
        return calls.search(names.chunks, field, query, min(k, MOST_HITS), condition, ["document", "version"])

    for _ in range(ROUNDS):
        rows = search()
        if _dead(calls, names, rows):
            rows = _without_dead(calls, names, rows, search)
        if rows is not None:
            # Milvus Lite 3.2 gives BM25 as a distance, below 0; a cluster gives a score, above
            hits = [Hit(row["key"], abs(row["score"]) if field == "bm25" else row["score"]) for row in rows]
            return sorted(hits, key=lambda hit: (-hit.score, hit.chunk_id))
    raise IndexBusy(f"{calls.address} changes faster than it can be read: try again when it has been written")


def _without_dead(
    calls: MilvusCalls, names: Names, rows: list[Row], search: Callable[[Iterable[int]], list[Row]]
) -> list[Row] | None:
    """Search without the versions met that are not live, until all rows are. None where one has become live meanwhile.

    While the generation stays the same one change at most can be under way, and make one version live. So versions that
    were dead before and are dead after, in one generation, were dead in between.
    """
    generation, _ = read_state(calls, names)
    dead: dict[int, Row] = {}
    for _ in range(ROUNDS):
        met = _dead(calls, names, rows)
        if not met:
            unchanged = len(_dead(calls, names, dead.values())) == len(dead)
            return rows if unchanged and read_state(calls, names)[0] == generation else None
        dead |= met
        rows = search(dead)
    return None


def _dead(calls: MilvusCalls, names: Names, rows: Iterable[Row]) -> dict[int, Row]:
    """A chunk of every version among these that no document's row names."""
    rows = list(rows)
    owners = calls.get(names.documents, owners_of(rows), ["version"])
    return {row["version"]: row for row in rows if not is_live(row, owners)}


def owners_of(rows: Iterable[Row]) -> list[int]:
    """The keys of the documents that these chunks belong to."""
    return sorted({row["document"] for row in rows})


def is_live(row: Row, owners: Mapping[int, Row]) -> bool:
    owner = owners.get(row["document"])
    return owner is not None and owner["version"] == row["version"]
