"""One change of a document in Milvus: noted before it begins, so that a stopped one is tidied up by the next."""

import json
from collections.abc import Generator
from contextlib import contextmanager

from openbook.index.milvus_calls import MilvusCalls
from openbook.index.milvus_schema import NO_VECTOR, STATE_KEY, Names


@contextmanager
def change(calls: MilvusCalls, names: Names, document: int) -> Generator[None]:
    """Inside, a document's rows are written, that of ``documents`` last; after it, its former texts and chunks go.

    The generation grows before and after, so that nothing derived in between is taken for the new state. document: key.
    """
    tidy(calls, names)
    generation, _ = read_state(calls, names)
    _write_state(calls, names, generation + 1, document)
    yield
    _sweep(calls, names, document)
    _write_state(calls, names, generation + 2, None)


def tidy(calls: MilvusCalls, names: Names) -> None:
    """Delete what a stopped change left behind."""
    generation, changing = read_state(calls, names)
    if changing is not None:
        _sweep(calls, names, changing)
        _write_state(calls, names, generation + 1, None)


def read_state(calls: MilvusCalls, names: Names) -> tuple[int, int | None]:
    """The generation, and the key of the document being changed, or of one whose change was stopped."""
    row = calls.get(names.settings, [STATE_KEY], ["value"]).get(STATE_KEY)
    generation, changing = json.loads(row["value"]) if row else (0, None)
    return generation, changing


def _write_state(calls: MilvusCalls, names: Names, generation: int, changing: int | None) -> None:
    value = json.dumps([generation, changing])
    calls.put(names.settings, [{"key": STATE_KEY, "name": "", "value": value, "unused": NO_VECTOR}])


def _sweep(calls: MilvusCalls, names: Names, document: int) -> None:
    """Delete the texts and chunks of the document that are not of the version it has now, all where it is gone."""
    row = calls.get(names.documents, [document], ["version"]).get(document)
    condition = f"document == {document}" if row is None else f"document == {document} and version != {row['version']}"
    calls.drop(names.texts, condition)
    calls.drop(names.chunks, condition)
