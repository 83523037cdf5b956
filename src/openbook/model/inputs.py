"""What a model is given, checked before it runs: one line instead of an index error deep inside, or a dead GPU."""

import torch
from torch import Tensor

from openbook.model.config import BadShape, DecoderConfig, EncoderConfig


def check_ids(ids: Tensor, size: int, what: str = "token id", *, context: int | None = None, before: int = 0) -> None:
    """Raise BadShape unless ids is (batch, time) of integers, and every one of them in 0 to size - 1.

    The numbers themselves are looked at on a CPU, where that costs microseconds. A GPU would have to be waited for, and
    a compiled graph cannot branch on a value: whoever reads ids from outside for those calls ``check_range`` first.
    """
    if ids.ndim != 2 or not ids.numel():
        raise BadShape(f"ids must be (batch, time) with one {what} or more, not of shape {tuple(ids.shape)}")
    if ids.dtype not in (torch.int64, torch.int32):
        raise BadShape(f"ids must be int64 or int32, not {str(ids.dtype).removeprefix('torch.')}")
    if context is not None and before + ids.shape[1] > context:
        raise BadShape(f"{before + ids.shape[1]} tokens do not fit this model's context of {context}: shorten the text")
    if ids.device.type == "cpu" and not torch.compiler.is_compiling():
        check_range(ids, size, what)


def check_range(ids: Tensor, size: int, what: str = "token id") -> None:
    """Raise BadShape for the first of the ids outside 0 to size - 1."""
    low, high = (int(bound) for bound in ids.aminmax())
    if low < 0 or high >= size:
        found = low if low < 0 else high
        raise BadShape(
            f"{what} {found} is outside this model's 0 to {size - 1}: use the tokenizer that the model was trained with"
        )


def check_beside(ids: Tensor, other: Tensor | None, name: str) -> None:
    """Raise BadShape unless ``other`` is of the shape of ids."""
    if other is not None and other.shape != ids.shape:
        raise BadShape(f"{name} must be of the shape of ids, {tuple(ids.shape)}, not {tuple(other.shape)}")


def check_vocabulary(config: DecoderConfig | EncoderConfig, pieces: int) -> None:
    """Raise BadShape where a tokenizer of so many pieces has ids that the model has no embedding for.

    A model may have more: tables are often padded to a round number.
    """
    if pieces > config.vocabulary:
        raise BadShape(
            f"the tokenizer has {pieces:,} pieces and the model {config.vocabulary:,}: they do not belong together"
        )
