"""A compressed decoder says what its checkpoint says: in floats the same, in blocks what the rounded weights say."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from small_decoders import LLAMA, SHAPES, made

from openbook.compress.blocks import quantise_blocks
from openbook.compress.checkpoint_weights import open_decoder
from openbook.compress.decoder_folder import Compression, compress_decoder
from openbook.compress.rotary_table import rotary_table
from openbook.errors import OpenbookError
from openbook.generate.onnx_folder import open_decoder_folder
from openbook.generate.onnx_session import OnnxSession
from openbook.model import Decoder
from openbook.model.checkpoint import load, save
from openbook.model.parameter_shapes import parameter_shapes
from openbook.model.rotary import angles


def said(model: Decoder, ids: torch.Tensor) -> np.ndarray:
    with torch.inference_mode():
        return model.logits(model(ids)).numpy()


@pytest.mark.parametrize("shape", SHAPES)
def test_in_floats_it_says_the_same_at_once_and_step_by_step(shape: str, tmp_path: Path, tokenizer: Path) -> None:
    model = made(tmp_path / "model", SHAPES[shape], tokenizer)
    compress_decoder(tmp_path / "model", tmp_path / "onnx", Compression("fp32"))
    session = OnnxSession(open_decoder_folder(tmp_path / "onnx"), 1)
    ids = torch.randint(0, 300, (2, 24), generator=torch.Generator().manual_seed(1))
    expected = said(model, ids)
    whole = session.start(2, 24).feed(ids.numpy(), range(48)).reshape(2, 24, -1)
    assert np.abs(whole - expected).max() < 2e-5
    steps = session.start(2, 30)
    steps.feed(ids[:, :15].numpy())
    for place in range(15, 24):
        found = steps.feed(ids[:, place : place + 1].numpy())
        assert np.abs(found - expected[:, place]).max() < 2e-5


@pytest.mark.parametrize("to", ["int8", "int4"])
@pytest.mark.parametrize("shape", ["llama", "untied", "qwen2", "qwen3"])
def test_in_blocks_it_says_what_the_rounded_weights_say(shape: str, to, tmp_path: Path, tokenizer: Path) -> None:
    model = made(tmp_path / "model", SHAPES[shape], tokenizer)
    compress_decoder(tmp_path / "model", tmp_path / "onnx", Compression(to, 32, int8_activations=False))
    with torch.no_grad():
        for parameter in model.parameters():
            if parameter.ndim == 2:
                rounded = quantise_blocks(parameter.numpy(), 8 if to == "int8" else 4, 32).dequantise()
                parameter.copy_(torch.from_numpy(rounded))
    session = OnnxSession(open_decoder_folder(tmp_path / "onnx"), 1)
    ids = torch.randint(0, 300, (1, 20), generator=torch.Generator().manual_seed(2))
    found = session.start(1, 20).feed(ids.numpy(), range(20))
    assert np.abs(found - said(model, ids)[0]).max() < 2e-4


def test_eight_bits_and_rounded_activations_stay_near(tmp_path: Path, tokenizer: Path) -> None:
    model = made(tmp_path / "model", LLAMA, tokenizer)
    ids = torch.randint(0, 300, (1, 40), generator=torch.Generator().manual_seed(3))
    expected = said(model, ids)[0]
    off: dict[str, float] = {}
    for to in ("int8", "int4"):
        compress_decoder(tmp_path / "model", tmp_path / to, Compression(to))
        found = OnnxSession(open_decoder_folder(tmp_path / to), 1).start(1, 40).feed(ids.numpy(), range(40))
        off[to] = float(np.abs(found - expected).mean() / expected.std())
    assert off["int8"] < 0.03 < off["int4"] < 0.6


def test_half_precision_checkpoints_are_read_exactly(tmp_path: Path, tokenizer: Path) -> None:
    for dtype in (torch.bfloat16, torch.float16):
        folder = tmp_path / str(dtype)
        made(folder, LLAMA, tokenizer, dtype)
        model, _ = load(folder, dtype=torch.float32)
        with open_decoder(folder) as (_, weights):
            for name, parameter in model.named_parameters():
                assert (weights[name] == parameter.detach().numpy()).all(), name


def test_going_back_writes_over_what_came_after(tmp_path: Path, tokenizer: Path) -> None:
    made(tmp_path / "model", LLAMA, tokenizer)
    compress_decoder(tmp_path / "model", tmp_path / "onnx", Compression("int8"))
    session = OnnxSession(open_decoder_folder(tmp_path / "onnx"), 1)
    ids = np.arange(12, dtype=np.int64)[None]
    growing = session.start(1, 20)
    growing.feed(ids)
    first = growing.feed(np.array([[7]])).copy()
    growing.forget(12)
    growing.feed(np.array([[9, 9, 9]]))
    growing.forget(12)
    assert np.array_equal(growing.feed(np.array([[7]])), first)


@pytest.mark.parametrize("shape", SHAPES)
def test_neither_cuts_nor_rows_beside_it_change_a_text(shape: str, tmp_path: Path, tokenizer: Path) -> None:
    """To the last bit: prompts that are kept and rows that run together rest on it."""
    made(tmp_path / "model", SHAPES[shape], tokenizer)
    compress_decoder(tmp_path / "model", tmp_path / "onnx", Compression("int8"))
    session = OnnxSession(open_decoder_folder(tmp_path / "onnx"), 1)
    ids = np.random.default_rng(0).integers(0, 300, (3, 40))

    def read(row: int, *cuts: int) -> np.ndarray:
        growing, at, found = session.start(1, 40), 0, []
        for cut in cuts:
            found.append(growing.feed(ids[row : row + 1, at : at + cut], range(cut)).copy())
            at += cut
        return np.concatenate(found)

    assert np.array_equal(read(0, 40), read(0, 13, 2, 5, 20))
    lengths = (7, 20, 33)
    rows = session.start(3, 40)
    for row, length in enumerate(lengths):
        alone = session.start(1, length)
        alone.feed(ids[row : row + 1, :length])
        rows.take(row, alone, length)
    stepped = [read(row, length, *[1] * 7) for row, length in enumerate(lengths)]
    for step in range(7):
        found = rows.feed(np.array([[ids[row, length + step]] for row, length in enumerate(lengths)]))
        for row, length in enumerate(lengths):
            assert np.array_equal(found[row], stepped[row][length + step])


def test_room_is_honoured(tmp_path: Path, tokenizer: Path) -> None:
    made(tmp_path / "model", LLAMA, tokenizer)
    compress_decoder(tmp_path / "model", tmp_path / "onnx", Compression("int8"))
    session = OnnxSession(open_decoder_folder(tmp_path / "onnx"), 1)
    with pytest.raises(OpenbookError, match="context is 64 tokens, not 65"):
        session.start(1, 65)
    with pytest.raises(OpenbookError, match="9 tokens are more than the 8"):
        session.start(1, 8).feed(np.zeros((1, 9), np.int64))


@pytest.mark.parametrize("shape", SHAPES)
def test_shapes_are_those_of_the_model(shape: str) -> None:
    config = SHAPES[shape]
    with torch.device("meta"):
        model = Decoder(config)
    assert parameter_shapes(config) == {name: tuple(each.shape) for name, each in model.named_parameters()}


@pytest.mark.parametrize("shape", ["llama", "llama 3.1", "yarn", "linear"])
def test_the_rotary_table_is_the_models(shape: str) -> None:
    config = SHAPES[shape]
    cosine, sine = angles(torch.arange(config.context), config.head_dim, config.theta, config.scaling)
    half = config.head_dim // 2
    found = rotary_table(config)
    assert np.abs(found[0] - cosine[:, :half].numpy()).max() < 1e-5
    assert np.abs(found[1] - sine[:, :half].numpy()).max() < 1e-5


def test_bad_models_are_one_line(tmp_path: Path, tokenizer: Path) -> None:
    made(tmp_path / "model", LLAMA, tokenizer)
    (tmp_path / "model" / "tokenizer.json").unlink()
    with pytest.raises(OpenbookError, match=r"has no tokenizer\.json"):
        compress_decoder(tmp_path / "model", tmp_path / "onnx", Compression())
    broken = made(tmp_path / "nan", LLAMA, tokenizer)
    with torch.no_grad():
        broken.blocks[1].attention.output.weight[0, 0] = float("nan")
    save(tmp_path / "nan", broken)
    with pytest.raises(OpenbookError, match="numbers that are not finite"):
        compress_decoder(tmp_path / "nan", tmp_path / "onnx", Compression())
    gpt2 = replace(LLAMA, positions="learned", norm="layer", activation="gelu_tanh", key_value_heads=4, family="gpt2",
                   bias_attention_in=True, bias_attention_out=True, bias_feed_forward=True)  # fmt: skip
    made(tmp_path / "gpt2", gpt2, tokenizer)
    with pytest.raises(OpenbookError, match="the shape of gpt2"):
        compress_decoder(tmp_path / "gpt2", tmp_path / "onnx", Compression())
    made(tmp_path / "narrow", replace(LLAMA, heads=8, head_dim=8), tokenizer)
    with pytest.raises(OpenbookError, match="head_dim is 8"):
        compress_decoder(tmp_path / "narrow", tmp_path / "onnx", Compression())
    assert not (tmp_path / "onnx").exists()


def test_a_changed_file_is_noticed(tmp_path: Path, tokenizer: Path) -> None:
    made(tmp_path / "model", LLAMA, tokenizer)
    compress_decoder(tmp_path / "model", tmp_path / "onnx", Compression())
    with (tmp_path / "onnx" / "model.onnx").open("ab") as file:
        file.write(b"x")
    with pytest.raises(OpenbookError, match="corrupt or of another version"):
        open_decoder_folder(tmp_path / "onnx")
