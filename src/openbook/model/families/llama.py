"""Llama (Touvron et al. 2023), and what Mistral and Qwen have in common with it."""

import re
from collections.abc import Collection
from typing import Any

from openbook.model.config import BadShape, DecoderConfig
from openbook.model.families.family import Family
from openbook.model.families.fields import Fields
from openbook.model.families.rope import read_rope, write_rope
from openbook.values import Json

MODULES = {
    "embedding": "embed_tokens",
    "blocks": "layers",
    "attention_norm": "input_layernorm",
    "attention.query": "self_attn.q_proj",
    "attention.key": "self_attn.k_proj",
    "attention.value": "self_attn.v_proj",
    "attention.output": "self_attn.o_proj",
    "attention.query_norm": "self_attn.q_norm",
    "attention.key_norm": "self_attn.k_norm",
    "feed_forward_norm": "post_attention_layernorm",
    "feed_forward.gate": "mlp.gate_proj",
    "feed_forward.up": "mlp.up_proj",
    "feed_forward.down": "mlp.down_proj",
    "norm": "norm",
}
IGNORED = re.compile(r".*\.rotary_emb\.inv_freq")  # older files store what can be computed


def read_shared(fields: Fields, **own: Any) -> DecoderConfig:
    """The configuration from the keys that all of them share, and what the family adds."""
    fields.one_of("hidden_act", ("silu", "swish"), "silu")
    theta, scaling, context = read_rope(fields)
    heads = fields.integer("num_attention_heads")
    vocabulary = fields.integer("vocab_size")
    shared: dict[str, Any] = {
        "vocabulary": vocabulary,
        "width": fields.integer("hidden_size"),
        "layers": fields.integer("num_hidden_layers"),
        "heads": heads,
        "inner": fields.integer("intermediate_size"),
        "context": context,
        "key_value_heads": fields.integer("num_key_value_heads", heads),
        "head_dim": fields.integer("head_dim", 0, low=0),
        "theta": theta,
        "scaling": scaling,
        "epsilon": fields.number("rms_norm_eps", 1e-6),
        "tied": fields.flag("tie_word_embeddings", False),
        "dropout": fields.number("attention_dropout", 0.0),
        "begin": fields.token("bos_token_id", vocabulary),
        "ends": fields.tokens("eos_token_id", vocabulary),
        "padding": fields.token("pad_token_id", vocabulary),
    }
    return DecoderConfig(**(shared | own))


def write_shared(config: DecoderConfig) -> dict[str, Json]:
    """The keys that all of them share."""
    return {
        "vocab_size": config.vocabulary,
        "hidden_size": config.width,
        "intermediate_size": config.inner,
        "num_hidden_layers": config.layers,
        "num_attention_heads": config.heads,
        "num_key_value_heads": config.key_value_heads,
        "head_dim": config.head_dim,
        "hidden_act": "silu",
        "rms_norm_eps": config.epsilon,
        "tie_word_embeddings": config.tied,
        "attention_dropout": config.dropout,
        "bos_token_id": config.begin,
        "eos_token_id": ends(config),
        "pad_token_id": config.padding,
        **write_rope(config),
    }


def ends(config: DecoderConfig) -> Json:
    """As config.json has it: nothing, one id, or a list."""
    return list(config.ends) if len(config.ends) > 1 else next(iter(config.ends), None)


def _read(fields: Fields, _: Collection[str]) -> DecoderConfig:
    bias = fields.flag("attention_bias", False)
    return read_shared(
        fields,
        family="llama",
        bias_attention_in=bias,
        bias_attention_out=bias,
        bias_feed_forward=fields.flag("mlp_bias", False),
    )


def _write(config: DecoderConfig) -> dict[str, Json]:
    if config.width % config.heads:
        raise BadShape("transformers refuses a Llama whose width is no multiple of its heads, even with a head_dim")
    return write_shared(config) | {
        "attention_bias": config.bias_attention_in,
        "mlp_bias": config.bias_feed_forward,
    }


LLAMA = Family("llama", "LlamaForCausalLM", _read, _write, MODULES, "model.", "lm_head", ignored=IGNORED)
