"""The decoder that a recipe's ``[base]`` names, with its tokenizer, its weights held as the recipe asks."""

import torch

from openbook import tokens
from openbook.model import Decoder
from openbook.model import checkpoint as model_folder
from openbook.tokens import Tokenizer
from openbook.train.finetune_recipe import Base
from openbook.train.problems import TrainProblem
from openbook.train.quantised_base import quantise


def base_is_there(base: Base) -> bool:
    return (base.folder / "config.json").is_file()


def open_base(base: Base) -> tuple[Decoder, Tokenizer]:
    """Raises TrainProblem in one line, or BadCheckpoint."""
    model, config = model_folder.load(base.folder, dtype=torch.float32 if base.precision == "fp32" else torch.bfloat16)
    if not isinstance(model, Decoder):
        raise TrainProblem(f"{base.folder} holds no decoder: set base.model to a language model's folder")
    tokenizer = tokens.load(base.folder / "tokenizer.json")
    if tokenizer.size > config.vocabulary:
        raise TrainProblem(
            f"the tokenizer in {base.folder} has {tokenizer.size:,} pieces and the model {config.vocabulary:,}: "
            "put the tokenizer.json that the model was trained with beside it"
        )
    if base.precision == "int8":
        quantise(model)
    return model, tokenizer
