"""What a training step changes: weights, optimisers, the count of steps and tokens, and the random generators."""

import base64
from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.optim import Optimizer

from openbook.model import Decoder
from openbook.train.loss import chunked_cross_entropy, cross_entropy


class Objective(nn.Module):
    """The model with its loss, as one module: what is wrapped for several processes."""

    def __init__(self, model: Decoder, *, chunked: bool) -> None:
        super().__init__()
        self.model = model
        self.loss = chunked_cross_entropy if chunked else cross_entropy

    def forward(self, ids: Tensor, targets: Tensor, documents: Tensor | None) -> Tensor:
        """The summed loss of a batch; shapes as in ``Batch``."""
        hidden = self.model(ids, documents=documents)
        return self.loss(hidden.flatten(0, 1), self.model.unembedding.weight, targets.flatten())


@dataclass(slots=True)
class State:
    """objective: the model with its loss, perhaps wrapped. tokens: targets learnt from, which may be
    pictures. seconds: of training so far.
    """

    model: Decoder
    objective: nn.Module
    optimisers: Sequence[Optimizer]
    step: int = 0
    tokens: int = 0
    seconds: float = 0.0


def generator_state(device: torch.device) -> Tensor:
    """The random generators that dropout draws from, as bytes; one length for a device."""
    states = [torch.get_rng_state()]
    if device.type == "cuda":
        states.append(torch.cuda.get_rng_state(device))
    return torch.cat(states)


def set_generator_state(device: torch.device, state: Tensor) -> None:
    """Put back what ``generator_state`` gave."""
    size = torch.get_rng_state().numel()
    torch.set_rng_state(state[:size])
    if device.type == "cuda":
        torch.cuda.set_rng_state(state[size:], device)


def as_text(state: Tensor) -> str:
    """Bytes as base64, for JSON."""
    return base64.b64encode(state.numpy().tobytes()).decode("ascii")


def from_text(text: str) -> Tensor:
    """Raises ValueError for what is no base64."""
    return torch.tensor(list(base64.b64decode(text, validate=True)), dtype=torch.uint8)
