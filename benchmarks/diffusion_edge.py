"""What does a compressed diffusion transformer cost and gain? Speed, bytes and error beside torch, in one run.

A DiT of the shape that recipes/world-diffusion.toml has, told a text, of random weights, which decide no speed; one
thread; a call as guidance makes it, a picture with its condition and without. Beside INT8 by rows, which is
what ``openbook compress`` makes, weights in blocks of 32 with the decoder's kernel. The error is that of a prediction,
root mean square, as a part of the prediction's own. Writes evidence/diffusion_edge.json.
Run: python -m benchmarks.diffusion_edge
"""

import statistics
import time
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from benchmarks.data import ROOT
from benchmarks.publish import publish
from openbook import recipes
from openbook.compress.decoder_linear import BlockLinear
from openbook.compress.graph_writer import GraphWriter
from openbook.compress.linear_nodes import LinearNodes, float_linear, row_wise_int8_linear
from openbook.compress.quantise import Array
from openbook.diffusion.described import Described
from openbook.diffusion.dit_graph import Asked, dit_graph
from openbook.diffusion.learn.compress_denoiser import weights_of
from openbook.diffusion.learn.denoiser import Denoiser
from openbook.diffusion.learn.dit import Dit
from openbook.diffusion.learn.folder import made
from openbook.diffusion.learn.recipe import DiffusionRecipe
from openbook.encode.session import load
from openbook.evaluate.rounds import times_as_fast
from openbook.report.record import Figure
from openbook.report.tables import Column, Table

RECIPE = "recipes/world-diffusion.toml"
MADE = recipes.read(ROOT / RECIPE, DiffusionRecipe)
SAID = Described(
    size=MADE.data.size, channels=MADE.data.channels, diffusion=MADE.diffusion, tokens=MADE.data.tokens, text_width=384,
    dit=MADE.dit,
)  # fmt: skip
ROUNDS, CALLS, SEED = 9, 8, 71
TIMES = (0.02, 0.2, 0.5, 0.8, 0.98)


def block_linear(int8_activations: bool) -> LinearNodes:
    """The decoder's kernel: blocks of 32 inputs."""
    blocks = BlockLinear(8, 32, int8_activations)

    def linear(graph: GraphWriter, x: str, name: str, weight: Array, *, after_gelu: bool = False) -> str:
        del after_gelu
        return blocks(graph, x, name, np.ascontiguousarray(weight.T))

    return linear


WAYS: dict[str, LinearNodes] = {
    "FP32": float_linear,
    "INT8 by rows": row_wise_int8_linear,
    "INT8, blocks of 32": block_linear(int8_activations=True),
    "INT8, blocks of 32, weights alone": block_linear(int8_activations=False),
}


def network() -> Denoiser:
    """Random weights, none left at the 0 that some begin at, so that every part takes part."""
    torch.manual_seed(SEED)
    denoiser = made(SAID).eval()
    with torch.no_grad():
        for name, parameter in denoiser.named_parameters():
            if not parameter.any():
                parameter.normal_(std=0.02 if name.endswith("bias") else parameter.shape[-1] ** -0.5)
    return denoiser


def fed(at: float) -> dict[str, NDArray[Any]]:
    """A picture with a text of nine tokens, and without."""
    rng = np.random.default_rng([SEED, round(1000 * at) + 1])
    given = rng.standard_normal((1, SAID.tokens, SAID.text_width), np.float32)
    given /= np.linalg.norm(given, axis=2, keepdims=True)
    given[:, 9:] = 0
    x = rng.standard_normal((1, SAID.channels, SAID.size, SAID.size), np.float32)
    both = {"x": x.repeat(2, 0), "time": np.full(2, at, np.float32), "given": given.repeat(2, 0)}
    return {**both, "kept": np.array([True, False])}


def main() -> None:
    torch.set_num_threads(1)
    denoiser = network()
    assert SAID.dit is not None
    assert isinstance(denoiser.network, Dit)
    weights, asked = (
        weights_of(denoiser, denoiser.network),
        Asked(SAID.size, SAID.channels, 0, SAID.tokens, SAID.text_width),
    )
    inputs = [fed(at) for at in TIMES]

    def by_torch(one: dict[str, NDArray[Any]]) -> NDArray[np.float32]:
        x, at, given, kept = (torch.from_numpy(one[name]) for name in ("x", "time", "given", "kept"))
        with torch.inference_mode():
            return denoiser(x, at, given, kept).numpy()

    calls: dict[str, Callable[[dict[str, NDArray[Any]]], NDArray[np.float32]]] = {"torch": by_torch}
    sizes = {"torch": 4 * sum(each.numel() for each in denoiser.parameters())}
    with TemporaryDirectory() as folder:
        for number, (name, linear) in enumerate(WAYS.items()):
            path = Path(folder) / f"{number}.onnx"
            path.write_bytes(dit_graph(SAID.dit, asked, weights, linear).SerializeToString())
            session, sizes[name] = load(path), path.stat().st_size
            calls[name] = lambda one, session=session: session.run(None, one)[0]
        found = {name: [call(one) for one in inputs] for name, call in calls.items()}
        seconds = timed(calls, inputs[0])
    errors = {
        name: max(
            float(np.sqrt(((a - b) ** 2).mean() / (b**2).mean())) for a, b in zip(each, found["torch"], strict=True)
        )
        for name, each in found.items()
    }
    report(sizes, errors, seconds)


def timed(calls: dict[str, Callable[..., Any]], one: dict[str, NDArray[Any]]) -> dict[str, list[float]]:
    """Milliseconds of a call in each round, all in turn."""
    seconds: dict[str, list[float]] = {name: [] for name in calls}
    for _ in range(ROUNDS):
        for name, call in calls.items():
            begin = time.perf_counter()
            for _ in range(CALLS):
                call(one)
            seconds[name].append((time.perf_counter() - begin) / CALLS * 1000)
    return seconds


def report(sizes: dict[str, int], errors: dict[str, float], seconds: dict[str, list[float]]) -> None:
    rates = {name: [1000 / each for each in found] for name, found in seconds.items()}
    figures: list[Figure] = []
    rows: list[tuple[str, ...]] = []
    for name in sizes:
        fast = times_as_fast(rates["FP32"], rates[name])
        key = name.lower().replace(",", "").replace(" ", "_")
        figures += [
            Figure(f"{key}_bytes", sizes[name], "bytes"),
            Figure(f"{key}_error", errors[name], n=len(TIMES), note="the worst of the levels"),
            Figure(f"{key}_speed", fast.value, "times FP32", fast.low, fast.high, n=ROUNDS),
        ]
        rows.append(
            (
                name,
                f"{sizes[name] / 1e6:.1f} MB",
                "0" if name == "torch" else f"{errors[name]:.1e}",
                f"{statistics.median(seconds[name]):.1f} ms",
                f"{fast.value:.2f} ({fast.low:.2f} to {fast.high:.2f})",
            )
        )
    columns = (Column(""), *(Column(name, "right") for name in ("size", "error", "a call", "times as fast as FP32")))
    note = (
        f"Error beside torch, at the worst of {len(TIMES)} levels; speed in the middle, worst and best of {ROUNDS} "
        "rounds in turn, one thread, a batch of two."
    )
    publish(
        "diffusion_edge",
        figures,
        {"ways": Table("", columns, tuple(rows), note)},
        data=(RECIPE,),
        code=(),
        seeds=(SEED,),
    )


if __name__ == "__main__":
    main()
