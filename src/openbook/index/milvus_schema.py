"""The collections of an index in Milvus: what each field is for, how they are made, and the settings they share."""

from collections.abc import Mapping
from dataclasses import astuple, dataclass, fields
from hashlib import blake2b
from typing import Any

from openbook.errors import IndexProblem
from openbook.index.bm25 import K1, B
from openbook.index.milvus_calls import CALL_SECONDS, MilvusCalls
from openbook.index.milvus_connect import explained_client

MAX_BYTES = 65_535
"""Of a VARCHAR; longer texts are kept in pieces."""

NO_VECTOR = [0.0, 0.0]
"""Milvus wants a vector in every collection; those without one of their own hold this."""

STATE_KEY = 0
"""The row of the settings that changes: the generation, and the document being written."""

_SETTINGS = {"name": "text", "value": "text"}
_DOCUMENTS = {"version": "number", "texts": "number", "chunks": "number", "about": "texts", "meta": "texts"}
_TEXTS = {"document": "number", "version": "number", "piece": "text"}
_CHUNKS = {"document": "number", "version": "number", "place": "texts", "words": "words"}


@dataclass(frozen=True, slots=True)
class Names:
    """The collections. ``documents``: a row each, whose version says which rows of the next two count; ``texts``:
    pieces of their text; ``chunks``: place, words and vector; ``settings``: what the index was made with."""

    documents: str
    texts: str
    chunks: str
    settings: str


def key_of(*parts: str | int) -> int:
    """63 bits of a digest: the same parts give the same key in every store.

    Of n different keys two are equal with a chance of about n² / 2⁶⁴: for a million chunks 5 in 10⁸.
    """
    return int.from_bytes(blake2b(repr(parts).encode(), digest_size=8).digest(), "big") >> 1


def open_collections(calls: MilvusCalls, create: Mapping[str, str] | None) -> tuple[Names, dict[str, str]]:
    """The collections, loaded, and the settings; made first with ``create``, whose settings never replace stored ones.

    Raises IndexProblem where there is no index, or one of vectors of another length.
    """
    tail = f"_{calls.address.name}" if calls.address.name else ""
    names = Names(*(f"openbook_{field.name}{tail}" for field in fields(Names)))
    client = calls.client
    with explained_client(calls.address):
        if create is not None:
            _make(client, names.settings, _SETTINGS)
        elif not all(client.has_collection(name, timeout=CALL_SECONDS) for name in astuple(names)):
            raise _no_index(calls)
        client.load_collection(names.settings, timeout=CALL_SECONDS)
    settings = _stored(calls, names)
    added = {name: value for name, value in (create or {}).items() if name not in settings}
    put_settings(calls, names, added)
    settings |= added
    if "dim" not in settings:
        raise _no_index(calls)
    with explained_client(calls.address):
        if create is not None:
            _make(client, names.documents, _DOCUMENTS)
            _make(client, names.texts, _TEXTS)
            _make(client, names.chunks, _CHUNKS, int(settings["dim"]))
        found = client.describe_collection(names.chunks, timeout=CALL_SECONDS)["fields"]
        for name in (names.documents, names.texts, names.chunks):
            client.load_collection(name, timeout=CALL_SECONDS)
    if not any(f["name"] == "vector" and str(f["params"].get("dim")) == settings["dim"] for f in found):
        raise IndexProblem(f"{calls.address} does not hold vectors of {settings['dim']} numbers: choose another #NAME")
    return names, settings


def put_settings(calls: MilvusCalls, names: Names, settings: Mapping[str, str]) -> None:
    calls.put(
        names.settings,
        [{"key": key_of(name), "name": name, "value": value, "unused": NO_VECTOR} for name, value in settings.items()],
    )


def _make(client: Any, name: str, kinds: Mapping[str, str], dim: int | None = None) -> None:
    """A collection of these fields beside its key; with ``dim`` also vectors, and BM25 of the field ``words``.

    Whatever is there already, a whole collection or the beginning of one, is left as it is.
    """
    if not client.has_collection(name, timeout=CALL_SECONDS):
        schema = _schema(client, kinds, dim)
        client.create_collection(name, schema=schema, consistency_level="Strong", timeout=CALL_SECONDS)
    flat = {"index_type": "FLAT", "metric_type": "IP"}  # compares every row: exact
    bm25 = {"index_type": "SPARSE_INVERTED_INDEX", "metric_type": "BM25", "params": {"bm25_k1": K1, "bm25_b": B}}
    for field, options in ({"unused": flat} if dim is None else {"vector": flat, "bm25": bm25}).items():
        if not client.list_indexes(name, field_name=field, timeout=CALL_SECONDS):
            index = client.prepare_index_params(field, **options)
            client.create_index(name, index, sync=False, timeout=CALL_SECONDS)  # there is nothing in it to wait for


def _schema(client: Any, kinds: Mapping[str, str], dim: int | None) -> Any:
    from pymilvus import DataType, Function, FunctionType

    text = {"max_length": MAX_BYTES}
    options: dict[str, dict[str, Any]] = {
        "number": {"datatype": DataType.INT64},
        "text": {"datatype": DataType.VARCHAR, **text},
        "texts": {"datatype": DataType.ARRAY, "element_type": DataType.VARCHAR, "max_capacity": 4096, **text},
        "words": {
            "datatype": DataType.VARCHAR,
            "enable_analyzer": True,
            "analyzer_params": {"tokenizer": "standard"},
            **text,
        },
    }
    schema = client.create_schema(auto_id=False, enable_dynamic_field=False)
    schema.add_field("key", DataType.INT64, is_primary=True)
    for field, kind in kinds.items():
        schema.add_field(field, **options[kind])
    if dim is None:
        schema.add_field("unused", DataType.FLOAT_VECTOR, dim=len(NO_VECTOR))
    else:
        schema.add_field("vector", DataType.FLOAT_VECTOR, dim=dim)
        schema.add_field("bm25", DataType.SPARSE_FLOAT_VECTOR)
        schema.add_function(Function("bm25_of_words", FunctionType.BM25, ["words"], ["bm25"]))
    return schema


def _stored(calls: MilvusCalls, names: Names) -> dict[str, str]:
    return {row["name"]: row["value"] for row in calls.every(names.settings, ["name", "value"]) if row["name"]}


def _no_index(calls: MilvusCalls) -> IndexProblem:
    return IndexProblem(
        f"there is no index at {calls.address}: make one with `openbook index DIR --store {calls.address}`"
    )
