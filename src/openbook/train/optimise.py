"""Which optimiser moves which weight, and its state as named tensors."""

from collections.abc import Iterable, Mapping
from typing import Any

from torch import Tensor, nn
from torch.optim import AdamW, Optimizer

from openbook.train.muon import Muon
from openbook.train.problems import TrainProblem
from openbook.train.recipe import Optimiser


def make(recipe: Optimiser, model: nn.Module) -> list[Optimizer]:
    """AdamW for all weights, or Muon for the 2-D weights of the blocks and AdamW for the rest.

    Only matrices and embeddings decay: a norm's weight or a bias has no reason to be small.
    """
    named = [(name, p) for name, p in model.named_parameters() if p.requires_grad]
    hidden = [(n, p) for n, p in named if recipe.kind == "muon" and p.ndim == 2 and ".blocks." in f".{n}"]
    inside = {name for name, _ in hidden}
    rest = [(name, p) for name, p in named if name not in inside]
    adamw = AdamW(
        [
            {"params": [p for _, p in rest if p.ndim >= 2], "weight_decay": recipe.weight_decay},
            {"params": [p for _, p in rest if p.ndim < 2], "weight_decay": 0.0},
        ],
        lr=recipe.rate,
        betas=(recipe.beta1, recipe.beta2),
        eps=recipe.epsilon,
        fused=recipe.fused,
    )
    if not hidden:
        return [adamw]
    muon = Muon([p for _, p in hidden], recipe.rate, recipe.momentum, recipe.weight_decay)
    return [adamw, muon]


def set_rate(optimisers: Iterable[Optimizer], rate: float) -> None:
    """The learning rate of every group."""
    for optimiser in optimisers:
        for group in optimiser.param_groups:
            group["lr"] = rate


def state_tensors(optimisers: Iterable[Optimizer], model: nn.Module) -> dict[str, Tensor]:
    """Every tensor that an optimiser keeps, as ``parameter/what``."""
    names: dict[Tensor, str] = {parameter: name for name, parameter in model.named_parameters()}
    return {
        f"{names[parameter]}/{what}": tensor
        for optimiser in optimisers
        for parameter, kept in optimiser.state.items()
        for what, tensor in kept.items()
    }


def load_state(optimisers: Iterable[Optimizer], model: nn.Module, tensors: Mapping[str, Tensor]) -> None:
    """Put back what ``state_tensors`` gave. Raises TrainProblem where names or shapes do not fit the model."""
    names = {parameter: name for name, parameter in model.named_parameters()}
    kept: dict[str, dict[str, Tensor]] = {}
    for key, tensor in tensors.items():
        name, _, what = key.rpartition("/")
        kept.setdefault(name, {})[what] = tensor
    for optimiser in optimisers:
        whole: dict[str, Any] = optimiser.state_dict()
        order = [parameter for group in optimiser.param_groups for parameter in group["params"]]
        for number, parameter in enumerate(order):
            found = kept.pop(names[parameter], {})
            if any(tensor.ndim and tensor.shape != parameter.shape for tensor in found.values()):
                raise TrainProblem(f"the optimiser state of {names[parameter]} is of another model: start the run anew")
            if found:
                whole["state"][number] = found
        optimiser.load_state_dict(whole)
    if kept:
        raise TrainProblem("the optimiser's state is of another model: start the run anew")
