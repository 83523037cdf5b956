"""What fixes a model's shape: two frozen dataclasses, checked when they are made."""

from dataclasses import dataclass, field
from typing import Literal

from openbook.errors import OpenbookError

Activation = Literal["swiglu", "gelu", "gelu_tanh"]


class BadShape(OpenbookError):
    """Numbers that do not make a model, or tensors that do not fit one."""


@dataclass(frozen=True, slots=True)
class RotaryScaling:
    """How rotary frequencies are stretched for contexts longer than trained on; the equations are in ``rotary.py``.

    original: the context trained on, in tokens. low, high: llama3's frequency factors, or YaRN's slow and fast betas.
    attention: YaRN's factor on cos and sin, or None for its default of 0.1 ln(factor) + 1.
    """

    kind: Literal["linear", "dynamic", "llama3", "yarn"]
    factor: float
    original: int
    low: float = 1.0
    high: float = 4.0
    attention: float | None = None


@dataclass(frozen=True, slots=True)
class DecoderConfig:
    """A causal language model: Llama's shape by default; GPT-2's with learned positions, layer norm, GELU and biases.

    width: of the residual stream. inner: of the feed-forward layer. context: the most positions in one pass.
    window: how far back a layer may look, for the layers in ``windowed`` (None: all of them).
    query_key_norm: an RMS norm on every query and key head (Qwen3). tied: output weights are the embedding's.
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
    family: str = field(default="llama", compare=False)  # whose layout a checkpoint is written in

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
        if self.window is not None and self.window < 1:
            raise BadShape(f"window ({self.window}) must be at least 1")
        if not 0 <= self.dropout < 1:
            raise BadShape(f"dropout ({self.dropout}) must lie in 0 to 1")

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
