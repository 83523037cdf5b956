"""Several processes that train one model, as ``torchrun`` starts them; alone, everything here does nothing.

Process r takes the r-th share of every step's rows; gradients are added up by DistributedDataParallel (Li et al. 2020).
"""

import os
from collections.abc import Generator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass
from typing import Any

import torch
import torch.distributed
from torch import Tensor, nn
from torch.nn.parallel import DistributedDataParallel

from openbook.train.problems import TrainProblem

dist: Any = torch.distributed  # its own types are partial


@dataclass(frozen=True, slots=True)
class Group:
    """Which process this is, of how many, and its device."""

    rank: int
    size: int
    device: torch.device

    @property
    def first(self) -> bool:
        """Whether this is the process that writes and prints."""
        return self.rank == 0

    def wrapped(self, module: nn.Module) -> nn.Module:
        """The module whose gradients are the mean over the processes after a backward pass."""
        if self.size == 1:
            return module
        return DistributedDataParallel(module, gradient_as_bucket_view=True)

    def added_up(self, values: Tensor) -> Tensor:
        """The sum over the processes, element by element."""
        if self.size > 1:
            dist.all_reduce(values)
        return values

    def total(self, number: int) -> int:
        """The sum over the processes. Alone, no device is asked for it, which would have to be waited for."""
        return number if self.size == 1 else int(self.added_up(torch.tensor(number, device=self.device)))

    def any(self, asked: bool) -> bool:
        """Whether it holds in any of the processes, so that all do the same."""
        return asked if self.size == 1 else bool(self.added_up(torch.tensor(float(asked), device=self.device)) > 0)

    def gathered(self, values: Tensor) -> list[Tensor]:
        """Every process's tensor, in order of rank."""
        if self.size == 1:
            return [values]
        values = values.to(self.device)  # what joins GPUs takes no tensors of the CPU's
        found = [torch.empty_like(values) for _ in range(self.size)]
        dist.all_gather(found, values)
        return found

    def wait(self) -> None:
        """Until all processes are here."""
        if self.size > 1:
            dist.barrier()


def adding_later(module: nn.Module) -> AbstractContextManager[None]:
    """Gradients stay in each process: for all but the last pass of a step."""
    return module.no_sync() if isinstance(module, DistributedDataParallel) else nullcontext()


@contextmanager
def joined(device: str) -> Generator[Group]:
    """The group that this process belongs to. device: auto, cpu or cuda. Raises TrainProblem where it is not there."""
    if device == "cuda" and not torch.cuda.is_available():
        raise TrainProblem("train.device is cuda, and torch sees no GPU here: set train.device=cpu")
    on_gpu = device != "cpu" and torch.cuda.is_available()
    size = int(os.environ.get("WORLD_SIZE", "1"))
    place = torch.device("cuda", int(os.environ.get("LOCAL_RANK", "0"))) if on_gpu else torch.device("cpu")
    if on_gpu:
        torch.cuda.set_device(place)
    if size == 1:
        yield Group(0, 1, place)
        return
    dist.init_process_group("nccl" if on_gpu else "gloo")
    try:
        yield Group(dist.get_rank(), size, place)
    finally:
        dist.destroy_process_group()
