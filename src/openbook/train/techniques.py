"""The memory and speed techniques beside the loss and the optimiser, one function each; a recipe turns each on or off.

``benchmarks/train_techniques.py`` adds one at a time and measures what each is worth.
"""

import shutil
from collections.abc import Generator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from functools import partial
from importlib.util import find_spec
from typing import Any, Literal, cast

import torch
from torch import nn
from torch.utils import checkpoint as checkpoints

from openbook.model import Decoder
from openbook.model.attention import plain
from openbook.train.problems import TrainProblem


def autocast(device: torch.device, precision: Literal["fp32", "bf16"]) -> AbstractContextManager[Any]:
    """BF16 products, with weights, sums and the optimiser in FP32 (Micikevicius et al. 2018; no loss scale needed)."""
    if precision == "fp32":
        return nullcontext()
    return torch.autocast(device.type, torch.bfloat16)


def attention_kernel(choice: Literal["fused", "plain"]) -> AbstractContextManager[Any]:
    """Which kernel attention runs on, for as long as the context lasts. "plain" holds the (time, time) weights.

    The fused kernel on CPUs is slow backwards in BF16 and has a cost a call that short rows do not repay.
    """
    return plain() if choice == "plain" else nullcontext()


def checkpoint_activations(model: Decoder) -> None:
    """Keep only each block's input, and compute the block again on the way back (Chen et al. 2016)."""
    for block in model.blocks:
        block.forward = partial(cast("Any", checkpoints).checkpoint, block.forward, use_reentrant=False)


def compile_blocks(model: Decoder) -> None:
    """Compile one block's code for all of them: most of the gain, and a fraction of the whole model's waiting time."""
    for block in model.blocks:
        cast("Any", block).compile(dynamic=False)


def compile_whole(objective: nn.Module) -> None:
    """Compile the model and its loss as one graph: the passes over the logits, the largest tensors, become few."""
    cast("Any", objective).compile(dynamic=False)


def check_compiler(device: torch.device) -> None:
    """Raises TrainProblem where ``torch.compile`` has nothing to compile with."""
    if device.type == "cuda" and find_spec("triton") is None:
        raise TrainProblem("train.compile needs the package triton for this GPU: install it, or set train.compile=no")
    if device.type == "cpu" and not any(map(shutil.which, ("c++", "g++", "clang++", "cl"))):
        raise TrainProblem("train.compile needs a C++ compiler, as g++: install one, or set train.compile=no")


@contextmanager
def evaluating(model: nn.Module) -> Generator[None]:
    """No dropout, no gradients, no compiling for the shapes of evaluation; training mode again afterwards."""
    was = model.training
    model.eval()
    try:
        with torch.inference_mode(), torch.compiler.set_stance("force_eager"):
            yield
    finally:
        model.train(was)
