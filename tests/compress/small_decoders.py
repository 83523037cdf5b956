"""Small decoders with random weights, one for each corner of the families, and a tokenizer beside them."""

from dataclasses import replace
from pathlib import Path

import torch

from openbook.model import Decoder, DecoderConfig, RotaryScaling
from openbook.model.checkpoint import save

LLAMA = DecoderConfig(vocabulary=300, width=64, layers=2, heads=4, inner=96, context=64, key_value_heads=2)
SHAPES = {
    "llama": LLAMA,
    "untied": replace(LLAMA, tied=False),
    "biases": replace(LLAMA, bias_attention_in=True, bias_attention_out=True, bias_feed_forward=True),
    "mistral": replace(LLAMA, window=8, family="mistral"),
    "qwen2": replace(LLAMA, bias_attention_in=True, family="qwen2"),
    "qwen2, windows in some layers": replace(LLAMA, bias_attention_in=True, window=8, windowed=(1,), family="qwen2"),
    "qwen3": replace(LLAMA, query_key_norm=True, head_dim=32, family="qwen3"),
    "llama 3.1": replace(LLAMA, scaling=RotaryScaling("llama3", 8.0, 16), theta=500_000.0),
    "yarn": replace(LLAMA, scaling=RotaryScaling("yarn", 4.0, 16)),
    "linear": replace(LLAMA, scaling=RotaryScaling("linear", 2.0)),
}


def made(folder: Path, config: DecoderConfig, tokenizer: Path, dtype: torch.dtype = torch.float32) -> Decoder:
    torch.manual_seed(0)
    model = Decoder(config).eval()
    for name, parameter in model.named_parameters():  # norms and biases that do something
        if parameter.ndim == 1:
            torch.nn.init.normal_(parameter, mean=float("norm" in name), std=0.3)
        else:
            torch.nn.init.normal_(parameter, std=0.15)
    save(folder, model.to(dtype))
    (folder / "tokenizer.json").write_bytes(tokenizer.read_bytes())
    return model.float()
