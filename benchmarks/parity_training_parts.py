"""The parts of training as pure functions or a few steps of one layer: loss, schedules, Muon, adapters."""

from collections.abc import Callable
from contextlib import nullcontext
from typing import Any
from unittest import mock

import torch
from torch import Tensor, nn

from benchmarks.differences import Found, largest
from openbook.model import Decoder, DecoderConfig
from openbook.train import lora
from openbook.train.lora_layer_product import product
from openbook.train.lora_targets import LoraConfig
from openbook.train.loss import IGNORED, chunked_cross_entropy
from openbook.train.muon import STEPS, Muon, newton_schulz, newton_schulz_by_the_equation
from openbook.train.quantised_base import QuantisedLinear, quantise
from openbook.train.schedules import Decay, share_of_peak

PLANS = ((20, 2, 4, 0.0), (100, 10, 30, 0.1), (60, 0, 20, 0.1), (7, 0, 7, 0.5), (50, 49, 1, 0.0))
"""Steps, how many of them warm up, how many decay, and the floor."""

SHAPES = ((8, 8), (24, 8), (8, 40), (1, 5))
Loss = Callable[[Tensor, Tensor, Tensor], Tensor]
Setting = dict[str, Any]


def loss(dtype: torch.dtype, reference: Loss) -> Found:
    """The mean loss a token and its gradients, in chunks of a row up to all, some targets not counting."""
    generator = torch.Generator().manual_seed(0)
    hidden = torch.randn(50, 12, generator=generator, dtype=dtype, requires_grad=True)
    weight = torch.randn(37, 12, generator=generator, dtype=dtype, requires_grad=True)
    targets = torch.randint(0, 37, (50,), generator=generator)
    targets[::6] = IGNORED
    count = int((targets != IGNORED).sum())

    def both(value: Tensor) -> tuple[Tensor, ...]:
        return value, *torch.autograd.grad(value, (hidden, weight))

    wanted = both(reference(hidden, weight, targets))
    return largest(
        pair
        for rows in (1, 7, 25, 49)
        for pair in zip(both(chunked_cross_entropy(hidden, weight, targets, rows * 37) / count), wanted, strict=True)
    )


def torchs_loss(hidden: Tensor, weight: Tensor, targets: Tensor) -> Tensor:
    return nn.functional.cross_entropy(hidden @ weight.T, targets)


def transformers_loss(hidden: Tensor, weight: Tensor, targets: Tensor) -> Tensor:
    from transformers.loss.loss_utils import ForCausalLMLoss

    return ForCausalLMLoss(hidden @ weight.T, None, len(weight), shift_labels=targets)


def schedule(kind: Decay, theirs: str, floor_name: str = "", **more: Any) -> Found:
    """Every step's share of the peak rate, over runs of several lengths.

    transformers begins at a rate of 0, with which a step does nothing: our step n is its n + 1 of one more to warm up.
    """
    from transformers import get_scheduler

    pairs: list[tuple[float, float]] = []
    for steps, warmup, decay, floor in PLANS:
        if kind == "wsd" and warmup and floor:
            continue  # there transformers warms up from the floor, and we from nothing as everywhere
        optimiser = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=1.0)
        named: Setting = {floor_name: floor, **more} if floor_name else {}
        if kind == "wsd":
            named["num_decay_steps"] = decay
        plan = get_scheduler(theirs, optimiser, warmup + 1, steps, named)
        for step in range(steps):
            optimiser.step()
            plan.step()
            share = share_of_peak(kind, step, steps, warmup=warmup, decay=decay, floor=floor)
            pairs.append((share, plan.get_last_lr()[0]))
    return largest(pairs)


def orthogonal() -> Found:
    """The fast Newton-Schulz and its equation, in FP32."""
    generator = torch.Generator().manual_seed(1)
    matrices = [torch.randn(shape, generator=generator) for shape in SHAPES]
    return largest((newton_schulz(matrix), newton_schulz_by_the_equation(matrix)) for matrix in matrices)


def muon(*, full: bool) -> Found:
    """A layer's weight after five steps of torch's Muon; full: its products in FP32, where it has them in BF16."""
    torch.manual_seed(0)
    ours, theirs = nn.Linear(12, 20, bias=False), nn.Linear(12, 20, bias=False)
    theirs.load_state_dict(ours.state_dict())
    optimisers: list[tuple[nn.Module, torch.optim.Optimizer]] = [
        (ours, Muon(ours.parameters(), 0.02, 0.9, 0.1)),
        (theirs, torch.optim.Muon(theirs.parameters(), lr=0.02, momentum=0.9, weight_decay=0.1, ns_steps=STEPS,
                                  adjust_lr_fn="match_rms_adamw")),
    ]  # fmt: skip
    inputs = torch.randn(64, 12)
    with mock.patch.object(torch.Tensor, "bfloat16", lambda tensor: tensor.clone()) if full else nullcontext():
        for _ in range(5):
            for layer, optimiser in optimisers:
                optimiser.zero_grad()
                layer(inputs).square().mean().backward()
                optimiser.step()
    return largest([(ours.weight, theirs.weight)])


def lora_product() -> Found:
    """Output and gradients of the layer that runs and of x (W + s·B·A)ᵀ + bias, in FP64."""
    torch.manual_seed(0)
    free = [torch.randn(shape, dtype=torch.float64).requires_grad_() for shape in ((2, 6, 7), (3, 7), (5, 3))]
    weight, bias = torch.randn(5, 7, dtype=torch.float64), torch.randn(5, dtype=torch.float64)
    x, a, b = free

    def both(y: Tensor) -> tuple[Tensor, ...]:
        return y, *torch.autograd.grad(y.sin().sum(), free)

    fast = both(product(x, weight, None, bias, a, b, 1.7))
    return largest(zip(fast, both(lora.by_the_equation(x, weight, bias, a, b, 1.7)), strict=True))


def quantised(group: int | None) -> Found:
    """Adapters after three steps on a base in 8 bits, and on the weights that its codes stand for."""
    torch.manual_seed(0)
    model = Decoder(DecoderConfig(61, 24, 2, 4, 48, 32, 2, bias_attention_in=True))
    plain = Decoder(model.config)
    plain.load_state_dict(model.state_dict())
    quantise(model, group)
    for path, module in model.named_modules():
        if isinstance(module, QuantisedLinear):
            plain.get_submodule(path).weight.data.copy_(module.weight)
    return largest(zip(_adapters_after_three_steps(model), _adapters_after_three_steps(plain), strict=True))


def _adapters_after_three_steps(model: Decoder) -> list[Tensor]:
    torch.manual_seed(3)
    lora.add(model, LoraConfig(3))
    matrices = list(lora.parameters(model).values())
    optimiser = torch.optim.AdamW(matrices, lr=3e-3)
    for _ in range(3):
        ids = torch.randint(0, 61, (2, 9))
        optimiser.zero_grad()
        nn.functional.cross_entropy(model.logits(model(ids))[:, :-1].flatten(0, 1), ids[:, 1:].flatten()).backward()
        optimiser.step()
    return matrices
