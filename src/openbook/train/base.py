"""The decoder that a recipe's ``[base]`` names, with its tokenizer, its weights held as the recipe asks.

A base that was compressed is read back into floats: the shipped writer is one.
"""

import torch

from openbook import tokens
from openbook.model import Decoder
from openbook.model.compressed import load_any
from openbook.tokens import Tokenizer
from openbook.train.base_folder import WRITER, holds_model
from openbook.train.finetune_recipe import Base
from openbook.train.problems import TrainProblem
from openbook.train.quantised_base import quantise


def base_is_there(base: Base) -> bool:
    return holds_model(base.folder)


def not_there(base: Base, command: str) -> str:
    """What to do where there is none. command: what runs ``base.recipe``."""
    made_by = f"run `openbook {command} {base.recipe}` first, or " if base.recipe else ""
    return f"there is no model in {base.folder}: {made_by}set base.model to one, or to {WRITER!r}, the shipped one"


def open_base(base: Base) -> tuple[Decoder, Tokenizer]:
    """Raises TrainProblem in one line, or BadCheckpoint."""
    model = load_any(base.folder, dtype=torch.float32 if base.precision == "fp32" else torch.bfloat16)
    if not isinstance(model, Decoder):
        raise TrainProblem(f"{base.folder} holds no decoder: set base.model to a language model's folder")
    tokenizer = tokens.load(base.folder / "tokenizer.json")
    if tokenizer.size > model.config.vocabulary:
        raise TrainProblem(
            f"the tokenizer in {base.folder} has {tokenizer.size:,} pieces and the model {model.config.vocabulary:,}: "
            "put the tokenizer.json that the model was trained with beside it"
        )
    if base.precision == "int8":
        quantise(model)
    return model, tokenizer
