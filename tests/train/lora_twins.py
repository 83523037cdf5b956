"""The same small random model here and in transformers, for what must be equal on both sides."""

from typing import Any

import torch
from torch import Tensor, nn

from openbook.model import Decoder, DecoderConfig, Encoder, EncoderConfig
from openbook.train.peft_names import adaptable, pairs_of_paths

FAMILIES = ("llama", "qwen2", "qwen3", "gpt2", "bert")


def twins(family: str, seed: int = 0) -> tuple[Decoder | Encoder, Any]:
    """Ours and theirs, with equal weights, in evaluation mode."""
    torch.manual_seed(seed)
    ours, theirs = _bert() if family == "bert" else _gpt2() if family == "gpt2" else _llama(family)
    _copy(ours, theirs)
    return ours.eval(), theirs.eval()


def outputs(ours: Decoder | Encoder, ids: Tensor) -> Tensor:
    """Logits of a decoder, hidden states and the pooled row of an encoder."""
    hidden = ours(ids)
    if isinstance(ours, Decoder):
        return ours.logits(hidden)
    return torch.cat([hidden, ours.pooled(hidden)[:, None]], dim=1)


def their_outputs(theirs: Any, ids: Tensor) -> Tensor:
    found = theirs(input_ids=ids)
    if hasattr(found, "logits"):
        return found.logits
    return torch.cat([found.last_hidden_state, found.pooler_output[:, None]], dim=1)


def some_ids(seed: int = 1) -> Tensor:
    return torch.randint(0, 61, (3, 11), generator=torch.Generator().manual_seed(seed))


def _llama(family: str) -> tuple[Decoder, Any]:
    from transformers import LlamaConfig, LlamaForCausalLM, Qwen2Config, Qwen2ForCausalLM, Qwen3Config, Qwen3ForCausalLM

    shape = {"hidden_size": 24, "intermediate_size": 40, "num_hidden_layers": 2, "num_attention_heads": 4}
    rest = {"vocab_size": 61, "num_key_value_heads": 2, "max_position_embeddings": 32, "tie_word_embeddings": True}
    kinds: dict[str, tuple[Any, Any]] = {
        "llama": (LlamaConfig, LlamaForCausalLM),
        "qwen2": (Qwen2Config, Qwen2ForCausalLM),
        "qwen3": (Qwen3Config, Qwen3ForCausalLM),
    }
    make_config, make = kinds[family]
    extra = {"head_dim": 6} if family == "qwen3" else {}
    theirs = make(make_config(**shape, **rest, **extra, rms_norm_eps=1e-5, rope_theta=10_000.0))
    config = DecoderConfig(
        61, 24, 2, 4, 40, 32, 2, bias_attention_in=family == "qwen2", query_key_norm=family == "qwen3", family=family
    )
    return Decoder(config), theirs


def _gpt2() -> tuple[Decoder, Any]:
    from transformers import GPT2Config, GPT2LMHeadModel

    theirs = GPT2LMHeadModel(
        GPT2Config(
            vocab_size=61, n_embd=24, n_layer=2, n_head=4, n_positions=32, bos_token_id=0, eos_token_id=0,
            resid_pdrop=0.0, embd_pdrop=0.0, attn_pdrop=0.0,
        )
    )  # fmt: skip
    config = DecoderConfig(
        61, 24, 2, 4, 96, 32, positions="learned", norm="layer", activation="gelu_tanh", bias_attention_in=True,
        bias_attention_out=True, bias_feed_forward=True, family="gpt2",
    )  # fmt: skip
    return Decoder(config), theirs


def _bert() -> tuple[Encoder, Any]:
    from transformers import BertConfig, BertModel

    theirs = BertModel(
        BertConfig(
            vocab_size=61, hidden_size=24, num_hidden_layers=2, num_attention_heads=4, intermediate_size=40,
            max_position_embeddings=32, hidden_dropout_prob=0.0, attention_probs_dropout_prob=0.0, pad_token_id=None,
        )
    )  # fmt: skip
    return Encoder(EncoderConfig(61, 24, 2, 4, 40, 32, pooler=True)), theirs


def _copy(ours: nn.Module, theirs: nn.Module) -> None:
    """Linear layers and embeddings, larger than they begin; norms begin equal on both sides."""
    grouped: dict[str, list[str]] = {}
    for path, name in pairs_of_paths(ours, adaptable(ours)):
        grouped.setdefault(name, []).append(path)
    with torch.no_grad():
        for name, paths in grouped.items():
            layers = [ours.get_submodule(path) for path in paths]
            for layer in layers:
                for parameter in layer.parameters():
                    parameter.normal_(std=0.15)
            target: Any = theirs.get_submodule(name)
            weight = torch.cat([layer.weight for layer in layers])
            transposed = type(target).__name__ == "Conv1D"
            target.weight.copy_(weight.T if transposed else weight)
            if getattr(layers[0], "bias", None) is not None:
                target.bias.copy_(torch.cat([layer.bias for layer in layers]))
