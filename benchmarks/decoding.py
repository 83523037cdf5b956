"""How fast does a compressed decoder write, and what does rounding cost? Beside transformers and llama.cpp, in one run.

Speed on two Llama shapes with random weights, which decide no speed: 34 million parameters (8 layers of 512, vocabulary
16,384) and 135 million (30 layers of 576, vocabulary 49,152). Quality on a trained model, the one that
recipes/shakespeare.toml trains (runs/shakespeare/model, or --trained), on the part of its text that is kept from
training. llama.cpp takes part where it is installed (benchmarks/requirements-llama.txt). Writes evidence/decoding.json.
Run: python -m benchmarks.decoding [--trained DIR] (--small: a tiny shape, to see that all of it works; writes nothing)
"""

import argparse
import statistics
import sys
import tempfile
import time
from collections.abc import Sequence
from importlib import metadata
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.data import EVIDENCE, read_rows
from benchmarks.decoding_llama import LLAMA, beside_llama, gguf_files, starting
from benchmarks.decoding_tables import tables
from benchmarks.decoding_worker import SHORT, THREADS
from benchmarks.publish import publish, with_interval
from openbook import tokens
from openbook.compress.decoder_folder import Compression, compress_decoder
from openbook.evaluate.fidelity import Ids, fidelity
from openbook.evaluate.intervals import Interval
from openbook.generate.onnx_folder import open_decoder_folder
from openbook.generate.onnx_session import OnnxSession
from openbook.generate.onnx_speed import bandwidth, speeds
from openbook.report.record import Figure

SHAPES = {
    "34M": {"vocabulary": 16_384, "width": 512, "layers": 8, "heads": 8, "inner": 1_408, "context": 2_048},
    "135M": {
        "vocabulary": 49_152, "width": 576, "layers": 30, "heads": 9, "inner": 1_536, "context": 2_048,
        "key_value_heads": 3,
    },
}  # fmt: skip
WAYS = {
    "FP32": Compression("fp32"),
    "INT8, blocks of 32": Compression("int8", 32),
    "INT8, blocks of 128": Compression("int8", 128),
    "INT4, blocks of 32": Compression("int4", 32),
    "INT4, blocks of 128": Compression("int4", 128),
}
WEIGHTS_ALONE = {
    "INT8, blocks of 32, weights alone": Compression("int8", 32, int8_activations=False),
    "INT4, blocks of 32, weights alone": Compression("int4", 32, int8_activations=False),
}
SMALL = {"tiny": {"vocabulary": 512, "width": 128, "layers": 2, "heads": 4, "inner": 256, "context": 2_048}}
WRITTEN, ROUNDS, PROCESSES = 48, 5, 3
"""processes: rounds in which each engine gets a process of its own."""

SHAKESPEARE = "lm/tinyshakespeare.jsonl.gz"
KEPT = 0.1
"""The last share of the text, which the recipe validates on."""


def sessions(model: Path, folder: Path, ways: dict[str, Compression]) -> dict[str, OnnxSession]:
    found: dict[str, OnnxSession] = {}
    for number, (name, how) in enumerate(ways.items()):
        compress_decoder(model, folder / str(number), how)
        found[name] = OnnxSession(open_decoder_folder(folder / str(number)), THREADS)
    return found


def theirs(folder: Path) -> tuple[float, float]:
    """transformers in FP32: tokens a second of a prompt, and written one by one with its cache, medians of rounds."""
    import torch
    from transformers import AutoModelForCausalLM

    torch.set_num_threads(THREADS)
    model: Any = AutoModelForCausalLM.from_pretrained(str(folder), dtype=torch.float32).eval()
    ids = torch.arange(SHORT)[None]
    prompt: list[float] = []
    one: list[float] = []
    with torch.inference_mode():
        for _ in range(ROUNDS):
            started = time.perf_counter()
            past = model(ids, use_cache=True, logits_to_keep=1).past_key_values
            prompt.append(SHORT / (time.perf_counter() - started))
            started = time.perf_counter()
            for _ in range(WRITTEN):
                past = model(ids[:, :1], past_key_values=past, use_cache=True).past_key_values
            one.append(WRITTEN / (time.perf_counter() - started))
    return statistics.median(prompt), statistics.median(one)


def prepare(shape: dict[str, int], folder: Path) -> Path:
    """A checkpoint of random weights, and a tokenizer beside it."""
    import torch

    from openbook.model import Decoder, DecoderConfig
    from openbook.model.checkpoint import save

    torch.manual_seed(0)
    save(folder / "model", Decoder(DecoderConfig(**shape)))
    tokens.train_bpe(["a few words, a few more words"] * 4, 270).save(folder / "model" / "tokenizer.json")
    return folder / "model"


def speed(name: str, model: Path, ours: dict[str, OnnxSession], figures: list[Figure]) -> list[tuple[str, ...]]:
    prompt, one = theirs(model)
    found = speeds(ours, SHORT)
    read = bandwidth(THREADS)
    figures += [Figure(f"{name}, transformers: prompt", prompt, "/s"), Figure(f"{name}, transformers: one", one, "/s")]
    figures.append(Figure(f"{name}: memory read", read / 1e9, "GB/s"))
    rows = [(f"{name}, transformers FP32", "", f"{prompt:,.0f}", f"{one:,.0f}", "1.00x", "", "")]
    for way, each in found.items():
        share = each.bytes_per_second / read
        measured = {"prompt": each.prompt, "one": each.one, "eight": each.eight}
        figures += [Figure(f"{name}, {way}: {what}", value, "/s") for what, value in measured.items()]
        figures.append(Figure(f"{name}, {way}: of the memory's bandwidth", share))
        rows.append(
            (f"{name}, {way}", f"{each.weights / 1e6:,.0f}", f"{each.prompt:,.0f}", f"{each.one:,.0f}",
             f"{each.one / one:.2f}x", f"{each.eight:,.0f}", f"{share:.0%}")
        )  # fmt: skip
    return rows


def quality(trained: Path, folder: Path, figures: list[Figure]) -> list[tuple[str, ...]]:
    text = "".join(row["text"] for row in read_rows(SHAKESPEARE))
    made = sessions(trained, folder, WAYS | WEIGHTS_ALONE)
    windows = _windows(trained, text[-int(len(text) * KEPT) :], made["FP32"].folder.shape.context)
    rows: list[tuple[str, ...]] = []
    for way, session in made.items():
        said = fidelity(made["FP32"].logits, session.logits, windows)
        size = session.folder.model.stat().st_size
        change = said.change
        figures += [
            _figure(f"{way}: change of perplexity", change, said.tokens),
            Figure(f"{way}: perplexity", said.perplexity, n=said.tokens),
            Figure(f"{way}: divergence", said.divergence, "nats", n=said.tokens),
            _figure(f"{way}: same first choice", said.same_first, said.tokens),
        ]
        moved = "" if change is None else f"{change.value:+.2%} ({change.low:+.2%} to {change.high:+.2%})"
        rows.append(
            (way, f"{size / 1e6:.2f}", f"{said.perplexity:.4f}", moved, f"{said.divergence:.1e}",
             with_interval(said.same_first))
        )  # fmt: skip
    return rows


def _figure(name: str, interval: Interval | None, n: int) -> Figure:
    if interval is None:
        return Figure(name, 0.0, n=n)
    return Figure(name, interval.value, "", interval.low, interval.high, n)


def _windows(trained: Path, text: str, length: int) -> Sequence[Ids]:
    ids = np.array(tokens.load(trained).ids_batch([text])[0], dtype=np.int64)
    return [ids[start : start + length] for start in range(0, min(len(ids), 400 * length), length)]


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--trained", type=Path, default=Path("runs/shakespeare/model"))
    parser.add_argument("--small", action="store_true", help="a tiny shape and one round; writes nothing")
    given = parser.parse_args()
    if not given.small and not given.trained.is_dir():
        sys.exit(f"there is no {given.trained}: run openbook train recipes/shakespeare.toml, or name --trained")
    figures: list[Figure] = []
    rows: list[tuple[str, ...]] = []
    peers: list[tuple[str, ...]] = []
    starts: list[tuple[str, ...]] = []
    told: list[tuple[str, ...]] = []
    rounds = 1 if given.small else PROCESSES
    with tempfile.TemporaryDirectory() as scratch:
        if not given.small:
            told = quality(given.trained, Path(scratch) / "quality", figures)
        for name, shape in (SMALL if given.small else SHAPES).items():
            folder = Path(scratch) / name
            model = prepare(shape, folder)
            ours = sessions(model, folder, WAYS)
            paths = {way: session.folder.path for way, session in ours.items()}
            rows += speed(name, model, ours, figures)
            del ours
            files = gguf_files(model, folder)
            peers += beside_llama(name, paths, files, rounds, figures)
            starts += starting(name, model, paths, files, rounds, figures)
    versions = ["torch", "transformers", *(["llama-cpp-python"] if LLAMA else [])]
    publish(
        "decoding",
        figures,
        tables(rows, told, peers, starts, rounds),
        data=[SHAKESPEARE],
        code=["src/openbook/generate/onnx_engine.py"],  # the rest of what the workers run is loaded here too
        versions={name: metadata.version(name) for name in versions},
        folder=None if given.small else EVIDENCE,
    )


if __name__ == "__main__":
    main()
