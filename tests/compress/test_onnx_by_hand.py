"""A compressed folder without openbook: onnxruntime, onnx and numpy alone, as docs/generating.md says it is used."""

import json
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import pytest
import torch
from small_decoders import LLAMA, SHAPES, made

from openbook.compress.decoder_folder import Compression, compress_decoder
from openbook.compress.quantise import Array
from openbook.generate.onnx_folder import open_decoder_folder
from openbook.generate.onnx_session import OnnxSession


def word_table(folder: Path) -> Array:
    """(vocabulary, width): the initialisers ``head`` where words are tied, else ``words``."""
    shape = json.loads((folder / "manifest.json").read_text())["shape"]
    graph = onnx.load(folder / "model.onnx").graph
    tensors = {each.name: onnx.numpy_helper.to_array(each) for each in graph.initializer}
    name = "head" if shape["tied"] else "words"
    table = tensors[f"{name}.weight"]
    if shape["bits"] == 32:
        return table.T if shape["tied"] else table
    scales, zeros = tensors[f"{name}.scales"][..., None], np.float32(128)
    if shape["bits"] == 4:  # two numbers a byte, the first one low; a zero point for each block
        table = np.stack([table & 15, table >> 4], axis=-1).reshape(*table.shape[:2], -1)
        points = tensors[f"{name}.zeros"]
        zeros = np.stack([points & 15, points >> 4], axis=-1).reshape(len(table), -1)[:, : table.shape[1], None]
    whole = (table.astype(np.float32) - zeros) * scales
    return whole.reshape(len(whole), -1)[:, : shape["width"]]


def by_hand(folder: Path, ids: list[int], steps: list[int], room: int = 32) -> np.ndarray:
    """The logits after each step: ids are fed in pieces of these sizes, the cache handed on by name."""
    shape = json.loads((folder / "manifest.json").read_text())["shape"]
    session = onnxruntime.InferenceSession(folder / "model.onnx", providers=["CPUExecutionProvider"])
    words = word_table(folder)
    empty = np.zeros((1, shape["key_value_heads"], room, shape["head_dim"]), np.float32)
    cache = {f"past.{kind}.{layer}": empty for layer in range(shape["layers"]) for kind in ("key", "value")}
    outputs = [output.name for output in session.get_outputs()]
    used, found = 0, []
    for size in steps:
        fed = words[ids[used : used + size]][None]
        used += size
        feeds = {
            "words": fed,
            "wanted": np.array([size - 1], np.int64),
            "used": np.array([used - 1], np.int32),
            "total": np.array(used, np.int32),
        }
        told = dict(zip(outputs, session.run(outputs, {**feeds, **cache}), strict=True))
        found.append(told.pop("logits")[0])
        cache = {name.replace("present", "past"): value for name, value in told.items()}
    return np.array(found)


@pytest.mark.parametrize("to", ["fp32", "int8", "int4"])
@pytest.mark.parametrize("shape", ["llama", "untied", "qwen2", "qwen3"])
def test_a_session_made_by_hand_says_what_the_engine_says(shape: str, to, tmp_path: Path, tokenizer: Path) -> None:
    model = made(tmp_path / "model", replace(SHAPES[shape], width=80 if shape == "untied" else 64), tokenizer)
    compress_decoder(tmp_path / "model", tmp_path / "onnx", Compression(to))
    ids = [int(each) for each in np.random.default_rng(0).integers(0, 280, 12)]
    steps = [9, 1, 1, 1]
    found = by_hand(tmp_path / "onnx", ids, steps)
    ours = OnnxSession(open_decoder_folder(tmp_path / "onnx"), 1).start(1, 32)
    fed = np.cumsum([0, *steps])
    wanted = [ours.feed(np.array([ids[a:b]]))[0].copy() for a, b in pairwise(fed)]
    assert np.abs(found - np.array(wanted)).max() < 1e-5
    if to == "fp32":
        with torch.inference_mode():
            said = model.logits(model(torch.tensor([ids])))[0, fed[1:] - 1].numpy()
        assert np.abs(found - said).max() < 2e-5


def test_the_graphs_inputs_and_outputs_are_those_of_the_docs(tmp_path: Path, tokenizer: Path) -> None:
    made(tmp_path / "model", LLAMA, tokenizer)
    compress_decoder(tmp_path / "model", tmp_path / "onnx", Compression("int8"))
    session = onnxruntime.InferenceSession(tmp_path / "onnx" / "model.onnx", providers=["CPUExecutionProvider"])
    inputs = [(each.name, each.type, each.shape) for each in session.get_inputs()]
    assert inputs[:6] == [
        ("words", "tensor(float)", ["batch", "time", 64]),
        ("wanted", "tensor(int64)", ["n"]),
        ("used", "tensor(int32)", ["batch"]),
        ("total", "tensor(int32)", []),
        ("past.key.0", "tensor(float)", ["batch", 2, "room", 16]),
        ("past.value.0", "tensor(float)", ["batch", 2, "room", 16]),
    ]
    outputs = [each.name for each in session.get_outputs()]
    assert outputs == ["logits", *(name.replace("past", "present") for name, _, _ in inputs[4:])]
    docs = (Path(__file__).parents[2] / "docs" / "generating.md").read_text(encoding="utf-8")
    for name in ("words", "wanted", "used", "total", "past.key.N", "present.key.N", "logits"):
        assert f"`{name}" in docs
