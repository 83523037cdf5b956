"""A diffusion transformer compressed, and what that costs in predictions and pictures, beside the same in floats."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from openbook.cli.compress_wanted import Asked
from openbook.diffusion.denoiser_folder import MODEL
from openbook.diffusion.edge_distance import EdgeDistance, edge_distance
from openbook.diffusion.onnx_denoiser import OnnxDenoiser, opened
from openbook.encode.side_by_side import usable_threads
from openbook.errors import MissingExtra, OpenbookError
from openbook.evaluate.rounds import TimesAsFast, times_as_fast

_ROUNDS, _SECONDS = 5, 0.5
"""Of the speed, and how long a round of the slower model is to take."""


@dataclass(frozen=True, slots=True)
class DenoiserTruth:
    """distance: from the network in floats. fp32, made: calls a second in each round. bytes: of the file in floats."""

    distance: EdgeDistance
    fp32: tuple[float, ...]
    made: tuple[float, ...]
    speed: TimesAsFast
    bytes: int
    threads: int


def compress_and_measure(asked: Asked, at: Callable[[int, int], None]) -> tuple[int, DenoiserTruth | None]:
    """Bytes of the model's file, and the truth where it is asked for. Raises OpenbookError; then nothing is written."""
    if asked.to == "int4":
        raise OpenbookError("a denoiser is made in int8 or fp32, not in int4: its kernels have no 4 bits")
    if asked.block is not None or not asked.int8_activations or asked.smooth or asked.texts:
        raise OpenbookError("--block, --float-activations, --smooth and --text are not for a denoiser: drop them")
    try:
        from openbook.diffusion.learn.compress_denoiser import write_denoiser
        from openbook.diffusion.learn.folder import load
    except ModuleNotFoundError as missing:
        if missing.name not in ("onnx", "safetensors", "torch"):
            raise
        raise MissingExtra("compressing a denoiser", "train") from None
    denoiser, described = load(asked.model)
    write_denoiser(denoiser, described, asked.out, asked.to)
    at(1, 3)
    size = (asked.out / MODEL).stat().st_size
    if not asked.measure:
        return size, None
    with TemporaryDirectory(prefix="openbook-fp32-") as scratch:
        write_denoiser(denoiser, described, Path(scratch), "fp32")
        at(2, 3)
        threads = usable_threads(asked.threads)
        fp32, made = opened(Path(scratch), threads), opened(asked.out, threads)
        distance = edge_distance(fp32, made)
        before, after = _speeds(fp32, made)
        bytes_before = (Path(scratch) / MODEL).stat().st_size
    at(3, 3)
    return size, DenoiserTruth(distance, before, after, times_as_fast(before, after), bytes_before, threads)


def _speeds(fp32: OnnxDenoiser, made: OnnxDenoiser) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """Calls a second in each round, both models in turn: one picture, unguided."""
    (level,) = fp32.folder.said.schedule().picked([fp32.folder.said.levels // 2])
    x = np.zeros((1, fp32.folder.said.channels, fp32.folder.said.size, fp32.folder.said.size), np.float32)
    denoise = [each.told() for each in (fp32, made)]
    begin = time.perf_counter()
    denoise[0](x, level)
    calls = max(1, round(_SECONDS / (time.perf_counter() - begin)))
    rates: Sequence[list[float]] = ([], [])
    for _ in range(_ROUNDS):
        for one, found in zip(denoise, rates, strict=True):
            begin = time.perf_counter()
            for _ in range(calls):
                one(x, level)
            found.append(calls / (time.perf_counter() - begin))
    return tuple(rates[0]), tuple(rates[1])
