"""The shipped MiniLM as a trainable encoder: a pretrained backbone on any machine, without a download.

Its weights are those of the INT8 file, back in floats: near the released ones, not equal to them. Where the released
ones are at hand, ``checkpoint.load`` reads them.
"""

from pathlib import Path

import torch
from torch import Tensor

from openbook.compress.bert import Bert, Linear, Norm
from openbook.compress.minilm import SHIPPED
from openbook.compress.unquantised import unquantised
from openbook.model.config import EncoderConfig
from openbook.model.encoder import Encoder


def shipped_encoder(path: Path | None = None) -> Encoder:
    """The encoder of ``path``, a model.onnx that openbook made, by default the shipped one; in evaluation mode."""
    return encoder_of(unquantised(path or SHIPPED / "minilm" / "model.onnx"))


def encoder_of(bert: Bert) -> Encoder:
    """The same weights as one of our models. Token type 0 is within the positions already, so that its table is 0."""
    inner = bert.layers[0].up.bias.size
    encoder = Encoder(
        EncoderConfig(
            len(bert.words), bert.hidden, len(bert.layers), bert.heads, inner, len(bert.positions), epsilon=bert.epsilon
        )
    )
    state = {
        "embedding.weight": torch.tensor(bert.words),
        "position.weight": torch.tensor(bert.positions),
        "kind.weight": torch.zeros_like(encoder.kind.weight),
        **_norm("embedding_norm", bert.embedding_norm),
    }
    for index, layer in enumerate(bert.layers):
        block = f"blocks.{index}"
        for place, name in enumerate(("query", "key", "value")):
            columns = slice(place * bert.hidden, (place + 1) * bert.hidden)
            part = Linear(layer.qkv.weight[:, columns], layer.qkv.bias[columns])
            state |= _linear(f"{block}.attention.{name}", part)
        state |= _linear(f"{block}.attention.output", layer.attention_output)
        state |= _norm(f"{block}.attention_norm", layer.attention_norm)
        state |= _linear(f"{block}.feed_forward.up", layer.up)
        state |= _linear(f"{block}.feed_forward.down", layer.down)
        state |= _norm(f"{block}.feed_forward_norm", layer.output_norm)
    encoder.load_state_dict(state)
    return encoder.eval()


def _linear(name: str, linear: Linear) -> dict[str, Tensor]:
    """Ours are (out, in), as torch has them."""
    return {f"{name}.weight": torch.tensor(linear.weight.T), f"{name}.bias": torch.tensor(linear.bias)}


def _norm(name: str, norm: Norm) -> dict[str, Tensor]:
    return {f"{name}.weight": torch.tensor(norm.gamma), f"{name}.bias": torch.tensor(norm.beta)}
