"""Tiny checkpoints with random weights, made by transformers and by our own tokenizer trainer."""

import json
from pathlib import Path

import torch
from transformers import GPT2Config, GPT2LMHeadModel, LlamaConfig, LlamaForCausalLM

from openbook import tokens
from openbook.values import TRUSTED, Part, Prompt

CORPUS = [
    "The pear tree was planted in 1987 by the northern wall, and it bears fruit every second year.",
    'Ein Maß für alles: naïve façade, “quoted”, 你好世界, 🙂🙃 {"key": [1, 2.5, true, false, null]}',
] * 20
SPECIAL = ("<|endoftext|>", "<|im_start|>", "<|im_end|>")
CHATML = (
    "{%- for message in messages %}\n<|im_start|>{{ message['role'] }}\n{{ message['content'] | trim }}<|im_end|>\n"
    "{%- endfor %}\n{%- if add_generation_prompt %}\n<|im_start|>assistant\n{% endif %}"
)
FAMILIES = ("gpt2", "llama")


def asked(text: str) -> Prompt:
    return (Part(text, TRUSTED, "user"),)


def make_checkpoint(folder: Path, family: str, *, context: int = 96, chat: str = "") -> Path:
    """A folder with config.json, model.safetensors and tokenizer.json."""
    folder.mkdir(parents=True)
    tokenizer = tokens.train_bpe(CORPUS, 340, special=SPECIAL)
    tokenizer.save(folder / "tokenizer.json")
    torch.manual_seed(5)
    shared = {"tie_word_embeddings": False, "initializer_range": 0.2, "bos_token_id": 0, "eos_token_id": 0}
    if family == "gpt2":
        padded = tokenizer.size + 4
        size = {"vocab_size": padded, "n_positions": context, "n_embd": 32, "n_layer": 2, "n_head": 4}
        model = GPT2LMHeadModel(GPT2Config(**size, **shared))
    else:
        heads = {"num_attention_heads": 4, "num_key_value_heads": 2, "max_position_embeddings": context}
        width = {"vocab_size": tokenizer.size, "hidden_size": 64, "intermediate_size": 64, "num_hidden_layers": 2}
        model = LlamaForCausalLM(LlamaConfig(**width, **heads, **shared))
    model.save_pretrained(folder)
    if chat:
        config = {"chat_template": chat, "eos_token": "<|im_end|>", "bos_token": "<|endoftext|>"}
        (folder / "tokenizer_config.json").write_text(json.dumps(config))
    return folder
