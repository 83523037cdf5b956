"""llama.cpp beside our engine, for benchmarks/decoding.py: the same weights and threads, a process for each run."""

import json
import statistics
import subprocess
import sys
import time
from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path

from benchmarks.data import ROOT
from openbook.cli.exporting import Asked, exported
from openbook.report.record import Figure

LLAMA = find_spec("llama_cpp") is not None
INSTALL = "llama.cpp is left out: python -m pip install -r benchmarks/requirements-llama.txt"
PEER = {"FP32": "llama.cpp F32", "INT8": "llama.cpp Q8_0", "INT4": "llama.cpp Q4_0"}
"""What each of ours stands beside, by the first word of its name."""

TRANSFORMERS = "transformers FP32"
STARTED = ("FP32", "INT8, blocks of 32", "INT4, blocks of 32")

Row = tuple[str, ...]


def gguf_files(model: Path, folder: Path) -> dict[str, Path]:
    """The checkpoint as llama.cpp's files; none where llama.cpp is missing."""
    if not LLAMA:
        print(INSTALL, file=sys.stderr)
        return {}
    files = {name: folder / f"{name.split()[1]}.gguf" for name in PEER.values()}
    exported(Asked(model, files["llama.cpp F32"], "gguf", "f32"), quiet=True)
    exported(Asked(model, files["llama.cpp Q8_0"], "gguf", "q8_0"), quiet=True)
    _worker("llama.cpp", "q4_0", files["llama.cpp F32"], str(files["llama.cpp Q4_0"]))
    return files


def beside_llama(
    shape: str, ours: Mapping[str, Path], theirs: Mapping[str, Path], rounds: int, figures: list[Figure]
) -> list[Row]:
    """A row for each: prompts and writing in tokens a second, and ours over that of the same precision there."""
    models = {**ours, **theirs}
    runs: dict[str, list[Mapping[str, float]]] = {name: [] for name in models}
    for _ in range(rounds):
        for name, path in models.items():
            runs[name].append(json.loads(_worker(_system(name), "speed", path).splitlines()[-1]))
    kinds = ("short", "long", "one")
    middle = {name: {k: statistics.median(run[k] for run in found) for k in kinds} for name, found in runs.items()}
    rows: list[Row] = []
    for name, found in middle.items():
        peer = PEER.get(name.split(",")[0])
        cells: list[str] = []
        for kind in kinds:
            figures.append(Figure(f"{shape}, {name}: {kind}, own process", found[kind], "/s", n=rounds))
            cells.append(f"{found[kind]:,.0f}")
            if peer in middle:
                ratio = found[kind] / middle[peer][kind]
                figures.append(Figure(f"{shape}, {name}: {kind} over {peer}", ratio, "x", text=f"{ratio:.2f}x"))
                cells[-1] += f" ({ratio:.2f}x)"
        rows.append((f"{shape}, {name}", f"{_size(models[name]) / 1e6:,.0f}", *cells))
    return rows


def starting(
    shape: str, checkpoint: Path, ours: Mapping[str, Path], theirs: Mapping[str, Path], rounds: int,
    figures: list[Figure],
) -> list[Row]:  # fmt: skip
    """From a process's start to the first token of a short prompt, and the memory it then holds."""
    models = {TRANSFORMERS: checkpoint, **{name: ours[name] for name in STARTED}, **theirs}
    runs: dict[str, list[tuple[float, float, float]]] = {name: [] for name in models}
    for _ in range(rounds):
        for name, path in models.items():
            runs[name].append(_start(_system(name), path))
    middle = {name: tuple(statistics.median(each) for each in zip(*found, strict=True)) for name, found in runs.items()}
    rows: list[Row] = []
    for name, (seconds, resident, peak) in middle.items():
        over = middle[TRANSFORMERS][0] / seconds
        figures += [
            Figure(f"{shape}, {name}: first token", seconds, "s", n=rounds),
            Figure(f"{shape}, {name}: resident", resident, "MB", n=rounds),
            Figure(f"{shape}, {name}: peak", peak, "MB", n=rounds),
        ]
        rows.append((f"{shape}, {name}", f"{seconds:.2f} s", f"{over:.1f}x", f"{resident:,.0f} MB", f"{peak:,.0f} MB"))
    return rows


def _start(system: str, model: Path) -> tuple[float, float, float]:
    """Seconds to the first token, MB resident after it, and the most MB until then."""
    command = [sys.executable, "-m", "benchmarks.decoding_worker", system, "start", str(model)]
    started = time.perf_counter()
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, cwd=ROOT) as process:
        assert process.stdout is not None
        for line in process.stdout:
            if line.startswith('{"first"'):
                break
        seconds = time.perf_counter() - started
        told = [line for line in process.stdout if line.startswith('{"resident"')]
    if not told:
        sys.exit(f"{system} did not start on {model}: run {' '.join(command)}")
    memory = json.loads(told[-1])
    return seconds, memory["resident"], memory["peak"]


def _worker(system: str, action: str, model: Path, *more: str) -> str:
    command = [sys.executable, "-m", "benchmarks.decoding_worker", system, action, str(model), *more]
    done = subprocess.run(command, check=False, capture_output=True, text=True, cwd=ROOT)
    if done.returncode:
        sys.exit(f"{' '.join(command)} ended with {done.returncode}: {done.stderr.strip()[-300:]}")
    return done.stdout


def _system(name: str) -> str:
    return name.split()[0] if name.startswith(("llama.cpp", "transformers")) else "openbook"


def _size(path: Path) -> int:
    return (path / "model.onnx" if path.is_dir() else path).stat().st_size
