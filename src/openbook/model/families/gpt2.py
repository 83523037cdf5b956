"""GPT-2 (Radford et al. 2019): learned positions, layer norms, GELU, biases everywhere.

Its linear layers are stored (in, out), and query, key and value side by side as one.
"""

import re
from collections.abc import Collection
from typing import Any

from openbook.model.config import Activation, DecoderConfig
from openbook.model.families.family import Family
from openbook.model.families.fields import Fields
from openbook.model.families.llama import ends
from openbook.values import Json

GELU_NAMES: dict[str, Activation] = {"gelu_new": "gelu_tanh", "gelu_pytorch_tanh": "gelu_tanh", "gelu": "gelu"}
"""What config.json calls the exact function and its tanh approximation; the first name of each is the one we write."""

_MODULES = {
    "embedding": "wte",
    "position": "wpe",
    "blocks": "h",
    "attention_norm": "ln_1",
    "attention.query": "attn.c_attn",
    "attention.key": "attn.c_attn",
    "attention.value": "attn.c_attn",
    "attention.output": "attn.c_proj",
    "feed_forward_norm": "ln_2",
    "feed_forward.up": "mlp.c_fc",
    "feed_forward.down": "mlp.c_proj",
    "norm": "ln_f",
}


def _read(fields: Fields, _: Collection[str]) -> DecoderConfig:
    fields.refuse("scale_attn_weights", True)
    fields.refuse("scale_attn_by_inverse_layer_idx", False)
    fields.refuse("add_cross_attention", False)
    width, vocabulary = fields.integer("n_embd"), fields.integer("vocab_size")
    own: dict[str, Any] = {f"bias_{part}": True for part in ("attention_in", "attention_out", "feed_forward")}
    return DecoderConfig(
        vocabulary=vocabulary,
        width=width,
        layers=fields.integer("n_layer"),
        heads=fields.integer("n_head"),
        inner=fields.integer("n_inner", 4 * width),
        context=fields.integer("n_positions"),
        positions="learned",
        norm="layer",
        epsilon=fields.number("layer_norm_epsilon", 1e-5),
        activation=GELU_NAMES[fields.one_of("activation_function", tuple(GELU_NAMES), "gelu_new")],
        tied=fields.flag("tie_word_embeddings", True),
        dropout=fields.number("resid_pdrop", 0.1),
        begin=fields.token("bos_token_id", vocabulary),
        ends=fields.tokens("eos_token_id", vocabulary),
        padding=fields.token("pad_token_id", vocabulary),
        family="gpt2",
        **own,
    )


def _write(config: DecoderConfig) -> dict[str, Json]:
    named = {ours: theirs for theirs, ours in reversed(GELU_NAMES.items())}
    return {
        "vocab_size": config.vocabulary,
        "n_embd": config.width,
        "n_layer": config.layers,
        "n_head": config.heads,
        "n_inner": config.inner,
        "n_positions": config.context,
        "n_ctx": config.context,
        "layer_norm_epsilon": config.epsilon,
        "activation_function": named.get(config.activation),
        "tie_word_embeddings": config.tied,
        "resid_pdrop": config.dropout,
        "embd_pdrop": config.dropout,
        "attn_pdrop": config.dropout,
        "bos_token_id": config.begin,
        "eos_token_id": ends(config),
        "pad_token_id": config.padding,
    }


GPT2 = Family(
    "gpt2",
    "GPT2LMHeadModel",
    _read,
    _write,
    _MODULES,
    "transformer.",
    "lm_head",
    turned=True,
    ignored=re.compile(r"(transformer\.)?h\.\d+\.attn\.(masked_)?bias"),
)
