"""What PEFT, and the checkpoints beneath it, call the layers that are ``blocks.0.attention.query`` here."""

import re
from collections.abc import Iterator, Mapping
from typing import cast

from torch import nn

from openbook.train import lora
from openbook.train.lora_layer import LoraLayer
from openbook.train.lora_targets import EMBEDDINGS, LINEAR, BadLora

_LLAMA = {
    "embedding": "model.embed_tokens",
    "attention.query": "self_attn.q_proj",
    "attention.key": "self_attn.k_proj",
    "attention.value": "self_attn.v_proj",
    "attention.output": "self_attn.o_proj",
    "feed_forward.gate": "mlp.gate_proj",
    "feed_forward.up": "mlp.up_proj",
    "feed_forward.down": "mlp.down_proj",
}
_GPT2 = {
    "embedding": "transformer.wte",
    "position": "transformer.wpe",
    "attention.query": "attn.c_attn",
    "attention.key": "attn.c_attn",
    "attention.value": "attn.c_attn",
    "attention.output": "attn.c_proj",
    "feed_forward.up": "mlp.c_fc",
    "feed_forward.down": "mlp.c_proj",
}
_BERT = {
    "embedding": "embeddings.word_embeddings",
    "position": "embeddings.position_embeddings",
    "kind": "embeddings.token_type_embeddings",
    "pooler": "pooler.dense",
    "attention.query": "attention.self.query",
    "attention.key": "attention.self.key",
    "attention.value": "attention.self.value",
    "attention.output": "attention.output.dense",
    "feed_forward.up": "intermediate.dense",
    "feed_forward.down": "output.dense",
}
_FAMILIES = {
    "llama": (_LLAMA, "model.layers"),
    "gpt2": (_GPT2, "transformer.h"),
    "bert": (_BERT, "encoder.layer"),
}
WRAPPERS = ("bert.", "model.", "transformer.")  # what a task model puts before, and a bare model leaves out


def short_names(model: nn.Module, chosen: list[str]) -> list[str]:
    """Names as a person would list them, where ending in them selects these layers and no others; else whole paths."""
    every = {theirs for _, theirs in pairs_of_paths(model, adaptable(model))}
    for length in (1, 2, 3):
        endings = dict.fromkeys(".".join(theirs.split(".")[-length:]) for theirs in chosen)
        selected = {t for t in every if any(t == e or t.endswith("." + e) for e in endings)}
        if selected == set(chosen) and not any(ending[0].isdigit() for ending in endings):
            return list(endings)
    return chosen


def pairs_of_paths(model: nn.Module, paths: Mapping[str, object]) -> Iterator[tuple[str, str]]:
    """Our path and PEFT's, for each of ours, layers in order and query before key before value."""
    table, stem = _FAMILIES[family_of(model)]
    for path in paths:
        found = re.fullmatch(r"(?:.*\.)?blocks\.(\d+)\.(.+)", path)
        inner = found[2] if found else path.rpartition(".")[2]
        if inner in table:
            yield path, f"{stem}.{found[1]}.{table[inner]}" if found else table[inner]


def our_paths(model: nn.Module, theirs: str) -> list[str]:
    return [path for path, other in pairs_of_paths(model, adaptable(model)) if other == theirs]


def adaptable(model: nn.Module) -> dict[str, nn.Module]:
    return lora.targeted(model, (*LINEAR, *EMBEDDINGS))


def family_of(model: nn.Module) -> str:
    """Which of the three layouts: that of the model, or of the one trunk inside it."""
    for module in model.modules():
        config = getattr(module, "config", None)
        if config is not None:
            family = getattr(config, "family", "bert")
            return family if family in _FAMILIES else "llama"
    raise BadLora("this model says nothing of its shape: adapters can be saved for a Decoder or an Encoder")


def shape_of(module: nn.Module) -> tuple[int, int]:
    """(rows of B, columns of A) of the layer."""
    base = module.base if isinstance(module, LoraLayer) else module
    if isinstance(base, nn.Embedding):
        return base.embedding_dim, base.num_embeddings
    return cast("int", base.out_features), cast("int", base.in_features)
