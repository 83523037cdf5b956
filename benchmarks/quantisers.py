"""Which rounding costs what? Symmetric and affine, INT8 and INT4, per tensor, row and group; activations; SmoothQuant.

On the character model that recipes/shakespeare.toml trains (runs/shakespeare/model, or --trained), on the end of its
text, which is kept from training: weights are rounded and put back in floats, activations too as they come, and the
reference decoder reads the text. And on the released MiniLM, whose activations have outliers. What the shipped engine
runs, MatMulNBits, is measured through the engine in ``benchmarks.decoding``. Nothing is timed. Writes
evidence/quantisers.json. Run: python -m benchmarks.quantisers [--trained DIR]
"""

import argparse
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from importlib import metadata
from pathlib import Path
from typing import Any

import numpy as np
import torch

from benchmarks.data import ROOT, read_rows
from benchmarks.decoding import KEPT, SHAKESPEARE
from benchmarks.publish import columns, publish, with_interval
from benchmarks.rounding import (
    OUTLIER,
    PER_CHANNEL,
    Round,
    largest_inputs,
    logits_of,
    rounded,
    rounded_encoder,
    smooth,
    spread,
    vector,
    with_outliers,
)
from openbook import tokens
from openbook.compress.encoder_folder import ALPHA
from openbook.compress.quantise import affine, symmetric
from openbook.compress.recipe import read_recipe
from openbook.compress.smooth import divisors
from openbook.compress.source import fetch
from openbook.evaluate.fidelity import Fidelity, Ids, Logits, fidelity
from openbook.evaluate.intervals import bootstrap_mean
from openbook.model import Decoder, Encoder
from openbook.model.checkpoint import load
from openbook.report.record import Figure
from openbook.report.tables import Table

WINDOWS = 400

TEXTS, SEEN = 120, 24
"""Paragraphs for the encoder; and others, or windows for the decoder, to calibrate on."""

PARAGRAPHS = "retrieval/squad_corpus.jsonl.gz"
RECIPE = "recipes/minilm-int8.toml"

SHARING: Mapping[str, Any] = {"per tensor": "tensor", "per channel": "row", "groups of 128": 128, "groups of 32": 32}
WEIGHTS: Mapping[str, Round] = {
    f"{name} INT{bits}, {shown}": partial(quantiser, bits=bits, sharing=sharing)
    for bits in (8, 4)
    for name, quantiser in (("symmetric", symmetric), ("affine", affine))
    for shown, sharing in SHARING.items()
}
ACTIVATIONS: Mapping[str, Round] = {
    "per tensor": partial(symmetric, bits=8, sharing="tensor"),
    "per token": partial(symmetric, bits=8, sharing="row"),
    "per token, blocks of 32": partial(symmetric, bits=8, sharing=32),
}


@dataclass(frozen=True, slots=True)
class Reading:
    """The decoder, what is read, and a few windows of what it was trained on, to calibrate on."""

    model: Decoder
    windows: Sequence[Ids]
    calibration: Sequence[Ids]


def reading(trained: Path) -> Reading:
    model, config = load(trained)
    assert isinstance(model, Decoder)
    text = "".join(row["text"] for row in read_rows(SHAKESPEARE))
    kept = int(len(text) * KEPT)
    tokenizer, length = tokens.load(trained), config.context

    def windows(part: str, most: int) -> list[Ids]:
        ids = np.array(tokenizer.ids_batch([part])[0], dtype=np.int64)
        return [ids[start : start + length] for start in range(0, min(len(ids), most * length), length)]

    return Reading(model, windows(text[-kept:], WINDOWS), windows(text[:-kept], SEEN))


def remembered(logits: Logits) -> Logits:
    """The same, each text read once."""
    known: dict[bytes, Any] = {}

    def again(ids: Ids) -> Any:
        key = ids.tobytes()
        if key not in known:
            known[key] = logits(ids)
        return known[key]

    return again


def shown(name: str, bits: float | None, said: Fidelity, figures: list[Figure]) -> tuple[str, ...]:
    change, moved, same = said.change, said.divergence_interval, said.same_first
    assert change is not None
    assert moved is not None
    figures += [
        Figure(f"{name}: change of perplexity", change.value, "", change.low, change.high, said.tokens),
        Figure(f"{name}: divergence", moved.value, "nats", moved.low, moved.high, said.tokens),
        Figure(f"{name}: same first choice", same.value, "", same.low, same.high, said.tokens),
    ]
    cells = (
        f"{change.value:+.2%} ({change.low:+.2%} to {change.high:+.2%})",
        f"{moved.value:.1e} ({moved.low:.1e}–{moved.high:.1e})",
        with_interval(same),
    )
    if bits is None:
        return (name, *cells)
    figures.append(Figure(f"{name}: size", bits, "bits a weight"))
    return (name, f"{bits:.2f}", *cells)


def weights_alone(found: Reading, original: Logits, figures: list[Figure]) -> list[tuple[str, ...]]:
    rows: list[tuple[str, ...]] = []
    for name, how in WEIGHTS.items():
        model, bits = rounded(found.model, how)
        rows.append(shown(name, bits, fidelity(original, logits_of(model), found.windows), figures))
    return rows


def with_activations(found: Reading, original: Logits, figures: list[Figure]) -> list[tuple[str, ...]]:
    planted = with_outliers(found.model)
    models = {
        "": found.model,
        "SmoothQuant, ": smooth(found.model, found.calibration),
        "outliers planted, ": planted,
        "outliers planted, SmoothQuant, ": smooth(planted, found.calibration),
    }
    for name, model in models.items():  # in floats all four are one function
        said = fidelity(original, logits_of(model), found.windows[:20])
        assert said.divergence < 1e-8, name
    rows: list[tuple[str, ...]] = []
    for before, model in models.items():
        for name, how in ACTIVATIONS.items():
            made, _ = rounded(model, PER_CHANNEL, how)
            rows.append(shown(f"{before}{name}", None, fidelity(original, logits_of(made), found.windows), figures))
    return rows


def encoder_costs(figures: list[Figure]) -> tuple[list[tuple[str, ...]], float]:
    """The released MiniLM: cosine to FP32 under each rounding of activations; and how far its outliers stick out."""
    recipe = read_recipe(ROOT / RECIPE)
    with tempfile.TemporaryDirectory() as folder:
        for name, content in fetch(recipe.source).items():
            (Path(folder) / name).write_bytes(content)
        model, _ = load(folder)
        tokenizer = tokens.load(Path(folder))
    assert isinstance(model, Encoder)
    rows = read_rows(PARAGRAPHS)
    chosen = np.random.default_rng(0).permutation(len(rows))[: TEXTS + SEEN]
    first, last = tokenizer.id_of("[CLS]"), tokenizer.id_of("[SEP]")
    texts = [
        torch.tensor([[first, *ids[: recipe.window - 2], last]])
        for ids in tokenizer.ids_batch([str(rows[i]["text"]) for i in chosen])
    ]
    seen = largest_inputs(model, lambda: [vector(model, text) for text in texts[TEXTS:]])
    smoothing = {
        name: divisors(each, ALPHA)
        for name, each in seen.items()
        if name.endswith(("query", "key", "value", "up"))  # what a norm gives
    }
    expected = np.stack([vector(model, text) for text in texts[:TEXTS]])
    told: list[tuple[str, ...]] = []
    for before, by in (("", {}), ("SmoothQuant, ", smoothing)):
        for name, how in ACTIVATIONS.items():
            made = rounded_encoder(model, by, how)
            cosines = np.sum(expected * np.stack([vector(made, text) for text in texts[:TEXTS]]), axis=1)
            mean = bootstrap_mean([float(each) for each in cosines])
            assert mean is not None
            title = f"{before}{name}"
            figures.append(Figure(f"encoder, {title}: cosine", mean.value, "", mean.low, mean.high, mean.n))
            told.append((title, with_interval(mean, 4), f"{cosines.min():.4f}"))
    return told, spread({name: each for name, each in seen.items() if name in smoothing})


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--trained", type=Path, default=Path("runs/shakespeare/model"))
    given = parser.parse_args()
    if not given.trained.is_dir():
        sys.exit(f"there is no {given.trained}: run openbook train recipes/shakespeare.toml, or name --trained")
    figures: list[Figure] = []
    found = reading(given.trained)
    original = remembered(logits_of(found.model))
    alone = weights_alone(found, original, figures)
    both = with_activations(found, original, figures)
    encoder, sticking_out = encoder_costs(figures)
    in_decoder = spread(largest_inputs(found.model, lambda: [logits_of(found.model)(ids) for ids in found.calibration]))
    figures += [
        Figure("outliers of the encoder", sticking_out, "x"),
        Figure("outliers of the decoder", in_decoder, "x"),
    ]
    characters = sum(len(window) - 1 for window in found.windows)
    simulated = (
        "Rounded, put back in floats and read by the reference decoder: 0.8 million parameters, "
        f"{characters:,} characters kept from training; change of perplexity and divergence (nats a character) against "
        "FP32 on the same windows, 95% intervals over them."
    )
    planted = (
        f"Outliers planted: one channel of each norm is {OUTLIER:.0f} times larger and its weights as much smaller, "
        f"the same function in floats. SmoothQuant: alpha 0.5, calibrated on {SEEN} windows of the training text. As "
        f"trained, the largest channel that a product reads is {in_decoder:.1f} times the median one, on average."
    )
    released = (
        f"{TEXTS} SQuAD paragraphs, weights per channel. SmoothQuant: the shipped encoder's divisors (powers of two, "
        f"alpha {ALPHA}), calibrated on {SEEN} other paragraphs. The largest channel that a norm gives a product is "
        f"{sticking_out:.1f} times the median one, on average."
    )
    told = ("change", "divergence", "same first choice")
    kept = ("activations", "cosine to FP32", "lowest")
    alone_note = f"Every matrix, words too. {simulated} Bits: a weight, scales in FP32 and zero points counted."
    both_note = f"Weights in INT8 per channel. {simulated} {planted}"
    publish(
        "quantisers",
        figures,
        {
            "weights": Table("Weights rounded alone", columns("weights", "bits", *told), tuple(alone), alone_note),
            "activations": Table("Activations in INT8 too", columns("activations", *told), tuple(both), both_note),
            "encoder": Table("The released MiniLM in INT8", columns(*kept), tuple(encoder), released),
        },
        data=[SHAKESPEARE, PARAGRAPHS],
        code=[
            "benchmarks/rounding.py",
            *(f"src/openbook/compress/{name}.py" for name in ("quantise", "smooth", "smooth_decoder")),
            "src/openbook/evaluate/fidelity.py",
            RECIPE,
        ],
        versions={"torch": metadata.version("torch")},
    )


if __name__ == "__main__":
    main()
