"""Rotary angles: equal to transformers' for every way of stretching, and relative, which is their point."""

import pytest
import torch
from transformers import LlamaConfig
from transformers.models.llama.modeling_llama import LlamaRotaryEmbedding

from openbook.model.config import BadShape, DecoderConfig, RotaryScaling
from openbook.model.rotary import angles, frequencies, rotate

CONTEXT = 64
CASES = {
    "plain": (10_000.0, None, {"rope_type": "default"}),
    "other base": (500_000.0, None, {"rope_type": "default"}),
    "linear": (10_000.0, RotaryScaling("linear", 4.0), {"rope_type": "linear", "factor": 4.0}),
    "dynamic": (10_000.0, RotaryScaling("dynamic", 3.0, CONTEXT), {"rope_type": "dynamic", "factor": 3.0}),
    "llama3": (
        500_000.0,
        RotaryScaling("llama3", 8.0, 32, low=1.0, high=4.0),
        {"rope_type": "llama3", "factor": 8.0, "low_freq_factor": 1.0, "high_freq_factor": 4.0,
         "original_max_position_embeddings": 32},
    ),
    "llama3, real sizes": (
        500_000.0,
        RotaryScaling("llama3", 32.0, 8192),
        {"rope_type": "llama3", "factor": 32.0, "low_freq_factor": 1.0, "high_freq_factor": 4.0,
         "original_max_position_embeddings": 8192},
    ),
    "yarn": (
        10_000.0,
        RotaryScaling("yarn", 4.0, 32),
        {"rope_type": "yarn", "factor": 4.0, "original_max_position_embeddings": 32},
    ),
    "yarn, all said": (
        1_000_000.0,
        RotaryScaling("yarn", 4.0, 32768, low=2.0, high=24.0, attention=1.3, truncate=False),
        {"rope_type": "yarn", "factor": 4.0, "original_max_position_embeddings": 32768, "beta_slow": 2.0,
         "beta_fast": 24.0, "attention_factor": 1.3, "truncate": False},
    ),
}  # fmt: skip


@pytest.mark.parametrize("head_dim", [8, 64, 128])
@pytest.mark.parametrize(("theta", "scaling", "parameters"), CASES.values(), ids=CASES.keys())
def test_angles_equal_those_of_transformers(
    theta: float, scaling: RotaryScaling | None, parameters: dict[str, object], head_dim: int
) -> None:
    config = LlamaConfig(
        hidden_size=2 * head_dim, num_attention_heads=2, max_position_embeddings=CONTEXT,
        rope_parameters={"rope_theta": theta, **parameters},
    )  # fmt: skip
    rotary = LlamaRotaryEmbedding(config)
    for length in (1, CONTEXT, CONTEXT + 1, 3 * CONTEXT):  # dynamic scaling depends on it
        positions = torch.arange(length)[None]
        theirs = rotary(torch.zeros(1), positions)
        for ours, other in zip(angles(positions, head_dim, theta, scaling), theirs, strict=True):
            torch.testing.assert_close(ours, other, atol=1e-6, rtol=0)


def test_only_the_distance_counts() -> None:
    generator = torch.Generator().manual_seed(0)
    query, key = torch.randn(2, 1, 1, 1, 16, generator=generator)
    near, far = (
        rotate(query, *angles(torch.tensor([at + 5]), 16, 10_000.0))
        @ rotate(key, *angles(torch.tensor([at]), 16, 10_000.0)).mT
        for at in (0, 700)
    )
    torch.testing.assert_close(near, far, atol=1e-4, rtol=0)


def test_frequencies_by_hand() -> None:
    torch.testing.assert_close(frequencies(4, 100.0), torch.tensor([1.0, 0.1]))


def test_no_scaling_is_called_by_another_name() -> None:
    with pytest.raises(BadShape, match="longrope"):
        RotaryScaling("longrope", 2.0, 64)  # pyright: ignore[reportArgumentType]
    with pytest.raises(BadShape, match="original"):
        RotaryScaling("yarn", 2.0)
    with pytest.raises(BadShape, match="head_dim"):
        DecoderConfig(97, 4, 1, 2, 8, 64, scaling=RotaryScaling("dynamic", 2.0, 64))
