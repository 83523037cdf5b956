"""One small model here and in transformers with PEFT: what is done to both, and what both give.

Models of random weights that transformers writes and both sides read, in FP32 and without dropout.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from openbook.model import Decoder, checkpoint

RANK, ALPHA = 4, 8
TIED = {"tie_word_embeddings": True}
KEYS: Mapping[str, Mapping[str, Any]] = {
    "llama": TIED,
    "qwen2": TIED,
    "qwen3": TIED | {"head_dim": 16},
    "gpt2": {"resid_pdrop": 0.0, "embd_pdrop": 0.0, "attn_pdrop": 0.0},
    "bert": {"hidden_dropout_prob": 0.0, "attention_probs_dropout_prob": 0.0},
}

TARGETS = {
    "llama": ["q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj", "embed_tokens",
              "all-linear"],
    "qwen2": ["q_proj", "all-linear"],
    "qwen3": ["q_proj", "all-linear"],
    "gpt2": ["c_attn", "attn.c_proj", "c_fc", "mlp.c_proj", "c_proj", "wte", "wpe", "all-linear"],
    "bert": ["query", "key", "value", "attention.output.dense", "intermediate.dense", "output.dense", "pooler.dense",
             "word_embeddings", "position_embeddings", "token_type_embeddings", "all-linear"],
}  # fmt: skip
"""By family: what PEFT calls the layers that an adapter is for."""


@dataclass(frozen=True, slots=True)
class Twins:
    """One model here and in transformers, in evaluation mode."""

    ours: Any
    theirs: Any


def twins(family: str, place: Path) -> Twins:
    """The checkpoint of a family that transformers writes and reads, read here too."""
    from transformers import BertModel

    from benchmarks.parity_models import Case, make

    theirs = make(Case(family, "small", KEYS[family], body=BertModel if family == "bert" else None), place)
    return Twins(checkpoint.load(place, dtype=torch.float32)[0].eval(), theirs)


def adapted(theirs: Any, target: str, *, stabilised: bool) -> Any:
    """Their model with a new adapter of PEFT's."""
    from peft import LoraConfig as TheirConfig
    from peft import get_peft_model

    family = theirs.config.model_type
    config = TheirConfig(
        r=RANK,
        lora_alpha=ALPHA,
        target_modules=target if target == "all-linear" else [target],
        use_rslora=stabilised,
        fan_in_fan_out=family == "gpt2" and target not in ("wte", "wpe"),
        task_type=None if family == "bert" else "CAUSAL_LM",
    )
    torch.manual_seed(0)
    return get_peft_model(theirs, config)


def outputs(ours: Any, ids: Tensor) -> Tensor:
    """Logits of a decoder; hidden states of an encoder, and the pooled row after them."""
    hidden = ours(ids)
    return ours.logits(hidden) if isinstance(ours, Decoder) else torch.cat([hidden, ours.pooled(hidden)[:, None]], 1)


def their_outputs(theirs: Any, ids: Tensor) -> Tensor:
    found = theirs(input_ids=ids)
    return found.logits if "logits" in found else torch.cat([found[0], found.pooler_output[:, None]], 1)


def shake(model: nn.Module) -> None:
    """Every adapter away from where it began, so that B·A is not zero."""
    torch.manual_seed(1)
    for parameter in model.parameters():
        if parameter.requires_grad:
            nn.init.normal_(parameter, std=0.1)


def some_ids(seed: int) -> Tensor:
    """(3, 11) of the models' vocabulary."""
    from benchmarks.parity_models import VOCABULARY

    return torch.randint(VOCABULARY, (3, 11), generator=torch.Generator().manual_seed(seed))
