"""How fast are tokens made? The readable reference, the fast path, tokenizers, tiktoken and transformers, in one run.

Each worker process has a fixed number of threads; in it every system encodes the same documents, in turn, for several
rounds, so that what else the machine does falls on all alike. Rates are medians with the slowest and fastest round;
ratios are of one round. Writes evidence/tokenizers_speed.json. Run: python -m benchmarks.tokenizers_speed
"""

import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence

import numpy as np

from benchmarks import token_peers as peers
from benchmarks.data import read_rows
from benchmarks.publish import columns, publish
from openbook.report.record import Figure
from openbook.report.tables import Table
from openbook.tokens import bpe, train_bpe, train_wordpiece, wordpiece
from openbook.tokens.merges import by_count

TEXTS = ("docs_markdown", "wikitext2_valid")
ROUNDS = 7
THREADS = (1, 2)
PIECES = 8_000
SLICE = 60_000
"""Characters that the references, which are to be read and not to be run, are timed on."""

SLICE_PIECES = 600
OURS = "here, ids"
Rounds = dict[str, list[float]]


def main() -> None:
    if sys.argv[1:]:
        print(json.dumps(measure(sys.argv[1], int(sys.argv[2]))))
        return
    found = {(job, threads): worker(job, threads) for job in ("bpe", "wordpiece", "train") for threads in THREADS}
    rows: list[tuple[str, ...]] = []
    figures: list[Figure] = []
    for job, title in (("bpe", "GPT-2 BPE"), ("wordpiece", "BERT WordPiece"), ("train", "train")):
        for system in found[job, 1]:
            cells = [_shown(found[job, threads][system]) for threads in THREADS]
            base = "here, " + system.rsplit(", ", 1)[-1] if job == "train" else OURS
            rows.append((title, system, *cells, _ratio(found[job, 1], system, base)))
            for threads in THREADS:
                rates = found[job, threads][system]
                name = f"{title}: {system}, {threads} threads"
                middle = statistics.median(rates)
                figures.append(
                    Figure(name, middle, "MB/s", min(rates), max(rates), len(rates), text=f"{middle:.2g} MB/s")
                )
    note = (
        f"MB of UTF-8 a second, median of {ROUNDS} rounds (slowest to fastest); beside ours: the median over rounds of"
        " this system's rate by that of ours in the same round, one thread. All documents in one batch, caches warm."
        " all: ids, offsets and pieces; ids: ids alone. Readable: on the first"
        f" {SLICE:,} characters, {SLICE_PIECES} pieces when training; the other trainers learn {PIECES:,}. WordPiece is"
        " trained here in two passes, so that the same text always gives the same pieces."
    )
    heads = columns("", "system", *(f"{n} thread{'s' * (n > 1)}" for n in THREADS), "beside ours")
    publish(
        "tokenizers_speed",
        figures,
        {"speed": Table("Tokens: MB a second", heads, tuple(rows), note)},
        data=[*(f"lm/{name}.jsonl.gz" for name in TEXTS), *peers.FILES],
        code=["benchmarks/token_peers.py", "src/openbook/tokens"],
        versions=peers.versions(),
    )


def worker(job: str, threads: int) -> Rounds:
    """The rates of one job, measured in a process whose libraries may use so many threads."""
    fixed = {"RAYON_NUM_THREADS": str(threads), "TOKENIZERS_PARALLELISM": "true" if threads > 1 else "false"}
    command = [sys.executable, "-m", "benchmarks.tokenizers_speed", job, str(threads)]
    done = subprocess.run(command, env={**os.environ, **fixed}, stdout=subprocess.PIPE, check=True)
    return json.loads(done.stdout.splitlines()[-1])


def measure(job: str, threads: int) -> Rounds:
    """MB a second of every system of a job, a number a round."""
    texts = [str(row["text"]) for name in TEXTS for row in read_rows(f"lm/{name}.jsonl.gz")]
    few = ["\n".join(texts)[:SLICE]]
    systems = {"bpe": encoders_bpe, "wordpiece": encoders_wordpiece, "train": trainers}[job](texts, few, threads)
    rates: Rounds = {name: [] for name in systems}
    order = np.random.default_rng(0)
    for number in range(ROUNDS + 1):  # the first warms caches up and is not counted
        for name in order.permutation(list(systems)):  # so that no system always follows the same one
            size = sum(len(text.encode()) for text in (few if "readable" in name else texts))
            started = time.perf_counter()
            systems[name]()
            seconds = time.perf_counter() - started
            if number:
                rates[name].append(size / seconds / 1e6)
    return rates


Systems = Mapping[str, Callable[[], object]]


def encoders_bpe(texts: Sequence[str], few: Sequence[str], threads: int) -> Systems:
    ours, library, tiktoken = peers.ours(peers.GPT2), peers.library(peers.GPT2), peers.tiktoken()
    theirs = peers.transformers(peers.GPT2)
    model = ours.definition["model"]
    reference = bpe.ByteLevelBPE(model["vocab"], {(a, b): rank for rank, (a, b) in enumerate(model["merges"])})
    return {
        "readable, all": lambda: [reference.encode(text) for text in few],
        "here, all": lambda: ours.encode_batch(texts),
        OURS: lambda: ours.ids_batch(texts),
        "tokenizers, all": lambda: [(e.ids, e.offsets, e.tokens) for e in library.encode_batch(texts)],
        "tokenizers, ids": lambda: [e.ids for e in library.encode_batch_fast(texts)],
        "transformers, ids": lambda: theirs(texts, add_special_tokens=False, split_special_tokens=True)["input_ids"],
        "tiktoken, ids": lambda: tiktoken.encode_ordinary_batch(texts, num_threads=threads),
    }


def encoders_wordpiece(texts: Sequence[str], few: Sequence[str], threads: int) -> Systems:
    del threads  # the library's are set for the process
    ours, library, theirs = peers.ours(peers.BERT), peers.library(peers.BERT), peers.transformers(peers.BERT)
    reference = wordpiece.WordPieceModel(ours.definition["model"]["vocab"])
    return {
        "readable, all": lambda: [reference.encode(text) for text in few],
        "here, all": lambda: ours.encode_batch(texts),
        OURS: lambda: ours.ids_batch(texts),
        "tokenizers, all": lambda: [(e.ids, e.offsets, e.tokens) for e in library.encode_batch(texts)],
        "tokenizers, ids": lambda: [e.ids for e in library.encode_batch_fast(texts)],
        "transformers, ids": lambda: theirs(texts, add_special_tokens=False, split_special_tokens=True)["input_ids"],
    }


def trainers(texts: Sequence[str], few: Sequence[str], threads: int) -> Systems:
    del threads
    return {
        "readable, BPE": lambda: bpe.train(few, SLICE_PIECES),
        "here, BPE": lambda: train_bpe(texts, PIECES),
        "tokenizers, BPE": lambda: peers.library_bpe(texts, PIECES),
        "readable, WordPiece": lambda: wordpiece.train(few, SLICE_PIECES, score=by_count),
        "here, WordPiece": lambda: train_wordpiece(texts, PIECES),
        "tokenizers, WordPiece": lambda: peers.library_wordpiece(texts, PIECES),
    }


def _shown(rates: Sequence[float]) -> str:
    low, middle, high = (
        f"{value:.2g}" if value < 10 else f"{value:.1f}" for value in (min(rates), statistics.median(rates), max(rates))
    )
    return f"{middle} ({low}–{high})"


def _ratio(rates: Rounds, system: str, base: str) -> str:
    ratio = statistics.median(a / b for a, b in zip(rates[system], rates[base], strict=True))
    return f"{ratio:.2g}x"


if __name__ == "__main__":
    main()
