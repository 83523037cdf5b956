"""llama.cpp itself runs what is exported: the same logits, the same greedy text, the same tokens of a text.

Skipped where llama-cpp-python is not installed, which takes a compiler and some minutes:
``python -m pip install -r benchmarks/requirements-llama.txt``.
"""

import json
import os
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from small_decoders import LLAMA, SHAPES, made

from openbook import tokens
from openbook.cli.exporting import Asked, exported
from openbook.compress.gguf_format import Kind
from openbook.compress.word_cuts import PATTERNS
from openbook.model import Decoder, RotaryScaling
from openbook.model.checkpoint import load
from openbook.train.characters import tokenizer_json

pytestmark = pytest.mark.slow
llama_cpp: Any = pytest.importorskip(
    "llama_cpp", reason="llama-cpp-python is not installed: pip install -r benchmarks/requirements-llama.txt"
)

WRITTEN = 64
LONG = replace(LLAMA, context=128)
CORNERS = {
    **{name: replace(shape, context=128) for name, shape in SHAPES.items()},
    "wide heads": replace(LONG, head_dim=32),
    "one key head": replace(LONG, key_value_heads=1),
    "qwen3, untied, linear": replace(SHAPES["qwen3"], context=128, tied=False, scaling=RotaryScaling("linear", 4.0)),
    "qwen2, yarn": replace(SHAPES["qwen2"], context=128, scaling=RotaryScaling("yarn", 8.0, 16)),
}
TEXTS = [
    "The pear tree was planted in 1987, wasn't it? I'LL SAY 12345 ¾ times.",
    "  two spaces\n\n\tand a tab  \r\n  trailing   ",
    "Ein Maß für alles: naïve façade, “quoted”, 你好世界, 🙂🙃 a\u0301 \u00a0 ½ ２０２４ हिन्दी ไทย العربية",
    "def f(x):\n    return x**2  # ünï\n\n\n",
    "",
]


def opened(path: Path, *, logits: bool = False) -> Any:
    """With keys and values in FP32, as ours are: llama.cpp halves them unless told."""
    f32 = llama_cpp.GGML_TYPE_F32
    return llama_cpp.Llama(
        str(path), n_ctx=128, n_threads=1, n_threads_batch=1, logits_all=logits, verbose=False, type_k=f32, type_v=f32
    )


def said(model: Decoder, ids: list[int]) -> np.ndarray:
    with torch.inference_mode():
        return model.logits(model(torch.tensor([ids]))).float().numpy()[0]


def greedy(model: Decoder, prompt: list[int], count: int) -> list[int]:
    ids = list(prompt)
    for _ in range(count):
        ids.append(int(said(model, ids)[-1].argmax()))
    return ids[len(prompt) :]


def their_greedy(path: Path, prompt: list[int], count: int) -> list[int]:
    """At temperature 0, through the same generator that its own completions use."""
    found = opened(path).generate(prompt, temp=0.0, repeat_penalty=1.0, top_k=1)
    return [token for token, _ in zip(found, range(count), strict=False)]


@pytest.mark.parametrize("dtype", ["f32", "f16"])
@pytest.mark.parametrize("shape", CORNERS)
def test_the_same_logits_and_the_same_64_tokens(shape: str, dtype: Kind, tmp_path: Path, tokenizer: Path) -> None:
    config = CORNERS[shape] if CORNERS[shape].window is None else replace(CORNERS[shape], window=100)
    made(tmp_path / "model", config, tokenizer, torch.float32 if dtype == "f32" else torch.float16)
    exported(Asked(tmp_path / "model", tmp_path / "a.gguf", "gguf", dtype), quiet=True)
    model, _ = load(tmp_path / "model", dtype=torch.float32)
    prompt = [9, 270, 33, 101]
    ids = [*prompt, *torch.randint(0, 280, (60,), generator=torch.Generator().manual_seed(1)).tolist()]
    theirs = opened(tmp_path / "a.gguf", logits=True)
    theirs.eval(ids)
    ours = said(model, ids)
    difference = np.abs(theirs.scores[: len(ids)] - ours).max() / ours.std()
    assert difference < (1e-3 if dtype == "f32" else 2e-2)
    assert their_greedy(tmp_path / "a.gguf", prompt, WRITTEN) == greedy(model, prompt, WRITTEN)


def test_q8_0_stays_near_its_floats(tmp_path: Path, tokenizer: Path) -> None:
    """llama.cpp rounds what the weights are multiplied by to 8 bits too, so no exact value is to be had."""
    model = made(tmp_path / "model", LONG, tokenizer)
    exported(Asked(tmp_path / "model", tmp_path / "a.gguf", "gguf", "q8_0"), quiet=True)
    ids = list(range(60))
    theirs = opened(tmp_path / "a.gguf", logits=True)
    theirs.eval(ids)
    ours = said(model, ids)
    assert np.abs(theirs.scores[: len(ids)] - ours).mean() / ours.std() < 0.06


def cuts() -> dict[str, tokens.Tokenizer]:
    """A tokenizer for each way of cutting that is exported."""
    from tokenizers import Regex, models, pre_tokenizers, trainers
    from tokenizers import Tokenizer as Engine

    corpus = [*TEXTS, *TEXTS, "some words of a text, some more words it's they'll 100 2000 30"] * 3
    by_gpt2 = pre_tokenizers.ByteLevel(add_prefix_space=False)
    found = {"gpt-2": tokens.train_bpe(corpus, 420)}
    steps = {name: [pre_tokenizers.Split(Regex(pattern), "isolated")] for pattern, name in PATTERNS.items()}
    parts: dict[str, list[Any]] = {
        **{name: [*step, pre_tokenizers.ByteLevel(False, use_regex=False)] for name, step in steps.items()},
        "smollm": [pre_tokenizers.Digits(individual_digits=True), by_gpt2],
    }
    for name, each in parts.items():
        engine: Any = Engine(models.BPE())
        engine.pre_tokenizer = pre_tokenizers.Sequence(each)
        trainer = trainers.BpeTrainer(
            vocab_size=420, special_tokens=["<|endoftext|>"], initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
            show_progress=False,
        )  # fmt: skip
        engine.train_from_iterator(corpus, trainer)
        definition = json.loads(engine.to_str())
        definition["decoder"] = found["gpt-2"].definition["decoder"]
        definition["model"]["ignore_merges"] = name == "llama-bpe"
        found[name] = tokens.Tokenizer(definition)
    found["characters"] = tokens.Tokenizer(json.loads(tokenizer_json(sorted(set("".join(TEXTS))), ["<|end|>"])))
    return found


def test_the_same_tokens_of_a_text_in_every_way_of_cutting(tmp_path: Path) -> None:
    for name, tokenizer in cuts().items():
        folder = tmp_path / name
        folder.mkdir()
        tokenizer.save(folder / "tokenizer.json")
        made(folder / "model", replace(LLAMA, vocabulary=tokenizer.size), folder / "tokenizer.json")
        exported(Asked(folder / "model", folder / "a.gguf", "gguf"), quiet=True)
        theirs = opened(folder / "a.gguf")
        for text in [*TEXTS, "<|endoftext|> typed"] if name != "characters" else TEXTS:
            ids = list(tokenizer.encode(text).ids)
            assert theirs.tokenize(text.encode(), add_bos=False, special=False) == ids, (name, text)
            assert theirs.detokenize(ids).decode() == text, (name, text)


def test_special_tokens_are_those_of_the_model(tmp_path: Path) -> None:
    tokenizer = tokens.train_bpe(["some words"] * 4, 270, special=("<|start|>", "<|stop|>", "<|turn|>"))
    definition = tokenizer.definition
    names = {"<|start|>": {"id": "<|start|>", "ids": [0], "tokens": ["<|start|>"]}}
    single = [{"SpecialToken": {"id": "<|start|>", "type_id": 0}}, {"Sequence": {"id": "A", "type_id": 0}}]
    pair = [*single, {"Sequence": {"id": "B", "type_id": 1}}]
    framed = {"type": "TemplateProcessing", "single": single, "pair": pair, "special_tokens": names}
    tokens.Tokenizer({**definition, "post_processor": framed}).save(tmp_path / "tokenizer.json")
    made(tmp_path / "model", replace(LLAMA, begin=0, ends=(1, 2)), tmp_path / "tokenizer.json")
    (tmp_path / "model" / "chat_template.jinja").write_text("{{ messages[0]['content'] }}", encoding="utf-8")
    exported(Asked(tmp_path / "model", tmp_path / "a.gguf", "gguf"), quiet=True)
    theirs = opened(tmp_path / "a.gguf")
    assert (theirs.token_bos(), theirs.token_eos()) == (0, 1)
    assert theirs.tokenize(b"words") == [0, *tokenizer.encode("words").ids]
    assert theirs.tokenize(b"<|stop|>", add_bos=False, special=True) == [1]
    vocabulary = llama_cpp.llama_model_get_vocab(theirs.model)
    assert [n for n in range(270) if llama_cpp.llama_vocab_is_eog(vocabulary, n)] == [1, 2]
    assert theirs.metadata["tokenizer.chat_template"] == "{{ messages[0]['content'] }}"


@pytest.mark.parametrize("dtype", ["f32", "f16"])
def test_a_trained_model_writes_the_same(dtype: Kind, tmp_path: Path) -> None:
    """The character model of recipes/shakespeare.toml, for as many tokens as its context holds."""
    model_folder = Path(os.environ.get("OPENBOOK_TRAINED", "runs/shakespeare/model"))
    if not model_folder.is_dir():
        pytest.skip(f"there is no {model_folder}: train recipes/shakespeare.toml, or set OPENBOOK_TRAINED")
    exported(Asked(model_folder, tmp_path / "a.gguf", "gguf", dtype), quiet=True)
    model, config = load(model_folder, dtype=torch.float32)
    prompt = list(tokens.load(model_folder).encode("ROMEO").ids)
    count = config.context - len(prompt)
    assert their_greedy(tmp_path / "a.gguf", prompt, count) == greedy(model, prompt, count)
