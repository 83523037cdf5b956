"""The few calls the Milvus store makes, each bounded in time and size; every failure is one line."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any, TypeAlias, TypeVar

from openbook.index.milvus_connect import Address, explained_client

CALL_SECONDS = 60
"""A whole number: the client's waiting loops take no other for a limit."""

ROWS_AT_ONCE = 128
"""Rows of a request: at 64 KiB a text they stay far below the 64 MB that a cluster takes or gives in one message."""

Row: TypeAlias = dict[str, Any]
_Item = TypeVar("_Item")


class MilvusCalls:
    """A connection, and what is asked of it. Every collection has a whole number ``key`` as its primary key."""

    def __init__(self, address: Address, client: Any, release: Callable[[], None]) -> None:
        self.client = client
        self.address = address
        self._release = release

    def get(self, collection: str, keys: Sequence[int], fields: Sequence[str]) -> dict[int, Row]:
        """The rows of these keys, by key; unknown keys are absent."""
        found: dict[int, Row] = {}
        with explained_client(self.address):
            for some in _batches(keys):
                rows = self.client.get(collection, some, output_fields=["key", *fields], timeout=CALL_SECONDS)
                found.update((int(row["key"]), row) for row in rows)
        return found

    def every(self, collection: str, fields: Sequence[str]) -> list[Row]:
        """All rows of a collection."""
        found: list[Row] = []
        with explained_client(self.address):
            rows = self.client.query_iterator(
                collection, batch_size=ROWS_AT_ONCE, output_fields=["key", *fields], timeout=CALL_SECONDS
            )
            try:
                while some := rows.next():
                    found.extend(some)
            finally:
                rows.close()
        return found

    def put(self, collection: str, rows: Sequence[Row]) -> None:
        """Insert rows, or replace those of the same key; a request is all or nothing, several are not."""
        with explained_client(self.address):
            for some in _batches(rows):
                self.client.upsert(collection, some, timeout=CALL_SECONDS)

    def drop(self, collection: str, condition: str) -> None:
        with explained_client(self.address):
            self.client.delete(collection, filter=condition, timeout=CALL_SECONDS)

    def search(
        self, collection: str, field: str, query: str | list[float], k: int, condition: str, fields: Sequence[str]
    ) -> list[Row]:
        """The k best rows for a text or a vector, best first, each with ``key``, ``score`` and these fields."""
        with explained_client(self.address):
            [hits] = self.client.search(
                collection,
                data=[query],
                anns_field=field,
                limit=k,
                filter=condition,
                output_fields=list(fields),
                timeout=CALL_SECONDS,
            )
            return [{**hit["entity"], "key": int(hit["key"]), "score": float(hit["distance"])} for hit in hits]

    def close(self) -> None:
        self.client.close()
        self._release()


def _batches(items: Sequence[_Item]) -> Iterator[list[_Item]]:
    for start in range(0, len(items), ROWS_AT_ONCE):
        yield list(items[start : start + ROWS_AT_ONCE])
