"""Making a pair encoder that can be shipped: trained weights in, an INT8 model folder without a word table out."""

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from openbook.compress.model_folder import write_model_folder
from openbook.compress.pair_weights import PairWeights
from openbook.compress.quantise import Array
from openbook.errors import MissingExtra, OpenbookError

Say = Callable[[str], object]
Row = tuple[NDArray[np.int64], NDArray[np.int64]]
"""Token ids and kinds of one pair."""


@dataclass(frozen=True, slots=True)
class Shipping:
    """words: digest of the sentence encoder whose table is read with. lookup: its rows of ids, (tokens, hidden).

    window: tokens of a row at most.
    alpha: as in the embedder's recipe. most: how far a decision may move, in logits, on a verification pair.
    """

    words: str
    window: int
    lookup: Callable[[NDArray[np.int64]], Array]
    alpha: float
    most: float
    card: str


def build(weights: PairWeights, shipping: Shipping, calibration: Sequence[Row], verification: Sequence[Row]) -> bytes:
    """The INT8 graph, verified against the FP32 one. Raises OpenbookError where a decision moves too far."""
    if not find_spec("onnx"):
        raise MissingExtra("making a model", "compress")
    from openbook.compress.pair_graph import fp32_pair, int8_pair
    from openbook.compress.smooth import divisors, largest_activations

    largest = largest_activations(weights.trunk, _embedded(weights, shipping, calibration))
    smoothed = list(largest)[:-1]  # the last normalisation feeds the heads, which stay in floats
    by_name = {name: divisors(largest[name], shipping.alpha) for name in smoothed}
    int8 = int8_pair(weights, by_name).SerializeToString(deterministic=True)
    fp32 = fp32_pair(weights).SerializeToString(deterministic=True)
    moved = [
        float(np.abs(ours - theirs).max())
        for ours, theirs in zip(
            _decisions(int8, shipping, verification), _decisions(fp32, shipping, verification), strict=True
        )
    ]
    if not max(moved, default=0.0) <= shipping.most:
        raise OpenbookError(
            f"the INT8 pair encoder moves a decision by {max(moved):.2f} logits, more than {shipping.most}, and was "
            "not written: try another alpha"
        )
    return int8


def write(folder: Path, model: bytes, shipping: Shipping) -> None:
    """``folder`` with the model, its card, and a manifest that names the word table it reads with."""
    files = {"model.onnx": model, "README.md": shipping.card.encode()}
    write_model_folder(folder, files, {"words": shipping.words, "window": shipping.window})


def read_weights(folder: Path) -> PairWeights:
    """What a training run wrote. Raises OpenbookError where it holds no pair encoder."""
    from safetensors import SafetensorError
    from safetensors.numpy import load

    from openbook.compress.pair_weights import read_pair

    try:
        said: Any = json.loads((folder / "pair.json").read_bytes())
        return read_pair(
            load((folder / "pair.safetensors").read_bytes()),
            int(said["heads"]),
            float(said["epsilon"]),
            int(said["window"]),
        )
    except (OSError, SafetensorError, ValueError, KeyError, TypeError) as error:
        raise OpenbookError(f"{folder} holds no trained pair encoder ({error}): train one first") from error


def _embedded(weights: PairWeights, shipping: Shipping, rows: Sequence[Row]) -> Iterator[Array]:
    for ids, kinds in rows:
        yield (shipping.lookup(ids) + kinds[:, None] * weights.segment).astype(np.float32)


def _decisions(model: bytes, shipping: Shipping, rows: Sequence[Row]) -> list[Array]:
    import onnxruntime as untyped

    onnxruntime: Any = untyped
    options = onnxruntime.SessionOptions()
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
    session = onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
    return [
        np.asarray(session.run(["decisions"], {"words": shipping.lookup(ids), "kinds": kinds})[0])
        for ids, kinds in rows
    ]
