"""Models rounded and put back in floats, so that the reference implementation shows what a quantiser alone costs."""

import copy
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any, TypeAlias

import numpy as np
import torch
from torch import Tensor, nn

from openbook.compress.decoder_folder import ALPHA
from openbook.compress.quantise import Rounded, symmetric
from openbook.compress.smooth_decoder import seams, smoothed
from openbook.evaluate.fidelity import Ids, Logits
from openbook.model import Decoder, Encoder

Round: TypeAlias = Callable[[Any], Rounded]
PER_CHANNEL: Round = partial(symmetric, bits=8, sharing="row")

OUTLIER = 64.0
"""How much larger one channel of each norm becomes where outliers are planted."""


def there_and_back(x: Tensor, how: Round) -> Tensor:
    return torch.from_numpy(how(x.detach().reshape(-1, x.shape[-1]).numpy()).dequantise()).reshape(x.shape)


def rounded(model: nn.Module, weights: Round | None, activations: Round | None = None) -> tuple[Any, float]:
    """A copy with every matrix rounded, tables among them, and what every product reads; and bits a weight."""
    made = copy.deepcopy(model)
    bits = size = 0.0
    with torch.no_grad():
        for parameter in made.parameters():
            if parameter.ndim == 2 and weights is not None:
                found = weights(parameter.numpy())
                parameter.copy_(torch.from_numpy(found.dequantise()))
                bits, size = bits + found.bits_per_weight * parameter.numel(), size + parameter.numel()
    if activations is not None:
        for module in made.modules():
            if isinstance(module, nn.Linear):
                module.register_forward_pre_hook(lambda _, inputs: there_and_back(inputs[0], activations))
    return made, bits / size if size else 32.0


def largest_inputs(model: nn.Module, run: Callable[[], object]) -> dict[str, Any]:
    """max|x| of each channel that each product reads, (in,), by the product's name, while ``run`` uses the model."""
    found: dict[str, Any] = {}

    def watch(name: str, _: nn.Module, inputs: tuple[Tensor]) -> None:
        seen = inputs[0].detach().reshape(-1, inputs[0].shape[-1]).abs().amax(dim=0).numpy()
        found[name] = np.maximum(found.get(name, seen), seen)

    hooks = [
        module.register_forward_pre_hook(partial(watch, name))
        for name, module in model.named_modules()
        if isinstance(module, nn.Linear)
    ]
    run()
    for hook in hooks:
        hook.remove()
    return found


def spread(largest: Mapping[str, Any]) -> float:
    """The largest channel beside the median one, on average over the products."""
    return float(np.mean([each.max() / np.median(each) for each in largest.values()]))


def logits_of(model: Decoder) -> Logits:
    def logits(ids: Ids) -> Any:
        with torch.inference_mode():
            return model.logits(model(torch.from_numpy(ids)[None]))[0].numpy()

    return logits


def with_weights(model: Decoder, weights: Mapping[str, Any]) -> Decoder:
    made = copy.deepcopy(model)
    with torch.no_grad():
        for name, parameter in made.named_parameters():
            parameter.copy_(torch.from_numpy(np.asarray(weights[name])))
    return made


def arrays(model: Decoder) -> dict[str, Any]:
    return {name: parameter.detach().numpy().copy() for name, parameter in model.named_parameters()}


def with_outliers(model: Decoder) -> Decoder:
    """The same function, one channel of each norm made OUTLIER times larger, and the products that read it smaller."""
    weights = arrays(model)
    for name, seam in seams(model.config).items():
        if name.endswith("_norm"):
            for each in seam.divided:
                weights[each][0] *= OUTLIER
            for each in seam.read:
                weights[each][:, 0] /= OUTLIER
    return with_weights(model, weights)


def smooth(model: Decoder, calibration: Sequence[Ids]) -> Decoder:
    logits = logits_of(model)
    seen = largest_inputs(model, lambda: [logits(ids) for ids in calibration])
    largest = {name: seen[seam.read[0].removesuffix(".weight")] for name, seam in seams(model.config).items()}
    return with_weights(model, smoothed(arrays(model), model.config, largest, ALPHA))


def rounded_encoder(model: Encoder, smoothing: Mapping[str, Any], activations: Round) -> Encoder:
    """x W = (x / s) (s W), both rounded: where a norm feeds the residual branch too, only the product is divided."""
    made = copy.deepcopy(model)
    for name, module in made.named_modules():
        if isinstance(module, nn.Linear):
            s = torch.from_numpy(smoothing.get(name, np.ones(module.in_features, dtype=np.float32)))
            with torch.no_grad():
                module.weight.copy_(there_and_back(module.weight * s, PER_CHANNEL) / s)
            module.register_forward_pre_hook(lambda _, inputs, s=s: there_and_back(inputs[0] / s, activations) * s)
    return made


def vector(model: Encoder, ids: Tensor) -> Any:
    with torch.inference_mode():
        mean = model(ids)[0].mean(dim=0)
        return (mean / mean.norm()).numpy()
