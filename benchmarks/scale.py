"""100,000 chunks in one index: size, build time, search latency, cold start, peak memory.

The texts are windows of words over the SQuAD and MedQuAD corpora, distinct, of about 110 tokens. Writes
evidence/scale.json. Run: python -m benchmarks.scale
"""

import hashlib
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from itertools import count, islice
from pathlib import Path

import numpy as np

from benchmarks.data import read_rows
from benchmarks.publish import columns, publish
from openbook.encode import open_encoder
from openbook.index import search
from openbook.index.sqlite import open_sqlite
from openbook.report.record import Figure
from openbook.report.tables import Table
from openbook.values import Chunk, Document, Span

CHUNKS = 100_000
WORDS = 80
CHUNKS_A_DOCUMENT = 20
QUERIES = 500


def passages() -> Iterator[str]:
    """Distinct windows of ``WORDS`` words; later rounds start at other words of the same texts."""
    rows = [row for name in ("squad", "medquad") for row in read_rows(f"retrieval/{name}_corpus.jsonl.gz")]
    for shift in count(0, WORDS // 5):
        for row in rows:
            words = str(row["text"]).split()[shift:]
            for start in range(0, len(words) - WORDS, WORDS):
                yield " ".join(words[start : start + WORDS])


def documents() -> Iterator[tuple[Document, list[Chunk]]]:
    texts = islice(passages(), CHUNKS)
    for number in count():
        pieces = list(islice(texts, CHUNKS_A_DOCUMENT))
        if not pieces:
            return
        text = "\n\n".join(pieces)
        key = hashlib.sha256(text.encode()).hexdigest()
        document = Document(f"{number:016x}", f"/corpus/{number}.txt", str(number), text, key)
        chunks: list[Chunk] = []
        start = 0
        for piece in pieces:
            chunks.append(Chunk(document.id, Span(start, start + len(piece)), (), "line 1"))
            start += len(piece) + 2
        yield document, chunks


def build(path: Path) -> dict[str, float]:
    """Embed and store everything; seconds in all, and of those in the encoder."""
    encoder = open_encoder()
    store = open_sqlite(path, create={"embedder": encoder.digest, "dim": str(encoder.dim)})
    started = time.perf_counter()
    encoding = 0.0
    for document, chunks in documents():
        before = time.perf_counter()
        vectors = encoder([chunk.span.of(document.text) for chunk in chunks])
        encoding += time.perf_counter() - before
        store.replace(document, chunks, vectors)
    store.prepare()
    seconds = time.perf_counter() - started
    store.close()
    size = sum(file.stat().st_size for file in path.parent.iterdir())
    return {"seconds": seconds, "encoding": encoding, "bytes": size, "megabytes": _peak()}


def query(path: Path) -> None:
    """In a process of its own: print when the first result is there, then latencies over other queries."""
    queries = [str(row["text"]) for row in read_rows("retrieval/squad_queries.jsonl.gz")]
    chosen = [queries[i] for i in np.random.default_rng(1).permutation(len(queries))[: QUERIES + 1]]
    encoder = open_encoder()
    store = open_sqlite(path)
    search(store, encoder, chosen[0])
    print("first", flush=True)
    times: list[float] = []
    for text in chosen[1:]:
        started = time.perf_counter()
        search(store, encoder, text)
        times.append(time.perf_counter() - started)
    print(json.dumps({"median": float(np.median(times)), "p99": float(np.quantile(times, 0.99)), "megabytes": _peak()}))


def measure() -> dict[str, float]:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "index.sqlite"
        built = build(path)
        started = time.perf_counter()
        command = [sys.executable, "-m", "benchmarks.scale", "query", str(path)]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
            assert process.stdout is not None
            process.stdout.readline()
            cold = time.perf_counter() - started
            searched = json.loads(process.stdout.readline())
    return {**{f"build_{key}": value for key, value in built.items()}, "cold": cold, **searched}


def _peak() -> float:
    """Peak resident memory of this program in MB; ``getrusage`` would also count the one that started it."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return int(status.split("VmHWM:")[1].split()[0]) / 1024


def main() -> None:
    if sys.argv[1:2] == ["query"]:
        query(Path(sys.argv[2]))
        return
    found = measure()
    shown = {
        "index size": f"{found['build_bytes'] / 1e6:.0f} MB",
        "build time": f"{found['build_seconds']:.0f} s",
        "of that, the encoder": f"{found['build_encoding']:.0f} s",
        "chunks a second": f"{CHUNKS / found['build_seconds']:.0f}",
        "search, median": f"{found['median'] * 1e3:.1f} ms",
        "search, 99th percentile": f"{found['p99'] * 1e3:.1f} ms",
        "cold start to first result": f"{found['cold']:.2f} s",
        "peak memory, building": f"{found['build_megabytes']:.0f} MB",
        "peak memory, searching": f"{found['megabytes']:.0f} MB",
    }
    values = {
        "index size": found["build_bytes"] / 1e6,
        "build time": found["build_seconds"],
        "of that, the encoder": found["build_encoding"],
        "chunks a second": CHUNKS / found["build_seconds"],
        "search, median": found["median"] * 1e3,
        "search, 99th percentile": found["p99"] * 1e3,
        "cold start to first result": found["cold"],
        "peak memory, building": found["build_megabytes"],
        "peak memory, searching": found["megabytes"],
    }
    figures = [Figure(name, value, n=CHUNKS, text=shown[name]) for name, value in values.items()]
    sizes = f"{CHUNKS:,} chunks of {WORDS} words, {CHUNKS // CHUNKS_A_DOCUMENT:,} documents"
    note = f"{sizes}; {QUERIES} queries, query embedding included."
    tables = {"scale": Table("100,000 chunks", columns("", "measured"), tuple(shown.items()), note)}
    data = ["retrieval/squad_corpus.jsonl.gz", "retrieval/medquad_corpus.jsonl.gz", "retrieval/squad_queries.jsonl.gz"]
    publish("scale", figures, tables, data=data, code=["src/openbook/index", "src/openbook/encode"])


if __name__ == "__main__":
    main()
