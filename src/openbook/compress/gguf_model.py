"""A Llama-shaped decoder as GGUF has it: which of llama.cpp's architectures it is, its settings and its tensors.

llama.cpp turns neighbouring numbers of a head together in its ``llama`` architecture (the paper's layout) and halves
apart in Qwen's (Hugging Face's layout, and ours), so rows of query and key change places in the first. Mistral is a
``llama`` there.
"""

from collections.abc import Mapping
from typing import Literal, TypeAlias

import numpy as np

from openbook.compress.checkpoint_weights import Weights
from openbook.compress.gguf_format import GgufTensor, Kind, boolean, float32, string, uint32
from openbook.compress.q8_0 import BLOCK
from openbook.compress.quantise import Array
from openbook.model.config import BadCheckpoint, DecoderConfig, RotaryScaling
from openbook.model.stretch import llama3

Architecture: TypeAlias = Literal["llama", "qwen2", "qwen3"]

_NAMES = {
    "embedding": "token_embd",
    "norm": "output_norm",
    "unembedding": "output",
    "attention_norm": "attn_norm",
    "attention.query": "attn_q",
    "attention.key": "attn_k",
    "attention.value": "attn_v",
    "attention.output": "attn_output",
    "attention.query_norm": "attn_q_norm",
    "attention.key_norm": "attn_k_norm",
    "feed_forward_norm": "ffn_norm",
    "feed_forward.gate": "ffn_gate",
    "feed_forward.up": "ffn_up",
    "feed_forward.down": "ffn_down",
}


def architecture_of(config: DecoderConfig) -> Architecture:
    """Raises BadCheckpoint where llama.cpp has none that computes what this model computes."""
    if config.positions != "rotary" or config.norm != "rms" or config.activation != "swiglu":
        raise BadCheckpoint(f"a model of the shape of {config.family} cannot become GGUF: Llama, Mistral and Qwen can")
    architecture: Architecture = "llama"
    if config.query_key_norm:
        architecture = "qwen3"
    elif config.family == "qwen2":
        architecture = "qwen2"
    more_biases = config.bias_attention_out or config.bias_feed_forward
    if architecture != "llama" and (more_biases or (architecture == "qwen3" and config.bias_attention_in)):
        raise BadCheckpoint(f"llama.cpp's {architecture} has no such biases as this model: export with --to hf")
    if architecture == "qwen2" and config.head_dim * config.heads != config.width:
        raise BadCheckpoint("llama.cpp's qwen2 needs heads of width / heads, which this model has not: use --to hf")
    if config.scaling is not None and not _can_stretch(config.scaling, architecture):
        raise BadCheckpoint(
            f"llama.cpp does not stretch positions as this model does ({config.scaling.kind}): export with --to hf"
        )
    return architecture


def settings_of(config: DecoderConfig) -> dict[str, bytes]:
    """What llama.cpp must know of the shape. Raises BadCheckpoint."""
    name = architecture_of(config)
    own = {
        "vocab_size": uint32(config.vocabulary),
        "context_length": uint32(reach(config)),
        "embedding_length": uint32(config.width),
        "block_count": uint32(config.layers),
        "feed_forward_length": uint32(config.inner),
        "attention.head_count": uint32(config.heads),
        "attention.head_count_kv": uint32(config.key_value_heads),
        "attention.key_length": uint32(config.head_dim),
        "attention.value_length": uint32(config.head_dim),
        "attention.layer_norm_rms_epsilon": float32(config.epsilon),
        "rope.dimension_count": uint32(config.head_dim),
        "rope.freq_base": float32(config.theta),
        **_stretched(config.scaling),
    }
    return {"general.architecture": string(name), **{f"{name}.{key}": value for key, value in own.items()}}


def reach(config: DecoderConfig) -> int:
    """Tokens up to which llama.cpp says the same: it has no sliding window in these architectures, and up to its length
    a window shuts nothing out."""
    return config.context if config.window is None else min(config.context, config.window)


def tensors_of(config: DecoderConfig, weights: Weights, kind: Kind) -> list[GgufTensor]:
    """Matrices in ``kind``, vectors in FP32; for Q8_0, matrices whose rows are no whole blocks in FP16."""
    turned = architecture_of(config) == "llama"
    heads = {"attention.query": config.heads, "attention.key": config.key_value_heads} if turned else {}
    found = [_tensor(name, shape, weights, heads, kind) for name, shape in weights.shapes.items()]
    scaling = config.scaling
    if scaling is not None and scaling.kind == "llama3":
        found.append(GgufTensor("rope_freqs.weight", (config.head_dim // 2,), "f32", lambda: _slower(config, scaling)))
    return found


def interleaved(weight: Array, heads: int) -> Array:
    """Rows (or a bias) of each head from halves apart to neighbours: i and i + d/2 become 2i and 2i + 1."""
    halves = weight.reshape(heads, 2, -1, *weight.shape[1:])
    return np.ascontiguousarray(halves.swapaxes(1, 2)).reshape(weight.shape)


def _tensor(name: str, shape: tuple[int, ...], weights: Weights, heads: Mapping[str, int], kind: Kind) -> GgufTensor:
    module, _, what = name.rpartition(".")
    within = module.split(".", 2)[2] if module.startswith("blocks.") else module
    theirs = f"{_NAMES[within]}.{what}"
    if module.startswith("blocks."):
        theirs = f"blk.{module.split('.')[1]}.{theirs}"
    if len(shape) == 1:
        kind = "f32"
    elif kind == "q8_0" and shape[-1] % BLOCK:
        kind = "f16"

    def read() -> Array:
        array = weights[name]
        return interleaved(array, heads[within]) if within in heads else array

    return GgufTensor(theirs, shape, kind, read)


def _can_stretch(scaling: RotaryScaling, architecture: Architecture) -> bool:
    if scaling.kind == "llama3":
        return architecture == "llama"  # the only one that reads rope_freqs
    plain_yarn = RotaryScaling("yarn", scaling.factor, max(scaling.original, 1))
    return scaling.kind == "linear" or (scaling.kind == "yarn" and scaling == plain_yarn)


def _stretched(scaling: RotaryScaling | None) -> dict[str, bytes]:
    if scaling is None or scaling.kind == "llama3":
        return {}
    found = {"rope.scaling.type": string(scaling.kind), "rope.scaling.factor": float32(scaling.factor)}
    if scaling.kind == "yarn":
        found["rope.scaling.original_context_length"] = uint32(scaling.original)
        found["rope.scaling.finetuned"] = boolean(True)
    return found


def _slower(config: DecoderConfig, scaling: RotaryScaling) -> Array:
    """By how much each frequency is divided, (head_dim / 2,)."""
    turning = config.theta ** (-np.arange(0, config.head_dim, 2, dtype=np.float64) / config.head_dim)
    return np.asarray(turning / llama3(turning, scaling), dtype=np.float32)
