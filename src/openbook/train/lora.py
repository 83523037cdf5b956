"""LoRA: a frozen weight W and a trainable low-rank addition, W + s·B·A (Hu et al. 2021, eq. 3).

``by_the_equation`` is what to read, ``lora_layer.LoraLinear`` what runs. This file says which layers of a model get an
adapter, and puts several named adapters on one base, switches between them, adds them up, merges and unmerges them.

    add(model, LoraConfig(rank=8, alpha=16))        # freezes the base; only A and B train
    use(model, {"polite": 0.7, "brief": 0.3})        # or use(model, "polite"), or use(model) for the base alone
    merge(model); unmerge(model)                     # the second gives back every bit of the base
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import cast

from torch import Tensor, nn

from openbook.train.lora_layer import LoraEmbedding, LoraLayer, LoraLinear, fresh, fresh_embedding, submodules
from openbook.train.lora_targets import BadLora, LoraConfig, layer_names
from openbook.train.quantised_base import QuantisedLinear

_NAME = re.compile(r"[A-Za-z0-9_-]{1,64}")


def by_the_equation(x: Tensor, weight: Tensor, bias: Tensor | None, a: Tensor, b: Tensor, scale: float) -> Tensor:
    """x (W + s·B·A)ᵀ + bias.

    x: (..., in); weight: (out, in); bias: (out,); a: (rank, in); b: (out, rank). Returns (..., out).
    """
    y = x @ (weight + scale * b @ a).mT
    return y if bias is None else y + bias


def targeted(model: nn.Module, targets: tuple[str, ...]) -> dict[str, nn.Module]:
    """The model's layers that these targets name, by path. Raises BadLora where there is none."""
    wanted = layer_names(targets)
    kinds = (nn.Linear, nn.Embedding, QuantisedLinear, LoraLayer)
    found: dict[str, nn.Module] = {
        path: module
        for path, module in submodules(model)
        if isinstance(module, kinds) and path.rpartition(".")[2] in wanted
    }
    if not found:
        raise BadLora(f"this model has no layer called {' or '.join(wanted)}: choose other targets")
    return found


def add(model: nn.Module, config: LoraConfig, name: str = "default") -> None:
    """Put a new adapter on the model, use it alone, and freeze everything else in the model.

    A begins as PyTorch's linear layers do and B at zero (an embedding's A at zero and B normal, as in PEFT), so that
    the model computes what it did before. In GPT-2, whose checkpoints keep query, key and value as one product, the
    three share one A where all three are targeted, as an adapter of PEFT on ``c_attn`` does.
    """
    check_new(model, name)
    shared: dict[str, nn.Parameter] = {}
    layers = targeted(model, config.targets)
    fused = shares_a(model, config.targets)
    model.requires_grad_(requires_grad=False)
    for path, module in layers.items():
        layer = wrap(model, path, module)
        if isinstance(layer, LoraEmbedding):
            a, b = fresh_embedding(layer.base, config.rank)
        else:
            a, b = fresh(cast("LoraLinear", layer).base, config.rank)
            owner, _, last = path.rpartition(".")
            if fused and last in {"query", "key", "value"}:
                a = shared.setdefault(owner, a)
        layer.put(name, a, b, config.setting)
    use(model, name)


def shares_a(model: nn.Module, targets: tuple[str, ...]) -> bool:
    """Whether query, key and value are one product in this model's own checkpoints and are adapted as one."""
    family = getattr(getattr(model, "config", None), "family", "")
    return family == "gpt2" and {"query", "key", "value"} <= set(layer_names(targets))


def wrap(model: nn.Module, path: str, module: nn.Module) -> LoraLayer:
    """The adapted layer that now stands at ``path``, around the one that stood there."""
    if isinstance(module, LoraLayer):
        return module
    if isinstance(module, nn.Embedding):
        layer: LoraLayer = LoraEmbedding(module)
    elif isinstance(module, nn.Linear | QuantisedLinear):
        layer = LoraLinear(module)
    else:
        raise BadLora(f"{path} is neither a linear layer nor an embedding, and takes no adapter")
    layer.train(mode=module.training)
    owner, _, last = path.rpartition(".")
    setattr(model.get_submodule(owner), last, layer)
    return layer


def layers_of(model: nn.Module) -> dict[str, LoraLayer]:
    """Every adapted layer, by path."""
    return {path: module for path, module in submodules(model) if isinstance(module, LoraLayer)}


def names(model: nn.Module) -> tuple[str, ...]:
    """The adapters that the model holds, in the order they came."""
    return tuple(dict.fromkeys(name for layer in layers_of(model).values() for name in layer.settings))


def use(model: nn.Module, adapters: str | Mapping[str, float] | None = None) -> None:
    """Compute with one adapter, with a weighted sum of several, or with the base alone.

    The sum is of the products: W + Σ wᵢ·sᵢ·Bᵢ·Aᵢ. Only the adapters in use train.
    """
    chosen = {adapters: 1.0} if isinstance(adapters, str) else dict(adapters or {})
    held = names(model)
    for name in chosen:
        if name not in held:
            raise BadLora(f"no adapter is called {name!r}: this model holds {', '.join(held) or 'none'}")
    if is_merged(model):
        raise BadLora("the adapters are merged into the base: unmerge before choosing others")
    for layer in layers_of(model).values():
        layer.use(chosen)


def remove(model: nn.Module, name: str) -> None:
    """Take an adapter off; a layer left without any becomes the plain layer it was."""
    if name not in names(model):
        raise BadLora(f"no adapter is called {name!r}: this model holds {', '.join(names(model)) or 'none'}")
    if is_merged(model):
        raise BadLora("the adapters are merged into the base: unmerge before taking one off")
    for path, layer in layers_of(model).items():
        layer.drop(name)
        if not layer.settings:
            _restore(model, path, layer)


def merge(model: nn.Module, *, keep: bool = True) -> None:
    """Write the adapters in use into the base weights, computed in FP32 and rounded once to the base's precision.

    keep: hold on to the old weights, so that ``unmerge`` returns every bit of them (subtracting s·B·A again would not:
    sums round). It costs the memory of the merged layers once more. Without it the layers become plain ones, ready to
    be saved as an ordinary checkpoint. A quantised base is merged as the weights that its codes stand for, in the
    precision that it had before.
    """
    _check_tied(model)
    for path, layer in layers_of(model).items():
        layer.merge()
        if not keep:
            layer.settle()
            _restore(model, path, layer)


def unmerge(model: nn.Module) -> None:
    """The base as it was before ``merge``, bit for bit, with its adapters beside it again."""
    if not is_merged(model):
        raise BadLora("nothing is merged here: merge(model) with keep=True comes first")
    for layer in layers_of(model).values():
        layer.unmerge()


def is_merged(model: nn.Module) -> bool:
    return any(layer.merged for layer in layers_of(model).values())


def parameters(model: nn.Module, name: str | None = None) -> dict[str, nn.Parameter]:
    """The matrices A and B of one adapter, or of all, by path, a shared one once; what an optimiser is given."""
    found: dict[nn.Parameter, str] = {}
    for path, layer in layers_of(model).items():
        for adapter in layer.settings:
            if name in (None, adapter):
                found.setdefault(layer.a[adapter], f"{path}.a.{adapter}")
                found.setdefault(layer.b[adapter], f"{path}.b.{adapter}")
    return {path: matrix for matrix, path in found.items()}


@dataclass(frozen=True, slots=True)
class Share:
    """How many numbers train, out of how many."""

    trainable: int
    all: int

    @property
    def fraction(self) -> float:
        return self.trainable / self.all if self.all else 0.0


def trainable_share(model: nn.Module) -> Share:
    """Each tensor counted once, the codes of a quantised base among them."""
    tensors = {id(tensor): tensor for tensor in (*model.parameters(), *_codes(model))}
    return Share(
        sum(tensor.numel() for tensor in tensors.values() if tensor.requires_grad),
        sum(tensor.numel() for tensor in tensors.values()),
    )


def _codes(model: nn.Module) -> list[Tensor]:
    return [module.codes for module in model.modules() if isinstance(module, QuantisedLinear)]


def check_new(model: nn.Module, name: str) -> None:
    """Raise BadLora unless an adapter can be added under this name."""
    if not _NAME.fullmatch(name):
        raise BadLora(f"{name!r} cannot name an adapter: use letters, digits, dashes and underscores, 64 at most")
    if name in names(model):
        raise BadLora(f"an adapter called {name!r} is already there: remove it or choose another name")
    if is_merged(model):
        raise BadLora("the adapters are merged into the base: unmerge before adding another")


def _check_tied(model: nn.Module) -> None:
    output = getattr(getattr(model, "unembedding", None), "weight", None)
    for layer in layers_of(model).values():
        if isinstance(layer, LoraEmbedding) and layer.active and layer.base.weight is output:
            raise BadLora(
                "the output layer shares the embedding's weights, so merging would change both: keep the adapter "
                "apart, or train without the embedding among the targets"
            )


def _restore(model: nn.Module, path: str, layer: LoraLayer) -> None:
    owner, _, last = path.rpartition(".")
    setattr(model.get_submodule(owner), last, layer.base.train(mode=layer.training))
