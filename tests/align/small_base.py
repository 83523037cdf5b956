"""A base folder that the tests of this room start from: a small decoder over characters, as training writes one."""

from pathlib import Path

import torch

from openbook.model import Decoder, DecoderConfig
from openbook.model import checkpoint as model_folder
from openbook.train.characters import tokenizer_json

END = "<|endoftext|>"
CHARACTERS = "0123456789+-*/=() abcdefghijklmnopqrstuvwxyz\n?:."


def base(
    folder: Path, *, width: int = 32, layers: int = 2, context: int = 96, seed: int = 0, control: tuple[str, ...] = ()
) -> Path:
    """The folder, with config.json, model.safetensors and tokenizer.json. control: pieces beside the end."""
    folder.mkdir(parents=True, exist_ok=True)
    torch.manual_seed(seed)
    pieces = len(CHARACTERS) + 2 + len(control)  # the unknown piece, and the end
    config = DecoderConfig(pieces, width, layers, 4, 2 * width, context, key_value_heads=2)
    model_folder.save(folder, Decoder(config))
    (folder / "tokenizer.json").write_text(tokenizer_json(CHARACTERS, [END, *control]), encoding="utf-8")
    return folder
