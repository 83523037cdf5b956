"""Weights laid out for products of few rows, as drawing makes one for every token.

A linear layer's weight lies in memory as (out, in), one row an output. A CPU's product with a few rows of input reads
it along the outputs; where it lies the other way, it is packed anew for every call, at up to twice the time.
"""

from collections.abc import Generator
from contextlib import contextmanager

import torch

from openbook.model import Decoder


@contextmanager
def for_few_rows(model: Decoder, *, wanted: bool = True) -> Generator[None]:
    """The model's FP32 matrices column by column for as long as the context lasts, where it is on a CPU.

    Shapes and values stay, and no second copy is held: they are laid out once more at the end.
    """
    matrices = [
        parameter
        for parameter in model.parameters()
        if wanted and parameter.ndim == 2 and parameter.dtype == torch.float32 and parameter.device.type == "cpu"
    ]
    try:
        for matrix in matrices:
            matrix.data = matrix.data.t().contiguous().t()
        yield
    finally:
        for matrix in matrices:
            matrix.data = matrix.data.contiguous()
