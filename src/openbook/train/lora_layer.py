"""The layers that carry adapters: a frozen linear layer or embedding, and named pairs A, B beside it."""

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import cast

import torch
from torch import Tensor, nn

from openbook.train.lora_layer_product import product
from openbook.train.quantised_base import QuantisedLinear

Base = nn.Linear | nn.Embedding | QuantisedLinear


@dataclass(frozen=True, slots=True)
class Setting:
    """What an adapter is made with, its rank apart, which its matrices say."""

    alpha: float
    dropout: float = 0.0
    rank_stabilised: bool = False

    def scale(self, rank: int) -> float:
        """The factor s before B·A: alpha / rank, or alpha / √rank (Kalajdzievski 2023, eq. 4)."""
        return self.alpha / rank**0.5 if self.rank_stabilised else self.alpha / rank


class LoraLayer(nn.Module):
    """What both have in common: adapters by name, those in use and with what weight, and the base merged or not."""

    def __init__(self, base: Base) -> None:
        super().__init__()
        self.base = base
        self.a = nn.ParameterDict()
        self.b = nn.ParameterDict()
        self.settings: dict[str, Setting] = {}
        self.active: dict[str, float] = {}
        self._original: Base | None = None

    @property
    def merged(self) -> bool:
        return self._original is not None

    def put(self, name: str, a: nn.Parameter, b: nn.Parameter, setting: Setting) -> None:
        """A pair under a name; it is used once ``use`` says so."""
        self.a[name], self.b[name], self.settings[name] = a, b, setting

    def scale(self, name: str) -> float:
        return self.settings[name].scale(self.a[name].shape[0])

    def drop(self, name: str) -> None:
        """Forget a pair, if it is here."""
        if name in self.settings:
            del self.a[name], self.b[name], self.settings[name]
            self.active.pop(name, None)

    def use(self, chosen: Mapping[str, float]) -> None:
        """Compute with these adapters, each times its weight; the others neither count nor train."""
        self.active = {name: weight for name, weight in chosen.items() if name in self.settings}
        for name in self.settings:
            self.a[name].requires_grad_(name in self.active)
            self.b[name].requires_grad_(name in self.active)

    def delta(self) -> Tensor:
        """Σ wᵢ·sᵢ·Bᵢ·Aᵢ over the adapters in use, (out, in), in FP32."""
        shape = (self.b[next(iter(self.active))].shape[0], self.a[next(iter(self.active))].shape[1])
        total = torch.zeros(shape, device=self.base.weight.device)
        for name, weight in self.active.items():
            total.addmm_(self.b[name].detach().float(), self.a[name].detach().float(), alpha=weight * self.scale(name))
        return total

    @torch.no_grad()
    def merge(self) -> None:
        """Compute with W + delta from one new weight; the old base is kept aside untouched."""
        if self.merged or not self.active:
            return
        self._original = self.base
        self.base = self._with(self.delta())

    def unmerge(self) -> None:
        """The old base itself, not a computation of it."""
        if self._original is not None:
            self.base, self._original = self._original, None

    def settle(self) -> None:
        """Let go of the old base: what is computed now is kept."""
        self._original = None

    def _with(self, delta: Tensor) -> Base:
        raise NotImplementedError


class LoraLinear(LoraLayer):
    """x Wᵀ + bias + Σ wᵢ·sᵢ·(dropout(x) Aᵢᵀ) Bᵢᵀ; x: (..., in)."""

    base: nn.Linear | QuantisedLinear

    def forward(self, x: Tensor) -> Tensor:
        if self.merged or not self.active:
            return self.base(x)
        if isinstance(self.base, QuantisedLinear):
            weight, scales = self.base.codes, self.base.scales
        else:
            weight, scales = self.base.weight, None
        a, b, scale, dropout = self._pair()
        return product(x, weight, scales, self.base.bias, a, b, scale, dropout if self.training else 0.0)

    def _pair(self) -> tuple[Tensor, Tensor, float, float]:
        """The adapters in use as one: A stacked, B side by side and weighted. Dropout: the largest of theirs."""
        names = list(self.active)
        if len(names) == 1:
            name = names[0]
            return self.a[name], self.b[name], self.active[name] * self.scale(name), self.settings[name].dropout
        a = torch.cat([self.a[name] for name in names])
        b = torch.cat([self.active[name] * self.scale(name) * self.b[name] for name in names], dim=1)
        return a, b, 1.0, max(self.settings[name].dropout for name in names)

    def _with(self, delta: Tensor) -> nn.Linear:
        dtype = self.base.dtype if isinstance(self.base, QuantisedLinear) else self.base.weight.dtype
        weight = (self.base.weight.float() + delta).to(dtype)
        layer = nn.Linear(1, 1, bias=False, device="meta")
        layer.in_features, layer.out_features = self.base.in_features, self.base.out_features
        layer.weight = nn.Parameter(weight, requires_grad=False)
        layer.register_parameter("bias", self.base.bias)
        return layer.train(mode=self.training)


class LoraEmbedding(LoraLayer):
    """Row i of W, and Σ wᵢ·sᵢ·B·(column i of A). a: (rank, vocabulary); b: (width, rank). No dropout, as in PEFT."""

    base: nn.Embedding

    @property
    def weight(self) -> Tensor:
        """The base's own table, which a tied output layer shares."""
        return self.base.weight

    def forward(self, ids: Tensor) -> Tensor:
        """ids: (...) int64. Returns (..., width)."""
        rows = self.base(ids)
        if not self.merged:
            for name, weight in self.active.items():
                low = nn.functional.embedding(ids, self.a[name].mT) @ self.b[name].mT
                rows = rows + (low * (weight * self.scale(name))).to(rows.dtype)
        return rows

    def delta(self) -> Tensor:
        """(vocabulary, width): the other way round, as embeddings are stored."""
        return super().delta().mT

    def _with(self, delta: Tensor) -> nn.Embedding:
        weight = (self.base.weight.float() + delta).to(self.base.weight.dtype)
        table = nn.Embedding(self.base.num_embeddings, self.base.embedding_dim, _weight=weight, _freeze=True)
        return table.train(mode=self.training)


def fresh(base: nn.Linear | QuantisedLinear, rank: int) -> tuple[nn.Parameter, nn.Parameter]:
    """A uniform in ±1/√in, as PyTorch's linear layers begin, and B zero: B·A begins at zero. In FP32."""
    device = base.weight.device if isinstance(base, nn.Linear) else base.codes.device
    a = torch.empty(rank, base.in_features, device=device)
    nn.init.kaiming_uniform_(a, a=math.sqrt(5))
    return nn.Parameter(a), nn.Parameter(torch.zeros(base.out_features, rank, device=device))


def fresh_embedding(base: nn.Embedding, rank: int) -> tuple[nn.Parameter, nn.Parameter]:
    """A zero, B normal: a token's addition begins at zero and grows when the token is seen. In FP32."""
    device = base.weight.device
    a = torch.zeros(rank, base.num_embeddings, device=device)
    return nn.Parameter(a), nn.Parameter(torch.randn(base.embedding_dim, rank, device=device))


def submodules(model: nn.Module) -> list[tuple[str, nn.Module]]:
    """Every module inside the model by its path; a list, so that modules can be replaced on the way."""
    return list(cast("Iterator[tuple[str, nn.Module]]", model.named_modules()))
