"""An exported folder is transformers' own: its logits, its ids, and the same model when it comes back here."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from small_decoders import LLAMA, SHAPES, made
from transformers import (
    AutoConfig,
    AutoModelForCausalLM,
    AutoTokenizer,
    GenerationConfig,
    LlamaConfig,
    LlamaForCausalLM,
    PreTrainedTokenizerFast,
)

from openbook import tokens
from openbook.cli.exporting import Asked, exported
from openbook.compress.word_cuts import PATTERNS
from openbook.errors import OpenbookError
from openbook.model.checkpoint import load, save
from openbook.train.characters import tokenizer_json

GPT2 = replace(
    LLAMA, positions="learned", norm="layer", activation="gelu_tanh", key_value_heads=4, family="gpt2",
    bias_attention_in=True, bias_attention_out=True, bias_feed_forward=True,
)  # fmt: skip
TEXTS = ["some words of a small text", "  two\n\nlines, 你好 naïve  ", "<|endoftext|> typed", "word\tword 12345 it's"]


@pytest.mark.parametrize("shape", [*SHAPES, "gpt2"])
def test_transformers_says_the_same_and_it_comes_back(shape: str, tmp_path: Path, tokenizer: Path) -> None:
    config = GPT2 if shape == "gpt2" else SHAPES[shape]
    model = made(tmp_path / "model", config, tokenizer)
    exported(Asked(tmp_path / "model", tmp_path / "theirs", "hf"), quiet=True)
    theirs: Any = AutoModelForCausalLM.from_pretrained(tmp_path / "theirs", dtype=torch.float32).eval()
    ids = torch.randint(0, 280, (2, 40), generator=torch.Generator().manual_seed(1))
    with torch.inference_mode():
        ours = model.logits(model(ids))
        assert (theirs(ids).logits - ours).abs().max() < 1e-4
    theirs.save_pretrained(tmp_path / "again")
    back, again = load(tmp_path / "again")
    assert replace(again, begin=config.begin) == config
    for name, parameter in back.named_parameters():
        assert torch.equal(parameter, dict(model.named_parameters())[name]), name


def test_a_checkpoint_of_transformers_goes_out_as_it_came(tmp_path: Path, tokenizer: Path) -> None:
    """In BF16 and in several files, with settings that openbook has no use for."""
    torch.manual_seed(0)
    sizes = {"vocab_size": 300, "hidden_size": 64, "intermediate_size": 96, "num_hidden_layers": 2}
    theirs = LlamaForCausalLM(LlamaConfig(**sizes, num_attention_heads=4, pretraining_tp=1)).to(torch.bfloat16)
    theirs.save_pretrained(tmp_path / "model", max_shard_size="60KB")
    (tmp_path / "model" / "tokenizer.json").write_bytes(tokenizer.read_bytes())
    exported(Asked(tmp_path / "model", tmp_path / "out", "hf"), quiet=True)
    for path in (tmp_path / "model").iterdir():
        if path.name != "generation_config.json":
            assert (tmp_path / "out" / path.name).read_bytes() == path.read_bytes(), path.name


def trained(kind: str) -> tokens.Tokenizer:
    if kind == "characters":
        return tokens.Tokenizer(json.loads(tokenizer_json(sorted(set("".join(TEXTS))))))
    if kind == "wordpiece":
        return tokens.train_wordpiece(TEXTS * 4, 90)
    tokenizer = tokens.train_bpe(TEXTS * 4, 290, special=("<|endoftext|>", "<|im_end|>"))
    if kind == "by qwen's pattern":
        pattern = next(each for each, name in PATTERNS.items() if name == "qwen2")
        split = {"type": "Split", "pattern": {"Regex": pattern}, "behavior": "Isolated", "invert": False}
        definition = tokenizer.definition
        by_bytes = {**definition["pre_tokenizer"], "use_regex": False}
        steps = {"type": "Sequence", "pretokenizers": [split, by_bytes]}
        return tokens.Tokenizer({**definition, "pre_tokenizer": steps})
    return tokenizer


@pytest.mark.parametrize(
    ("kind", "shape"),
    [
        *(("bpe", shape) for shape in ("llama", "mistral", "qwen3")),
        ("wordpiece", "llama"),
        ("characters", "llama"),
        ("by qwen's pattern", "qwen2"),
    ],
)
def test_auto_tokenizer_gives_the_same_ids(kind: str, shape: str, tmp_path: Path) -> None:
    tokenizer = trained(kind)
    tokenizer.save(tmp_path / "tokenizer.json")
    config = replace(SHAPES[shape], begin=0, ends=(1,), padding=1)
    made(tmp_path / "model", config, tmp_path / "tokenizer.json")
    assert exported(Asked(tmp_path / "model", tmp_path / "out", "hf"), quiet=True).notes == ()
    theirs: Any = AutoTokenizer.from_pretrained(tmp_path / "out")
    for text in TEXTS:
        ids = tokenizer.encode(text, special=kind != "characters").ids  # a tokenizer of theirs takes what is typed
        assert theirs(text, add_special_tokens=False).input_ids == list(ids), text
    assert theirs.model_max_length == 64
    if shape != "llama" or kind == "bpe":
        assert (theirs.bos_token_id, theirs.eos_token_id, theirs.pad_token_id) == (0, 1, 1)
        assert theirs.decode(tokenizer.encode(TEXTS[1]).ids) == TEXTS[1]


def test_where_auto_tokenizer_reads_other_ids_it_is_said_and_how_not_to(tmp_path: Path) -> None:
    tokenizer = trained("bpe")
    tokenizer.save(tmp_path / "tokenizer.json")
    made(tmp_path / "model", SHAPES["qwen2"], tmp_path / "tokenizer.json")
    (note,) = exported(Asked(tmp_path / "model", tmp_path / "out", "hf"), quiet=True).notes
    assert "load the tokenizer with PreTrainedTokenizerFast" in note
    theirs: Any = PreTrainedTokenizerFast.from_pretrained(tmp_path / "out")
    for text in TEXTS:
        assert theirs(text, add_special_tokens=False).input_ids == list(tokenizer.encode(text, special=True).ids)


def test_what_ends_a_text_and_a_conversations_template_go_along(tmp_path: Path, tokenizer: Path) -> None:
    made(tmp_path / "model", replace(LLAMA, begin=3, ends=(1, 2)), tokenizer)
    template = "{% for m in messages %}{{ m['role'] }}: {{ m['content'] }}\n{% endfor %}"
    (tmp_path / "model" / "chat_template.jinja").write_text(template, encoding="utf-8")
    exported(Asked(tmp_path / "model", tmp_path / "out", "hf"), quiet=True)
    said = GenerationConfig.from_pretrained(tmp_path / "out")
    assert (said.bos_token_id, said.eos_token_id) == (3, [1, 2])
    told: Any = AutoTokenizer.from_pretrained(tmp_path / "out")
    messages = [{"role": "user", "content": "some words"}]
    assert told.apply_chat_template(messages, tokenize=False) == "user: some words\n"
    assert AutoConfig.from_pretrained(tmp_path / "out").eos_token_id == [1, 2]


def test_weights_that_are_not_finite_are_not_exported(tmp_path: Path, tokenizer: Path) -> None:
    model = made(tmp_path / "model", LLAMA, tokenizer)
    with torch.no_grad():
        model.norm.weight[0] = np.inf
    save(tmp_path / "model", model)
    with pytest.raises(OpenbookError, match=r"model\.norm\.weight holds numbers that are not finite"):
        exported(Asked(tmp_path / "model", tmp_path / "out", "hf"), quiet=True)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["model"]
