"""A GGUF file says of a model what its authors' own reader finds in it, and what it cannot say is refused."""

import errno
import json
import os
from dataclasses import replace
from pathlib import Path

import gguf
import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from small_decoders import LLAMA, SHAPES, made

from openbook import tokens
from openbook.compress.checkpoint_weights import open_decoder
from openbook.compress.framing import Framing
from openbook.compress.gguf_file import GgufFile, export_gguf
from openbook.compress.gguf_format import Kind
from openbook.compress.gguf_model import interleaved
from openbook.compress.gguf_tokenizer import tokenizer_settings
from openbook.compress.q8_0 import dequantise_q8_0, quantise_q8_0
from openbook.errors import OpenbookError
from openbook.model import RotaryScaling
from openbook.model.checkpoint import save
from openbook.model.families import DECODERS
from openbook.model.rotary import angles
from openbook.tokens.definition import Definition
from openbook.train.characters import tokenizer_json

NUMBERS = arrays.arrays(np.float32, (3, 64), elements=st.floats(-1000, 1000, width=32)).map(
    lambda found: np.where(np.abs(found) < 1e-30, np.float32(0), found)  # ggml's inverse of such a scale overflows
)


def exported(model: Path, target: Path, kind: Kind = "f32", framing: Framing | None = None) -> GgufFile:
    framing = framing or Framing(ends=(0,))
    return export_gguf(model, target, kind, tokens.load(model), framing, lambda done, of: None)


def turned_back(weight: np.ndarray, heads: int) -> np.ndarray:
    """Rows i of ours from rows of llama.cpp's: written out by number, to share nothing with the code."""
    size = len(weight) // heads
    order = [
        head * size + (2 * i if i < size // 2 else 2 * (i - size // 2) + 1)
        for head in range(heads)
        for i in range(size)
    ]
    return weight[order]


@given(NUMBERS)
def test_q8_0_is_ggmls_byte_for_byte(weight: np.ndarray) -> None:
    found = quantise_q8_0(weight)
    assert np.array_equal(found, gguf.quants.quantize(weight, gguf.GGMLQuantizationType.Q8_0))
    back = dequantise_q8_0(found)
    assert np.array_equal(back, gguf.quants.dequantize(found, gguf.GGMLQuantizationType.Q8_0))
    largest = np.abs(weight.reshape(3, 2, 32)).max(axis=2, keepdims=True)
    assert (np.abs(back - weight).reshape(3, 2, 32) <= largest * (0.5 / 127 + 1e-3) + 1e-5).all()


def test_q8_0_of_numbers_too_small_for_its_scale_is_zero_and_of_odd_rows_refused() -> None:
    assert not dequantise_q8_0(quantise_q8_0(np.full((1, 32), 1e-39, np.float32))).any()
    with pytest.raises(ValueError, match="no whole blocks of 32"):
        quantise_q8_0(np.zeros((2, 40), np.float32))


@pytest.mark.parametrize("kind", ["f32", "f16", "q8_0"])
@pytest.mark.parametrize("shape", SHAPES)
def test_every_tensor_is_the_models(shape: str, kind: Kind, tmp_path: Path, tokenizer: Path) -> None:
    config = SHAPES[shape]
    made(tmp_path / "model", config, tokenizer)
    told = exported(tmp_path / "model", tmp_path / "a.gguf", kind)
    reader = gguf.GGUFReader(tmp_path / "a.gguf")
    assert told.bytes == (tmp_path / "a.gguf").stat().st_size
    assert told.tensors == len(reader.tensors)
    theirs = {each.name: each for each in reader.tensors}
    turning = gguf.MODEL_ARCH.LLAMA if shape not in ("qwen2", "qwen2, windows in some layers", "qwen3") else None
    names = gguf.get_tensor_name_map(gguf.MODEL_ARCH.LLAMA if turning else gguf.MODEL_ARCH.QWEN3, config.layers)
    with open_decoder(tmp_path / "model") as (_, weights):
        for stored in DECODERS[config.family].stored(((n, len(s)) for n, s in weights.shapes.items()), prefixed=True):
            each = theirs.pop(names.get_name(stored.name, try_suffixes=(".weight", ".bias")))
            wanted = weights[stored.ours[0]]
            found = each.data.astype(np.float32)
            if each.tensor_type == gguf.GGMLQuantizationType.Q8_0:
                found = gguf.quants.dequantize(each.data, each.tensor_type)
            if turning and "q_proj" in stored.name:
                found = turned_back(found, config.heads)
            if turning and "k_proj" in stored.name:
                found = turned_back(found, config.key_value_heads)
            assert found.shape == wanted.shape
            matrix = wanted.ndim == 2
            assert each.tensor_type.name.lower() == (kind if matrix else "f32")
            assert np.abs(found - wanted).max() <= {"f32": 0, "f16": 1e-3, "q8_0": 5e-3}[kind if matrix else "f32"]
    if shape == "llama 3.1":
        slower = theirs.pop("rope_freqs.weight").data
        plain, stretched = (angles(torch.ones(1), 16, config.theta, s)[0][0, :8] for s in (None, config.scaling))
        assert np.allclose(np.cos(np.arccos(plain.double().numpy()) / slower), stretched.numpy(), atol=1e-6)
    assert not theirs


def test_settings_are_the_configurations(tmp_path: Path, tokenizer: Path) -> None:
    yarn = replace(SHAPES["qwen3"], scaling=RotaryScaling("yarn", 4.0, 16), theta=1e6, epsilon=1e-6, window=20)
    made(tmp_path / "model", yarn, tokenizer)
    told = exported(tmp_path / "model", tmp_path / "a.gguf", "q8_0")
    assert (told.context, told.reach) == (64, 20)
    fields = {name: field.contents() for name, field in gguf.GGUFReader(tmp_path / "a.gguf").fields.items()}
    assert fields["general.architecture"] == "qwen3"
    assert fields["general.file_type"] == gguf.LlamaFileType.MOSTLY_Q8_0
    assert fields["general.quantization_version"] == gguf.GGML_QUANT_VERSION
    for name, value in {
        gguf.Keys.LLM.CONTEXT_LENGTH: 20,
        gguf.Keys.LLM.EMBEDDING_LENGTH: 64,
        gguf.Keys.LLM.BLOCK_COUNT: 2,
        gguf.Keys.LLM.FEED_FORWARD_LENGTH: 96,
        gguf.Keys.LLM.VOCAB_SIZE: 300,
        gguf.Keys.Attention.HEAD_COUNT: 4,
        gguf.Keys.Attention.HEAD_COUNT_KV: 2,
        gguf.Keys.Attention.KEY_LENGTH: 32,
        gguf.Keys.Attention.VALUE_LENGTH: 32,
        gguf.Keys.Attention.LAYERNORM_RMS_EPS: pytest.approx(1e-6),
        gguf.Keys.Rope.DIMENSION_COUNT: 32,
        gguf.Keys.Rope.FREQ_BASE: 1e6,
        gguf.Keys.Rope.SCALING_TYPE: "yarn",
        gguf.Keys.Rope.SCALING_FACTOR: 4.0,
        gguf.Keys.Rope.SCALING_ORIG_CTX_LEN: 16,
    }.items():
        assert fields[name.format(arch="qwen3")] == value, name


def test_the_tokenizers_pieces_types_and_merges_are_there(tmp_path: Path) -> None:
    corpus = ["some words of a small text, 你好 naïve words"] * 8
    trained = tokens.train_bpe(corpus, 300, special=("<|endoftext|>", "<|im_end|>"))
    made_of = trained.definition
    made_of["added_tokens"].append({**made_of["added_tokens"][0], "id": 305, "content": "a run", "special": False})
    tokenizer = tokens.Tokenizer(made_of)
    (tmp_path / "tokenizer.json").write_text("", encoding="utf-8")
    tokenizer.save(tmp_path / "tokenizer.json")
    made(tmp_path / "model", replace(LLAMA, vocabulary=308), tmp_path / "tokenizer.json")
    framing = Framing(opening=(0,), begin=0, ends=(1, 0), padding=0, template="{{ messages }}")
    exported(tmp_path / "model", tmp_path / "a.gguf", framing=framing)
    fields = {name: field.contents() for name, field in gguf.GGUFReader(tmp_path / "a.gguf").fields.items()}
    pieces, types = fields["tokenizer.ggml.tokens"], fields["tokenizer.ggml.token_type"]
    ids: dict[str, int] = made_of["model"]["vocab"]
    assert len(pieces) == len(set(pieces)) == len(types) == 308
    assert all(pieces[number] == piece for piece, number in ids.items())
    assert (pieces[305], pieces[307]) == ("a run", "[PAD307]")
    assert [types[number] for number in (0, 1, 2, 305, 307)] == [3, 3, 1, 4, 5]
    assert [merge.split(" ") for merge in fields["tokenizer.ggml.merges"]] == made_of["model"]["merges"]
    wanted = {"bos": 0, "eos": 1, "eot": 0, "padding": 0}
    assert {name: fields[f"tokenizer.ggml.{name}_token_id"] for name in wanted} == wanted
    assert (fields["tokenizer.ggml.model"], fields["tokenizer.ggml.pre"]) == ("gpt2", "gpt-2")
    assert fields["tokenizer.ggml.add_bos_token"] is True
    assert fields["tokenizer.chat_template"] == "{{ messages }}"


def test_a_model_that_nothing_ends_gets_an_end_that_is_never_written() -> None:
    """Without one, llama.cpp takes id 11 for it, and stops at a comma or whatever stands there."""

    def end(tokenizer: tokens.Tokenizer, rows: int) -> object:
        return tokenizer_settings(tokenizer, rows, Framing()).get("tokenizer.ggml.eos_token_id")

    characters = tokens.Tokenizer(json.loads(tokenizer_json("abcé你")))
    assert end(characters, 6) == end(characters, 6)
    assert end(characters, 6)[4:] == (5).to_bytes(4, "little")  # <unk>
    assert end(characters, 8)[4:] == (6).to_bytes(4, "little")  # a row without a piece
    trained = tokens.train_bpe(["some words"] * 4, 260)
    assert end(trained, trained.size) is None


@pytest.mark.parametrize(
    ("change", "line"),
    [
        ({"pre_tokenizer": {"type": "Whitespace"}}, "no name for"),
        ({"pre_tokenizer": {"type": "ByteLevel", "add_prefix_space": True, "trim_offsets": True}}, "no name for"),
        ({"normalizer": {"type": "Lowercase"}}, "a normaliser, which GGUF cannot say"),
        ({"decoder": {"type": "Fuse"}}, "SentencePiece's BPE"),
        ({"model": {"ignore_merges": True}}, "another ignore_merges than llama.cpp's gpt-2"),
        ({"model": {"byte_fallback": True}}, "SentencePiece's BPE"),
    ],
)
def test_a_tokenizer_that_gguf_cannot_say_is_one_line(change: Definition, line: str) -> None:
    definition = tokens.train_bpe(["some words"] * 4, 260).definition
    changed = {**definition, **change, "model": {**definition["model"], **change.get("model", {})}}
    with pytest.raises(OpenbookError, match=line) as raised:
        tokenizer_settings(tokens.Tokenizer(changed), 300, Framing())
    assert "--to hf" in str(raised.value)


def test_two_pieces_of_one_text_are_refused_and_spare_rows_get_names_of_their_own() -> None:
    definition = tokens.train_bpe(["some words"] * 4, 260).definition
    token, model = definition["added_tokens"][0], definition["model"]
    named = {**definition, "added_tokens": [token, {**token, "id": 300, "content": "[PAD301]"}]}
    told = tokenizer_settings(tokens.Tokenizer(named), 302, Framing())["tokenizer.ggml.tokens"]
    assert told.count(b"[PAD301]") == 2
    assert b"[[PAD301]]" in told
    twice = {**named, "model": {**model, "vocab": {**model["vocab"], "ab": 299}}}
    twice["added_tokens"] = [token, {**token, "id": 300, "content": "ab"}]
    with pytest.raises(OpenbookError, match="ids 299 and 300 of this tokenizer have the same text 'ab'"):
        tokenizer_settings(tokens.Tokenizer(twice), 302, Framing())


def test_wordpiece_and_too_large_tokenizers_are_refused() -> None:
    with pytest.raises(OpenbookError, match="WordPiece, and GGUF"):
        tokenizer_settings(tokens.train_wordpiece(["some words"] * 4, 60), 300, Framing())
    with pytest.raises(OpenbookError, match="do not belong together"):
        tokenizer_settings(tokens.train_bpe(["some words"] * 4, 260), 100, Framing())


@pytest.mark.parametrize(
    ("shape", "line"),
    [
        (replace(LLAMA, scaling=RotaryScaling("dynamic", 2.0, 32)), r"stretch positions .* \(dynamic\)"),
        (replace(LLAMA, scaling=RotaryScaling("yarn", 4.0, 16, attention=1.3)), "stretch positions"),
        (replace(SHAPES["qwen2"], scaling=RotaryScaling("llama3", 8.0, 16)), "stretch positions"),
        (replace(SHAPES["qwen3"], bias_attention_in=True, bias_attention_out=True), "qwen3 has no such biases"),
        (replace(SHAPES["qwen2"], head_dim=32), "heads of width / heads"),
        (replace(LLAMA, positions="learned", norm="layer", activation="gelu", key_value_heads=4, family="gpt2",
                 bias_attention_in=True, bias_attention_out=True, bias_feed_forward=True), "shape of gpt2"),
    ],
)  # fmt: skip
def test_a_shape_that_llama_cpp_computes_otherwise_is_one_line(
    shape, line: str, tmp_path: Path, tokenizer: Path
) -> None:
    made(tmp_path / "model", shape, tokenizer)
    with pytest.raises(OpenbookError, match=line):
        exported(tmp_path / "model", tmp_path / "a.gguf")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["model"]


def test_what_goes_wrong_on_the_way_leaves_nothing(tmp_path: Path, tokenizer: Path, monkeypatch) -> None:
    model = made(tmp_path / "model", LLAMA, tokenizer)
    with torch.no_grad():
        model.blocks[1].attention.output.weight[0, 0] = 70_000.0
    save(tmp_path / "model", model)
    with pytest.raises(OpenbookError, match="numbers that FP16 cannot: export with --dtype f32"):
        exported(tmp_path / "model", tmp_path / "a.gguf", "f16")
    exported(tmp_path / "model", tmp_path / "fits.gguf", "q8_0")  # there the scale alone is FP16
    with torch.no_grad():
        model.blocks[1].attention.output.weight[0, 0] = float("nan")
    save(tmp_path / "model", model)
    with pytest.raises(OpenbookError, match="not finite"):
        exported(tmp_path / "model", tmp_path / "a.gguf")

    def full(handle: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    made(tmp_path / "model", LLAMA, tokenizer)
    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OpenbookError, match="No space left on device; make room"):
        exported(tmp_path / "model", tmp_path / "a.gguf")
    with pytest.raises(OpenbookError, match="No such file or directory"):
        exported(tmp_path / "model", tmp_path / "none" / "a.gguf")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["fits.gguf", "model"]


@given(st.integers(1, 4), st.integers(1, 4))
def test_neighbours_come_from_halves(heads: int, pairs: int) -> None:
    weight = np.arange(heads * 2 * pairs * 3, dtype=np.float32).reshape(-1, 3)
    assert np.array_equal(turned_back(interleaved(weight, heads), heads), weight)
