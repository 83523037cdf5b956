"""One system, one action, in a process of its own: index texts, or open the index and search. Prints JSON lines.

python benchmarks/peer_worker.py openbook|txtai|llamaindex index|search FOLDER
FOLDER holds texts.json, queries.json and model/ (the MiniLM files); the index goes to FOLDER/SYSTEM.
"""

import json
import os
import statistics
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

os.environ.update({"HF_HUB_OFFLINE": "1", "TOKENIZERS_PARALLELISM": "true", "ANONYMIZED_TELEMETRY": "0"})
TOP = 10

Search = Callable[[str], Sequence[int]]


def openbook_index(folder: Path, texts: list[str]) -> Callable[[], None]:
    import hashlib

    from openbook.encode import open_encoder
    from openbook.index.sqlite import open_sqlite
    from openbook.values import Chunk, Document, Span

    encoder = open_encoder()

    def run() -> None:
        settings = {"embedder": encoder.digest, "dim": str(encoder.dim)}
        store = open_sqlite(folder / "openbook" / "index.sqlite", create=settings)
        vectors = encoder(texts)
        for number, text in enumerate(texts):
            digest = hashlib.sha256(text.encode()).hexdigest()
            document = Document(f"{number:016}", f"/{number}", str(number), text, digest)
            store.replace(document, [Chunk(document.id, Span(0, len(text)), (), "")], vectors[number : number + 1])
        store.prepare()
        store.close()

    return run


def openbook_search(folder: Path) -> Search:
    from openbook.encode import open_encoder
    from openbook.index import SearchSettings, search
    from openbook.index.sqlite import open_sqlite

    encoder = open_encoder()
    store = open_sqlite(folder / "openbook" / "index.sqlite")
    settings = SearchSettings(k=TOP)
    return lambda query: [int(p.title) for p in search(store, encoder, query, settings).passages]


def txtai_index(folder: Path, texts: list[str]) -> Callable[[], None]:
    from txtai import Embeddings

    embeddings = Embeddings(path=str(folder / "model"), content=True)
    embeddings.batchtransform(["warm"])

    def run() -> None:
        embeddings.index(enumerate(texts))
        embeddings.save(str(folder / "txtai"))

    return run


def txtai_search(folder: Path) -> Search:
    from txtai import Embeddings

    embeddings = Embeddings()
    embeddings.load(str(folder / "txtai"))
    return lambda query: [int(row["id"]) for row in embeddings.search(query, TOP)]


def llamaindex_index(folder: Path, texts: list[str]) -> Callable[[], None]:
    from llama_index.core import VectorStoreIndex
    from llama_index.core.schema import TextNode

    model = _llamaindex_model(folder)
    nodes = [TextNode(text=text, id_=str(number)) for number, text in enumerate(texts)]

    def run() -> None:
        index = VectorStoreIndex(nodes, embed_model=model)
        index.storage_context.persist(persist_dir=str(folder / "llamaindex"))

    return run


def llamaindex_search(folder: Path) -> Search:
    from llama_index.core import StorageContext, load_index_from_storage

    storage = StorageContext.from_defaults(persist_dir=str(folder / "llamaindex"))
    index: Any = load_index_from_storage(storage, embed_model=_llamaindex_model(folder))
    retriever = index.as_retriever(similarity_top_k=TOP)
    return lambda query: [int(found.node.node_id) for found in retriever.retrieve(query)]


def _llamaindex_model(folder: Path) -> Any:
    from llama_index.embeddings.huggingface import HuggingFaceEmbedding

    return HuggingFaceEmbedding(model_name=str(folder / "model"))


def main() -> None:
    system, action, where = sys.argv[1], sys.argv[2], Path(sys.argv[3])
    texts: list[str] = json.loads((where / "texts.json").read_text(encoding="utf-8"))
    queries: list[str] = json.loads((where / "queries.json").read_text(encoding="utf-8"))
    if action == "index":
        run: Callable[[], None] = globals()[f"{system}_index"](where, texts)
        started = time.perf_counter()
        run()
        print(json.dumps({"seconds": time.perf_counter() - started, "megabytes": _peak()}), flush=True)
        return
    find: Search = globals()[f"{system}_search"](where)
    first = find(queries[0])
    print(json.dumps({"first": list(first)}), flush=True)
    times: list[float] = []
    found: list[list[int]] = []
    for query in queries[1:]:
        started = time.perf_counter()
        found.append(list(find(query)))
        times.append(time.perf_counter() - started)
    print(
        json.dumps({"median": statistics.median(times), "megabytes": _peak(), "found": [list(first), *found]}),
        flush=True,
    )


def _peak() -> float:
    """Peak resident memory of this program in MB; ``getrusage`` would also count the one that started it."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return int(status.split("VmHWM:")[1].split()[0]) / 1024


if __name__ == "__main__":
    main()
