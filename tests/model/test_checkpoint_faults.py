"""Checkpoints that cannot be read or written: one line that names the fault, no memory taken, nothing lost."""

import json
import resource
import struct
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file, save_file

from openbook.model import Decoder, DecoderConfig, Encoder, EncoderConfig
from openbook.model.checkpoint import load, save
from openbook.model.config import BadCheckpoint, BadShape
from openbook.model.inputs import check_vocabulary

CONFIG = DecoderConfig(97, 32, 2, 4, 48, 64, key_value_heads=2, tied=False)
WEIGHTS = "model.safetensors"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    torch.manual_seed(0)
    save(tmp_path / "model", Decoder(CONFIG))
    return tmp_path / "model"


def with_keys(folder: Path, **keys: Any) -> None:
    path = folder / "config.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), **keys}))


def with_tensors(folder: Path, change: Callable[[dict[str, torch.Tensor]], object]) -> None:
    tensors = load_file(folder / WEIGHTS)
    change(tensors)
    save_file(tensors, folder / WEIGHTS)


def refused(folder: Path, what: str) -> None:
    with pytest.raises(BadCheckpoint, match=what) as raised:
        load(folder)
    assert "\n" not in str(raised.value)


def cut_short(folder: Path) -> None:
    content = (folder / WEIGHTS).read_bytes()
    (folder / WEIGHTS).write_bytes(content[:-100])


def with_header(folder: Path, header: bytes) -> None:
    (folder / WEIGHTS).write_bytes(struct.pack("<Q", len(header)) + header)


FAULTS: dict[str, tuple[Callable[[Path], object], str]] = {
    "no folder": (lambda f: f.rename(f.with_name("gone")), "cannot read .*config.json: No such file"),
    "weights cut short": (cut_short, "not a whole safetensors file"),
    "empty weights": (lambda f: (f / WEIGHTS).write_bytes(b""), "not a whole safetensors file"),
    "a header of nonsense": (lambda f: with_header(f, b'{"a": 1}'), "not a whole safetensors file"),
    "a header that points outside": (
        lambda f: with_header(f, b'{"a":{"dtype":"F32","shape":[4],"data_offsets":[0,16]}}'),
        "not a whole safetensors file",
    ),
    "a header longer than the file": (
        lambda f: (f / WEIGHTS).write_bytes(struct.pack("<Q", 1 << 40) + b"{}"),
        "not a whole safetensors file",
    ),
    "a folder in place of the weights": (
        lambda f: ((f / WEIGHTS).unlink(), (f / WEIGHTS).mkdir()),
        "missing or no file",
    ),
    "no weights": (lambda f: (f / WEIGHTS).unlink(), "has no model.safetensors: give the folder"),
    "only a pickle": (lambda f: (f / WEIGHTS).rename(f / "pytorch_model.bin"), "a pickle, which can run code"),
    "config of nonsense": (lambda f: (f / "config.json").write_text("{"), "not valid JSON"),
    "config nested too deep": (lambda f: (f / "config.json").write_text("[" * 100_000), "not valid JSON"),
    "config a list": (lambda f: (f / "config.json").write_text("[]"), "does not hold a JSON object"),
    "a missing key": (lambda f: with_keys(f, hidden_size=None), "lacks hidden_size"),
    "a key of text": (lambda f: with_keys(f, hidden_size="32"), 'hidden_size in .* is "32"; it must be a whole number'),
    "a key of true": (lambda f: with_keys(f, num_hidden_layers=True), "num_hidden_layers in .* is true"),
    "no number": (lambda f: with_keys(f, rms_norm_eps=float("nan")), "rms_norm_eps in .* is NaN"),
    "another architecture": (lambda f: with_keys(f, model_type="mamba"), 'model_type in .* is "mamba"; .* llama'),
    "quantised": (lambda f: with_keys(f, quantization_config={"bits": 4}), "sets quantization_config"),
    "an unknown activation": (lambda f: with_keys(f, hidden_act="relu"), 'hidden_act in .* is "relu"'),
    "an unknown scaling": (
        lambda f: with_keys(f, rope_parameters={"rope_type": "longrope", "factor": 2.0}),
        'rope_type in .* is "longrope"',
    ),
    "partly rotary": (lambda f: with_keys(f, partial_rotary_factor=0.5), "sets partial_rotary_factor to 0.5"),
    "heads that do not divide": (lambda f: with_keys(f, num_key_value_heads=3), "describes no model: heads"),
    "a billion layers": (lambda f: with_keys(f, num_hidden_layers=10**9), "asks for 1000000000 layers .* hold 2"),
    "a vast width": (lambda f: with_keys(f, hidden_size=2**31 - 4, head_dim=8), "is of shape .* asks for"),
    "a vast vocabulary": (lambda f: with_keys(f, vocab_size=2**31 - 1), "embed_tokens.weight is of shape"),
    "a number beyond all": (lambda f: with_keys(f, vocab_size=10**400), "vocab_size in .* whole number"),
    "the keys of another family": (lambda f: with_keys(f, model_type="qwen2"), "q_proj.bias"),
    "a missing tensor": (lambda f: with_tensors(f, lambda t: t.pop("model.norm.weight")), "have no model.norm.weight"),
    "a tensor too many": (
        lambda f: with_tensors(f, lambda t: t.update({"score.weight": torch.zeros(1)})),
        "hold score.weight, which the llama model",
    ),
    "a wrong shape": (
        lambda f: with_tensors(f, lambda t: t.update({"model.norm.weight": torch.zeros(31)})),
        r"model.norm.weight is of shape \(31,\) and .* asks for \(32,\)",
    ),
    "whole numbers": (
        lambda f: with_tensors(f, lambda t: t.update({"model.norm.weight": torch.zeros(32, dtype=torch.int8)})),
        "holds I8, not floats",
    ),
    "no output weights": (
        lambda f: with_tensors(f, lambda t: t.pop("lm_head.weight")),
        "set tie_word_embeddings to true",
    ),
}


@pytest.mark.parametrize(("break_it", "line"), FAULTS.values(), ids=FAULTS.keys())
def test_a_fault_is_one_line(folder: Path, break_it: Callable[[Path], object], line: str) -> None:
    break_it(folder)
    refused(folder, line)


@pytest.mark.parametrize(
    "name", ["../model.safetensors", "/etc/passwd", "..", "a/b.safetensors", "a\\b.safetensors", "x.bin"]
)
def test_an_index_cannot_lead_elsewhere(folder: Path, name: str) -> None:
    (folder / WEIGHTS).rename(folder.parent / WEIGHTS)
    index = {"weight_map": {"model.norm.weight": name}}
    (folder / f"{WEIGHTS}.index.json").write_text(json.dumps(index))
    refused(folder, "no safetensors file of that folder")


def test_an_index_cannot_lead_elsewhere_by_a_link(folder: Path) -> None:
    (folder / WEIGHTS).rename(folder.parent / "a.safetensors")
    (folder / "a.safetensors").symlink_to(folder.parent / "a.safetensors")
    (folder / f"{WEIGHTS}.index.json").write_text(json.dumps({"weight_map": {"model.norm.weight": "a.safetensors"}}))
    refused(folder, "outside of its folder")


def test_a_cache_of_links_is_read(folder: Path) -> None:
    """As Hugging Face lays it out: snapshots/REVISION/file links to blobs/DIGEST."""
    home = folder.parent / "snapshots" / "0123"
    (folder.parent / "blobs").mkdir()
    home.mkdir(parents=True)
    for name, link in ((WEIGHTS, "a.safetensors"), ("config.json", "config.json")):
        (folder / name).rename(folder.parent / "blobs" / name)
        (home / link).symlink_to(f"../../blobs/{name}")
    (home / f"{WEIGHTS}.index.json").write_text(json.dumps({"weight_map": {"model.norm.weight": "a.safetensors"}}))
    assert load(home)[1] == CONFIG


def test_a_tensor_in_two_files_is_refused(folder: Path) -> None:
    content = (folder / WEIGHTS).read_bytes()
    for name in ("a.safetensors", "b.safetensors"):
        (folder / name).write_bytes(content)
    (folder / WEIGHTS).unlink()
    index = {"weight_map": {"x": "a.safetensors", "y": "b.safetensors"}}
    (folder / f"{WEIGHTS}.index.json").write_text(json.dumps(index))
    refused(folder, "stored both in")


def test_a_failed_save_keeps_what_was_there(folder: Path) -> None:
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (10_000, limits[1]))  # as a full disk: writing stops in the middle
    try:
        with pytest.raises(BadCheckpoint, match="what was there is kept"):
            save(folder, Decoder(CONFIG))
        with pytest.raises(BadCheckpoint, match="what was there is kept"):
            save(folder.with_name("new"), Decoder(CONFIG))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before
    assert [path.name for path in folder.parent.iterdir()] == ["model"]


def test_a_save_replaces_the_model_and_nothing_else(folder: Path) -> None:
    (folder / "tokenizer.json").write_text("{}")
    torch.manual_seed(1)
    model = Decoder(CONFIG)
    save(folder, model)
    assert torch.equal(load(folder)[0].embedding.weight, model.embedding.weight)
    assert sorted(path.name for path in folder.iterdir()) == ["config.json", WEIGHTS, "tokenizer.json"]
    assert [path.name for path in folder.parent.iterdir()] == ["model"]
    assert (folder / WEIGHTS).stat().st_mode == (folder / "tokenizer.json").stat().st_mode


def test_a_file_is_not_a_place_for_a_checkpoint(tmp_path: Path) -> None:
    (tmp_path / "model").write_text("")
    with pytest.raises(BadCheckpoint, match="is a file"):
        save(tmp_path / "model", Decoder(CONFIG))


def test_the_family_is_one_that_can_say_the_configuration(tmp_path: Path) -> None:
    save(tmp_path, Decoder(replace(CONFIG, window=5)))
    assert json.loads((tmp_path / "config.json").read_text())["model_type"] == "mistral"
    save(tmp_path, Decoder(replace(CONFIG, window=5, windowed=(1,), bias_attention_in=True)))
    assert json.loads((tmp_path / "config.json").read_text())["model_type"] == "qwen2"
    with pytest.raises(BadCheckpoint, match=r"no checkpoint family has this shape .*positions"):
        save(tmp_path, Decoder(replace(CONFIG, positions="learned")))
    with pytest.raises(BadCheckpoint, match="activation"):
        save(tmp_path, Encoder(EncoderConfig(97, 32, 1, 4, 48, 64, activation="swiglu")))


def test_a_model_with_more_than_the_layout_knows_is_not_written(tmp_path: Path) -> None:
    model = Decoder(CONFIG)
    model.adapter = torch.nn.Linear(2, 2)
    with pytest.raises(BadCheckpoint, match=r"adapter\.bias"):
        save(tmp_path / "model", model)


def test_a_vocabulary_larger_than_the_model_is_refused() -> None:
    check_vocabulary(CONFIG, 97)
    with pytest.raises(BadShape, match="50,257 pieces and the model 97"):
        check_vocabulary(CONFIG, 50_257)
