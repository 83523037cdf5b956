"""What fixes a model's shape: two frozen dataclasses, checked when they are made."""

import math
from dataclasses import dataclass, field
from typing import Literal, get_args

from openbook.errors import OpenbookError

Activation = Literal["swiglu", "gelu", "gelu_tanh"]
_Stretch = Literal["linear", "dynamic", "llama3", "yarn"]


class BadShape(OpenbookError):
    """Numbers that do not make a model, or tensors that do not fit one."""


class BadCheckpoint(OpenbookError):
    """A checkpoint that cannot be read, or a model that cannot be written as one."""


@dataclass(frozen=True, slots=True)
class RotaryScaling:
    """How rotary frequencies are stretched for contexts longer than trained on; the equations are in ``rotary.py``.

    original: the context trained on, in tokens; of no meaning for linear. low, high: llama3's frequency factors (by
    default 1 and 4), or YaRN's slow and fast betas (1 and 32). attention: YaRN's factor on cosine and sine, or None
    for its default of 0.1 ln(factor) + 1. truncate: YaRN's bounds are whole dimensions.
    """

    kind: _Stretch
    factor: float
    original: int = 0
    low: float = 1.0
    high: float = 0.0  # 0: the default of the kind
    attention: float | None = None
    truncate: bool = True

    def __post_init__(self) -> None:
        if self.kind not in get_args(_Stretch):
            raise BadShape(f"there is no rotary scaling {self.kind!r}: use one of {', '.join(get_args(_Stretch))}")
        if not self.high:
            object.__setattr__(self, "high", 32.0 if self.kind == "yarn" else 4.0)
        if self.kind != "linear":
            _positive(self, "original")
        if not 0 < self.factor < math.inf:
            raise BadShape(f"rotary scaling factor ({self.factor}) must be above 0")
        if not 0 < self.low < self.high < math.inf:
            raise BadShape(f"rotary scaling needs 0 < low ({self.low}) < high ({self.high})")
        if self.attention is not None and not 0 < self.attention < math.inf:
            raise BadShape(f"rotary scaling attention ({self.attention}) must be above 0")


@dataclass(frozen=True, slots=True)
class DecoderConfig:
    """A causal language model: Llama's shape by default; GPT-2's with learned positions, layer norm, GELU and biases.

    width: of the residual stream. inner: of the feed-forward layer. context: the most positions in one pass.
    window: how far back a layer may look, for the layers in ``windowed`` (None: all of them).
    query_key_norm: an RMS norm on every query and key head (Qwen3). tied: output weights are the embedding's.
    begin, ends, padding: the ids by which a text begins and may end, and that fill a row, where the model has them.
    """

    vocabulary: int
    width: int
    layers: int
    heads: int
    inner: int
    context: int
    key_value_heads: int = 0  # 0: as many as heads
    head_dim: int = 0  # 0: width / heads
    positions: Literal["rotary", "learned"] = "rotary"
    theta: float = 10_000.0
    scaling: RotaryScaling | None = None
    norm: Literal["rms", "layer"] = "rms"
    epsilon: float = 1e-5
    activation: Activation = "swiglu"
    tied: bool = True
    bias_attention_in: bool = False
    bias_attention_out: bool = False
    bias_feed_forward: bool = False
    query_key_norm: bool = False
    window: int | None = None
    windowed: tuple[int, ...] | None = None
    dropout: float = 0.0
    begin: int | None = None
    ends: tuple[int, ...] = ()
    padding: int | None = None
    family: str = field(default="llama", compare=False)  # whose layout a checkpoint is written in, where it can be

    def __post_init__(self) -> None:
        if not self.head_dim:
            object.__setattr__(self, "head_dim", self.width // max(self.heads, 1))
        if not self.key_value_heads:
            object.__setattr__(self, "key_value_heads", self.heads)
        _positive(self, "vocabulary", "width", "layers", "heads", "inner", "context", "key_value_heads", "head_dim")
        if self.heads % self.key_value_heads:
            raise BadShape(f"heads ({self.heads}) must be a multiple of key_value_heads ({self.key_value_heads})")
        if self.positions == "rotary" and self.head_dim % 2:
            raise BadShape(f"head_dim ({self.head_dim}) must be even for rotary positions")
        if self.scaling is not None and self.scaling.kind == "dynamic" and self.head_dim < 4:
            raise BadShape(f"head_dim ({self.head_dim}) must be at least 4 for dynamic rotary scaling")
        if not (1 < self.theta < math.inf and 0 < self.epsilon < 1):
            raise BadShape(f"theta ({self.theta}) must be above 1, and epsilon ({self.epsilon}) lie in 0 to 1")
        self._check_windows()
        if not 0 <= self.dropout < 1:
            raise BadShape(f"dropout ({self.dropout}) must lie in 0 to 1")

    def _check_windows(self) -> None:
        """One way to say each thing: no window without layers, and all layers are None."""
        if self.window is not None and self.window < 1:
            raise BadShape(f"window ({self.window}) must be at least 1")
        if self.windowed is None:
            return
        layers = tuple(sorted(set(self.windowed))) if self.window is not None else ()
        if layers and not 0 <= layers[0] <= layers[-1] < self.layers:
            raise BadShape(f"windowed names a layer outside 0 to {self.layers - 1}")
        object.__setattr__(self, "window", self.window if layers else None)
        object.__setattr__(self, "windowed", layers if 0 < len(layers) < self.layers else None)

    def window_of(self, layer: int) -> int | None:
        """How far back this layer may look, or None for the whole past."""
        return self.window if self.windowed is None or layer in self.windowed else None


@dataclass(frozen=True, slots=True)
class EncoderConfig:
    """A bidirectional encoder of BERT's shape: learned positions, token kinds, norm after each residual sum."""

    vocabulary: int
    width: int
    layers: int
    heads: int
    inner: int
    context: int
    kinds: int = 2  # BERT's token types
    epsilon: float = 1e-12
    activation: Activation = "gelu"
    pooler: bool = False  # BERT's tanh layer over [CLS]
    dropout: float = 0.0

    def __post_init__(self) -> None:
        _positive(self, "vocabulary", "width", "layers", "heads", "inner", "context", "kinds")
        if self.width % self.heads:
            raise BadShape(f"width ({self.width}) must be a multiple of heads ({self.heads})")
        if not 0 <= self.dropout < 1:
            raise BadShape(f"dropout ({self.dropout}) must lie in 0 to 1")


def _positive(config: object, *names: str) -> None:
    for name in names:
        value = getattr(config, name)
        if value < 1:
            raise BadShape(f"{name} ({value}) must be at least 1")
