"""One engine in a process of its own, for benchmarks/decoding.py: how fast it reads and writes, or how soon it starts.

python -m benchmarks.decoding_worker openbook|transformers|llama.cpp speed|start MODEL
python -m benchmarks.decoding_worker llama.cpp q4_0 F32.gguf TARGET.gguf
MODEL: a compressed folder, a checkpoint, a GGUF file. Prints one JSON object a line.
"""

import json
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

os.environ.update({"HF_HUB_OFFLINE": "1", "TRANSFORMERS_VERBOSITY": "error"})
THREADS = 2
SHORT, LONG = 256, 2_048
"""Tokens of a prompt."""

_PIECE = 512
"""Tokens of a prompt that are read in one pass, by both."""

_SECONDS = 0.5
_TEXT = "a few words, a few more words"

Feed = Callable[[list[int]], None]
"""Reads ids after those read before."""


def openbook_engine(model: Path) -> tuple[Feed, Callable[[int], None]]:
    from openbook.generate.onnx_folder import open_decoder_folder
    from openbook.generate.onnx_session import OnnxSession

    generation = OnnxSession(open_decoder_folder(model), THREADS).start(1, LONG)

    def feed(ids: list[int]) -> None:
        for start in range(0, len(ids), _PIECE):
            generation.feed(np.array([ids[start : start + _PIECE]], dtype=np.int64))

    return feed, generation.forget


def llama_engine(model: Path) -> tuple[Feed, Callable[[int], None]]:
    engine = _llama(model, LONG)

    def forget(used: int) -> None:
        engine.n_tokens = used  # the next eval drops what came after

    return engine.eval, forget


def speed(feed: Feed, forget: Callable[[int], None]) -> dict[str, float]:
    """Tokens a second of both prompts, and written after the short one."""
    ids = [number % 250 for number in range(LONG)]

    def read(length: int) -> int:
        forget(0)
        feed(ids[:length])
        return length

    def write() -> int:
        feed([1])
        return 1

    read(SHORT)
    found = {"short": _rate(lambda: read(SHORT))}
    write()
    found["one"] = _rate(write)
    return {**found, "long": _rate(lambda: read(LONG))}


Started = tuple[int, object]
"""The first token, and what must stay in memory while that is measured."""


def openbook_start(model: Path) -> Started:
    from openbook.generate.onnx_engine import open_onnx
    from openbook.values import TRUSTED, Decoding, Part

    found = open_onnx(model, THREADS).stream((Part(_TEXT, TRUSTED, "user"),), Decoding(max_tokens=2))
    return next(found).id, found


def transformers_start(model: Path) -> Started:
    import torch
    from transformers import AutoModelForCausalLM, AutoTokenizer

    torch.set_num_threads(THREADS)
    tokenizer: Any = AutoTokenizer.from_pretrained(str(model))
    network: Any = AutoModelForCausalLM.from_pretrained(str(model), dtype=torch.float32).eval()
    with torch.inference_mode():
        told = network(**tokenizer(_TEXT, return_tensors="pt"), logits_to_keep=1, use_cache=True)
        return int(told.logits[0, -1].argmax()), (network, told)


def llama_start(model: Path) -> Started:
    engine = _llama(model, _PIECE)
    found = engine.generate(engine.tokenize(_TEXT.encode(), add_bos=False), top_k=1, temp=0.0)
    return next(found), (engine, found)


def to_q4_0(source: Path, target: Path) -> None:
    """By llama.cpp's own quantiser, as its users have it: some tensors stay finer."""
    import ctypes

    import llama_cpp

    params = llama_cpp.llama_model_quantize_default_params()
    params.ftype, params.nthread = llama_cpp.LLAMA_FTYPE_MOSTLY_Q4_0, THREADS
    if llama_cpp.llama_model_quantize(str(source).encode(), str(target).encode(), ctypes.byref(params)):
        sys.exit(f"llama.cpp could not quantise {source}")


def _llama(model: Path, context: int) -> Any:
    import llama_cpp

    return llama_cpp.Llama(
        str(model), n_ctx=context, n_batch=_PIECE, n_ubatch=_PIECE, n_threads=THREADS, n_threads_batch=THREADS,
        verbose=False,
    )  # fmt: skip


def _rate(once: Callable[[], int]) -> float:
    started, tokens = time.perf_counter(), 0
    while True:
        tokens += once()
        elapsed = time.perf_counter() - started
        if elapsed >= _SECONDS:
            return tokens / elapsed


def _memory() -> dict[str, float]:
    """In MB: what is resident now, and the most that was."""
    lines = (line.split() for line in Path("/proc/self/status").read_text(encoding="ascii").splitlines())
    told = {line[0]: int(line[1]) / 1024 for line in lines if line[0] in ("VmRSS:", "VmHWM:")}
    return {"resident": told["VmRSS:"], "peak": told["VmHWM:"]}


def main() -> None:
    system, action, model, *more = sys.argv[1:]
    if action == "q4_0":
        to_q4_0(Path(model), Path(more[0]))
    elif action == "speed":
        engine = {"openbook": openbook_engine, "llama.cpp": llama_engine}[system]
        print(json.dumps(speed(*engine(Path(model)))), flush=True)
    else:
        start = {"openbook": openbook_start, "transformers": transformers_start, "llama.cpp": llama_start}[system]
        first, _held = start(Path(model))
        print(json.dumps({"first": first}), flush=True)
        print(json.dumps(_memory()), flush=True)


if __name__ == "__main__":
    main()
