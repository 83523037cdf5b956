"""BERT (Devlin et al. 2018) and what is built like it: MiniLM, and most sentence encoders."""

import re
from collections.abc import Collection

from openbook.model.config import EncoderConfig
from openbook.model.families.family import Family
from openbook.model.families.fields import Fields
from openbook.model.families.gpt2 import GELU_NAMES
from openbook.values import Json

_MODULES = {
    "embedding": "embeddings.word_embeddings",
    "position": "embeddings.position_embeddings",
    "kind": "embeddings.token_type_embeddings",
    "embedding_norm": "embeddings.LayerNorm",
    "blocks": "encoder.layer",
    "attention.query": "attention.self.query",
    "attention.key": "attention.self.key",
    "attention.value": "attention.self.value",
    "attention.output": "attention.output.dense",
    "attention_norm": "attention.output.LayerNorm",
    "feed_forward.up": "intermediate.dense",
    "feed_forward.down": "output.dense",
    "feed_forward_norm": "output.LayerNorm",
    "pooler": "pooler.dense",
}


def _read(fields: Fields, names: Collection[str]) -> EncoderConfig:
    fields.refuse("position_embedding_type", "absolute")
    fields.refuse("is_decoder", False)
    fields.refuse("add_cross_attention", False)
    return EncoderConfig(
        vocabulary=fields.integer("vocab_size"),
        width=fields.integer("hidden_size"),
        layers=fields.integer("num_hidden_layers"),
        heads=fields.integer("num_attention_heads"),
        inner=fields.integer("intermediate_size"),
        context=fields.integer("max_position_embeddings"),
        kinds=fields.integer("type_vocab_size", 2),
        epsilon=fields.number("layer_norm_eps", 1e-12),
        activation=GELU_NAMES[fields.one_of("hidden_act", tuple(GELU_NAMES), "gelu")],
        pooler=any(name.endswith("pooler.dense.weight") for name in names),
        dropout=fields.number("hidden_dropout_prob", 0.1),
    )


def _write(config: EncoderConfig) -> dict[str, Json]:
    named = {ours: theirs for theirs, ours in reversed(GELU_NAMES.items())}
    return {
        "vocab_size": config.vocabulary,
        "hidden_size": config.width,
        "num_hidden_layers": config.layers,
        "num_attention_heads": config.heads,
        "intermediate_size": config.inner,
        "max_position_embeddings": config.context,
        "type_vocab_size": config.kinds,
        "layer_norm_eps": config.epsilon,
        "hidden_act": named.get(config.activation),
        "hidden_dropout_prob": config.dropout,
        "attention_probs_dropout_prob": config.dropout,
        "position_embedding_type": "absolute",
    }


BERT = Family(
    "bert",
    "BertModel",
    _read,
    _write,
    _MODULES,
    "bert.",
    written=False,
    renamed=((r"\.LayerNorm\.gamma$", ".LayerNorm.weight"), (r"\.LayerNorm\.beta$", ".LayerNorm.bias")),
    ignored=re.compile(r"(bert\.)?embeddings\.position_ids|(cls|classifier|qa_outputs|dropout)\..*"),
)
