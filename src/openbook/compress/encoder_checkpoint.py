"""A BERT-like encoder's checkpoint, read once and without torch: weights, tokenizer, and how it is used."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from openbook.compress.bert import Bert, Norm, read_bert
from openbook.compress.checkpoint_tokenizer import check_tokenizer
from openbook.compress.checkpoint_weights import float32
from openbook.compress.encoder_graph import Pooling
from openbook.compress.quantise import Array
from openbook.compress.sentence_settings import sentence_settings
from openbook.model.config import BadCheckpoint, EncoderConfig
from openbook.model.described import Described, described, transformer_folder
from openbook.model.families.fields import read_fields
from openbook.model.weight_files import open_weights
from openbook.tokens import Tokenizer

MOST_BYTES = 2_000_000_000
"""An ONNX file of one part ends there."""


@dataclass(frozen=True, slots=True)
class EncoderCheckpoint:
    """Read once. window: tokens a text may have. tokenizer: also as the bytes of its file."""

    bert: Bert
    pooling: Pooling
    window: int
    tokenizer: Tokenizer
    tokenizer_json: bytes

    def ids(self, text: str) -> NDArray[np.int64]:
        """[CLS], the text's tokens as far as the window reaches, [SEP]."""
        inner = self.tokenizer.ids_batch([text])[0][: self.window - 2]
        return np.array([self.tokenizer.id_of("[CLS]"), *inner, self.tokenizer.id_of("[SEP]")], dtype=np.int64)


def read_checkpoint(source: Path) -> EncoderCheckpoint:
    """The checkpoint in a folder. Raises BadCheckpoint for what is missing, or of another shape than config.json."""
    folder = transformer_folder(source)
    said = read_fields(folder / "config.json")
    with open_weights(folder, "np") as found:
        what = described(said, found)
        config = what.config
        if not isinstance(config, EncoderConfig):
            raise BadCheckpoint(f"{said.where} describes a language model: give the folder of an encoder")
        _check_config(said.where, config)
        pooling, window = sentence_settings(source, folder, config.context)
        where = folder if (folder / "tokenizer.json").is_file() else source
        tokenizer = check_tokenizer(where, config.vocabulary)
        if not all(piece in tokenizer for piece in ("[CLS]", "[SEP]")):
            raise BadCheckpoint(f"{tokenizer.where} has no [CLS] and [SEP], which a BERT reads: get the model's own")
        try:
            bert = read_bert(_tensors(what), config.heads, config.epsilon, window)
        except (ValueError, IndexError) as error:
            raise BadCheckpoint(f"the weights in {folder} do not fit together ({error}): get them again") from error
    _check_shapes(said.where, bert, config)
    return EncoderCheckpoint(bert, pooling, window, tokenizer, (where / "tokenizer.json").read_bytes())


def _check_config(where: str, config: EncoderConfig) -> None:
    if config.activation != "gelu":
        raise BadCheckpoint(
            f"{where} has the activation {config.activation}: only encoders with gelu can be compressed"
        )
    if config.width % 2 or config.inner % 2:
        raise BadCheckpoint(
            f"{where} has an odd width ({config.width} or {config.inner}), which INT8 here has no room for"
        )
    numbers = config.width * (
        config.vocabulary + config.context + config.layers * (4 * config.width + 2 * config.inner)
    )
    if numbers * 4 > MOST_BYTES:
        raise BadCheckpoint(
            f"{where} describes {numbers * 4 / 1e9:.1f} GB of floats, and one file holds {MOST_BYTES / 1e9:.0f}: give "
            "a smaller model"
        )


def _tensors(what: Described) -> Mapping[str, Array]:
    """By the names that ``read_bert`` knows, in floats. Raises BadCheckpoint for numbers that are not finite."""
    found: dict[str, Array] = {}
    for name, stored in what.tensors.items():
        plain = name.removeprefix(what.family.prefix) if what.prefixed else name
        if not plain.startswith(("embeddings.", "encoder.")) or what.family.ignored.fullmatch(name):
            continue
        stored.check_floats()
        found[plain] = float32(stored)
        if not np.isfinite(found[plain]).all():
            raise BadCheckpoint(f"{name} holds numbers that are not finite: get the weights again")
    return found


def _check_shapes(where: str, bert: Bert, config: EncoderConfig) -> None:
    width, inner = config.width, config.inner

    def norm(name: str, each: Norm) -> dict[str, tuple[Array, tuple[int, ...]]]:
        return {f"{name} (weight)": (each.gamma, (width,)), f"{name} (bias)": (each.beta, (width,))}

    wanted = {"the word table": (bert.words, (config.vocabulary, width)), "positions": (bert.positions[0], (width,))}
    wanted |= norm("the embedding norm", bert.embedding_norm)
    for number, layer in enumerate(bert.layers):
        for name, each, shape in (
            ("query, key and value", layer.qkv, (width, 3 * width)),
            ("attention output", layer.attention_output, (width, width)),
            ("intermediate", layer.up, (width, inner)),
            ("output", layer.down, (inner, width)),
        ):
            wanted[f"{name} of layer {number}"] = (each.weight, shape)
            wanted[f"{name} of layer {number} (bias)"] = (each.bias, shape[1:])
        wanted |= norm(f"the attention norm of layer {number}", layer.attention_norm)
        wanted |= norm(f"the output norm of layer {number}", layer.output_norm)
    for name, (found, shape) in wanted.items():
        if found.shape != shape:
            raise BadCheckpoint(
                f"{name} is of shape {found.shape} and {where} asks for {shape}: they do not belong together"
            )
