"""A compressed decoder read back: the shape that went in, the weights that its blocks stand for, the logits that the
ONNX gives; and one line for what cannot be read back.
"""

import json
from dataclasses import replace
from hashlib import sha256
from pathlib import Path

import numpy as np
import onnx
import pytest
import torch
from small_decoders import LLAMA, SHAPES, made

from openbook.compress.blocks import quantise_blocks
from openbook.compress.decoder_folder import Compression, Target, compress_decoder
from openbook.compress.unquantised_decoder import unquantised_decoder
from openbook.errors import OpenbookError
from openbook.generate.onnx_folder import open_decoder_folder
from openbook.generate.onnx_session import OnnxSession
from openbook.generate.open import SHIPPED_WRITER
from openbook.model import Decoder
from openbook.model.compressed import load_any, load_compressed

PLAIN = [name for name in SHAPES if SHAPES[name].scaling is None]


def logits(model: Decoder, ids: np.ndarray) -> np.ndarray:
    with torch.inference_mode():
        return model.logits(model(torch.from_numpy(ids)))[0].numpy()


def through_onnx(folder: Path, ids: np.ndarray) -> np.ndarray:
    return OnnxSession(open_decoder_folder(folder), 1).start(1, ids.shape[1]).feed(ids, range(ids.shape[1]))


@pytest.mark.parametrize("to", ["fp32", "int8", "int4"])
@pytest.mark.parametrize("shape", PLAIN)
def test_it_comes_back_as_what_its_numbers_stand_for(shape: str, to: Target, tmp_path: Path, tokenizer: Path) -> None:
    original = made(tmp_path / "model", SHAPES[shape], tokenizer)
    compress_decoder(tmp_path / "model", tmp_path / "onnx", Compression(to, 32, int8_activations=False))
    config, weights = unquantised_decoder(tmp_path / "onnx")
    assert config == SHAPES[shape]
    assert config.family == SHAPES[shape].family
    for name, parameter in original.named_parameters():
        expected = parameter.detach().numpy()
        if to != "fp32" and parameter.ndim == 2:
            expected = quantise_blocks(expected, 8 if to == "int8" else 4, 32).dequantise()
        np.testing.assert_array_equal(weights[name], expected, err_msg=name)
    ids = np.random.default_rng(0).integers(0, 300, (1, 24))
    found = logits(load_compressed(tmp_path / "onnx"), ids)
    assert np.abs(found - through_onnx(tmp_path / "onnx", ids)).max() < 1e-4


def test_outliers_that_were_moved_stay_where_they_are_and_change_nothing(tmp_path: Path, tokenizer: Path) -> None:
    original = made(tmp_path / "model", LLAMA, tokenizer)
    ids = np.random.default_rng(1).integers(0, 300, (1, 24))
    how = Compression("fp32", smoothed_on=(ids[0],))
    compress_decoder(tmp_path / "model", tmp_path / "onnx", how)
    back = load_compressed(tmp_path / "onnx")
    assert not torch.equal(back.blocks[0].attention_norm.weight, original.blocks[0].attention_norm.weight)
    assert np.abs(logits(back, ids) - logits(original, ids)).max() < 1e-4


@pytest.mark.parametrize("theta", [10_000.0, 500_000.0, 1_000_000.0, 12_345.5])
def test_the_base_of_the_angles_is_found_again(theta: float, tmp_path: Path, tokenizer: Path) -> None:
    made(tmp_path / "model", replace(LLAMA, theta=theta, context=200), tokenizer)
    compress_decoder(tmp_path / "model", tmp_path / "onnx", Compression())
    assert unquantised_decoder(tmp_path / "onnx")[0].theta == theta


@pytest.mark.parametrize("shape", sorted(SHAPES.keys() - set(PLAIN)))
def test_stretched_angles_are_refused(shape: str, tmp_path: Path, tokenizer: Path) -> None:
    made(tmp_path / "model", SHAPES[shape], tokenizer)
    compress_decoder(tmp_path / "model", tmp_path / "onnx", Compression())
    with pytest.raises(OpenbookError, match=r"stretched.*start from the checkpoint") as refused:
        unquantised_decoder(tmp_path / "onnx")
    assert "\n" not in str(refused.value)


def test_the_shipped_writer_comes_back() -> None:
    """Its graph rounds activations too, which floats do not."""
    model = load_any(SHIPPED_WRITER)
    assert isinstance(model, Decoder)
    assert sum(each.numel() for each in model.parameters()) == 10_013_760
    assert (model.config.theta, model.config.epsilon, model.config.tied) == (10_000.0, 1e-5, True)
    ids = np.random.default_rng(2).integers(0, 8192, (1, 40))
    found, expected = logits(model, ids), through_onnx(SHIPPED_WRITER, ids)
    assert np.abs(found - expected).mean() < 0.03 * expected.std()


def rewritten(folder: Path, change: onnx.ModelProto | None, **said: object) -> None:
    """Another graph, or another manifest, whose digests are right."""
    manifest = json.loads((folder / "manifest.json").read_text()) | said
    if change is not None:
        (folder / "model.onnx").write_bytes(change.SerializeToString())
    manifest["files"]["model.onnx"]["sha256"] = sha256((folder / "model.onnx").read_bytes()).hexdigest()
    (folder / "manifest.json").write_text(json.dumps(manifest))


def test_another_graph_is_one_line(tmp_path: Path, tokenizer: Path) -> None:
    made(tmp_path / "model", LLAMA, tokenizer)
    compress_decoder(tmp_path / "model", tmp_path / "onnx", Compression())
    whole = onnx.load(str(tmp_path / "onnx" / "model.onnx"))
    manifest = json.loads((tmp_path / "onnx" / "manifest.json").read_text())
    others: list[tuple[onnx.ModelProto | None, dict[str, object]]] = [
        (onnx.helper.make_model(onnx.helper.make_graph([], "g", [], [])), {}),
        (None, {"shape": {**manifest["shape"], "bits": 4}}),
        (None, {"shape": {**manifest["shape"], "vocabulary": 299}}),
        (None, {"shape": []}),
        (None, {"ends": 3}),
        (None, {"kind": "encoder"}),
    ]
    for name in ("blocks.1.feed_forward.down.scales", "blocks.0.attention_norm.weight", "cosine"):
        cut = onnx.ModelProto()
        cut.CopyFrom(whole)
        kept = [each for each in cut.graph.initializer if each.name != name]
        del cut.graph.initializer[:]
        cut.graph.initializer.extend(kept)
        others.append((cut, {}))
    infinite = onnx.ModelProto()
    infinite.CopyFrom(whole)
    for each in infinite.graph.initializer:
        if each.name == "norm.weight":
            each.CopyFrom(onnx.numpy_helper.from_array(np.full(64, np.inf, np.float32), each.name))
    others.append((infinite, {}))
    for change, said in others:
        rewritten(tmp_path / "onnx", change or whole, **{**manifest, **said})
        with pytest.raises(OpenbookError) as refused:
            unquantised_decoder(tmp_path / "onnx")
        assert "\n" not in str(refused.value)
    with (tmp_path / "onnx" / "model.onnx").open("ab") as file:
        file.write(b"x")
    with pytest.raises(OpenbookError, match="corrupt or of another version"):
        unquantised_decoder(tmp_path / "onnx")
