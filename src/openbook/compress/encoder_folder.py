"""A BERT-like encoder's checkpoint to a folder that ``encode`` opens: floats, or INT8 as the shipped one is made."""

from collections.abc import Sequence
from pathlib import Path
from typing import Literal, TypeAlias

from openbook.compress.encoder_checkpoint import EncoderCheckpoint
from openbook.compress.encoder_graph import fp32_encoder
from openbook.compress.encoder_int8 import int8_model
from openbook.compress.model_folder import write_model_folder
from openbook.values import Json

EncoderTarget: TypeAlias = Literal["fp32", "int8"]

KIND = "encoder"

ALPHA = 0.75
"""How far outliers move into the weights: what came closest for the shipped encoder."""


def write_encoder(checkpoint: EncoderCheckpoint, target: Path, to: EncoderTarget, calibration: Sequence[str]) -> None:
    """Write ``target``, all of it or nothing. calibration: texts that show which channels have outliers."""
    if to == "fp32":
        content = fp32_encoder(checkpoint.bert, checkpoint.pooling).SerializeToString(deterministic=True)
    else:
        texts = [checkpoint.ids(text) for text in calibration]
        content = int8_model(checkpoint.bert, texts, ALPHA, checkpoint.pooling)
    settings: dict[str, Json] = {
        "kind": KIND,
        "dim": checkpoint.bert.hidden,
        "window": checkpoint.window,
        "pooling": checkpoint.pooling,
        "bits": 32 if to == "fp32" else 8,
    }
    write_model_folder(target, {"model.onnx": content, "tokenizer.json": checkpoint.tokenizer_json}, settings)
