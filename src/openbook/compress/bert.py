"""A BERT encoder's weights, by the names of the paper rather than of the checkpoint."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from openbook.compress.quantise import Array
from openbook.errors import OpenbookError


@dataclass(frozen=True, slots=True)
class Norm:
    """Layer normalisation: gamma and beta, each (hidden,)."""

    gamma: Array
    beta: Array


@dataclass(frozen=True, slots=True)
class Linear:
    """y = x @ weight + bias. weight: (in, out), the transpose of torch's; bias: (out,)."""

    weight: Array
    bias: Array


@dataclass(frozen=True, slots=True)
class Layer:
    """One transformer layer. qkv: (hidden, 3 · hidden), query, key and value side by side."""

    qkv: Linear
    attention_output: Linear
    attention_norm: Norm
    up: Linear
    down: Linear
    output_norm: Norm


@dataclass(frozen=True, slots=True)
class Bert:
    """An encoder. words: (vocabulary, hidden); positions: (window, hidden), with the embedding of segment 0 added."""

    words: Array
    positions: Array
    embedding_norm: Norm
    layers: tuple[Layer, ...]
    heads: int
    epsilon: float

    @property
    def hidden(self) -> int:
        return int(self.words.shape[1])


@dataclass(frozen=True, slots=True)
class NamedTensors:
    """torch's tensors by name, as the parts of a model; what, remedy: said where one is missing (OpenbookError)."""

    tensors: Mapping[str, Array]
    what: str
    remedy: str

    def tensor(self, name: str) -> Array:
        if name not in self.tensors:
            raise OpenbookError(f"these weights are not {self.what}: they have no tensor {name}; {self.remedy}")
        return np.asarray(self.tensors[name], dtype=np.float32)

    def linear(self, *names: str) -> Linear:
        """The layers of these names, their outputs side by side."""
        weights = [self.tensor(f"{name}.weight").T for name in names]
        biases = [self.tensor(f"{name}.bias") for name in names]
        return Linear(np.ascontiguousarray(np.concatenate(weights, axis=1)), np.concatenate(biases))

    def norm(self, name: str) -> Norm:
        return Norm(self.tensor(f"{name}.weight"), self.tensor(f"{name}.bias"))


def read_bert(tensors: Mapping[str, Array], heads: int, epsilon: float, window: int) -> Bert:
    """The encoder in a Hugging Face ``BertModel`` checkpoint, its position table cut to ``window`` tokens.

    Raises OpenbookError where a tensor is missing.
    """

    named = NamedTensors(tensors, "a BERT encoder", "check the source")
    tensor, linear, norm = named.tensor, named.linear, named.norm

    def layer(prefix: str) -> Layer:
        return Layer(
            qkv=linear(*(f"{prefix}.attention.self.{part}" for part in ("query", "key", "value"))),
            attention_output=linear(f"{prefix}.attention.output.dense"),
            attention_norm=norm(f"{prefix}.attention.output.LayerNorm"),
            up=linear(f"{prefix}.intermediate.dense"),
            down=linear(f"{prefix}.output.dense"),
            output_norm=norm(f"{prefix}.output.LayerNorm"),
        )

    count = 1 + max((int(name.split(".")[2]) for name in tensors if name.startswith("encoder.layer.")), default=-1)
    positions = tensor("embeddings.position_embeddings.weight")
    if len(positions) < window:
        raise OpenbookError(f"these weights know {len(positions)} positions: set a window no larger, not {window}")
    return Bert(
        words=tensor("embeddings.word_embeddings.weight"),
        positions=positions[:window] + tensor("embeddings.token_type_embeddings.weight")[0],
        embedding_norm=norm("embeddings.LayerNorm"),
        layers=tuple(layer(f"encoder.layer.{index}") for index in range(count)),
        heads=heads,
        epsilon=epsilon,
    )
