"""A compressed folder writes what its checkpoint writes, keeps to its bounds, and brings no torch."""

import subprocess
import sys
from pathlib import Path

import pytest
from tiny_models import asked, make_checkpoint

from openbook.compress.decoder_folder import Compression, compress_decoder
from openbook.errors import OpenbookError
from openbook.generate.onnx_engine import open_onnx
from openbook.generate.open import open_model
from openbook.generate.torch_engine import open_torch
from openbook.values import Decoding

PROMPT = "The pear tree 你好"


@pytest.fixture(scope="module")
def llama(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_checkpoint(tmp_path_factory.mktemp("models") / "llama", "llama")


@pytest.fixture(scope="module")
def in_floats(llama: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("compressed") / "floats"
    compress_decoder(llama, folder, Compression("fp32"))
    return folder


@pytest.mark.parametrize("decoding", [Decoding(40, alternatives=3), Decoding(40, 0.9, 30, 0.95, seed=2)])
def test_in_floats_it_writes_what_torch_writes(llama: Path, in_floats: Path, decoding: Decoding) -> None:
    theirs = list(open_torch(llama, "cpu").stream(asked(PROMPT), decoding))
    ours = list(open_onnx(in_floats, 1).stream(asked(PROMPT), decoding))
    assert [token.id for token in ours] == [token.id for token in theirs]
    assert "".join(token.text for token in ours) == "".join(token.text for token in theirs)
    for mine, other in zip(ours, theirs, strict=True):
        assert mine.logprob == pytest.approx(other.logprob, abs=1e-4)


def test_a_long_prompt_is_read_in_pieces(tmp_path: Path) -> None:
    llama = make_checkpoint(tmp_path / "long", "llama", context=1_400)
    compress_decoder(llama, tmp_path / "onnx", Compression("fp32"))
    prompt = asked("The pear tree was planted. " * 100)
    theirs, ours = (
        [token.id for token in model.stream(prompt, Decoding(12))]
        for model in (open_torch(llama, "cpu"), open_onnx(tmp_path / "onnx"))
    )
    assert ours == theirs


@pytest.mark.parametrize("to", ["int8", "int4"])
def test_rounded_it_writes_too_and_a_seed_repeats_it(llama: Path, to, tmp_path: Path) -> None:
    compress_decoder(llama, tmp_path / to, Compression(to))
    model = open_onnx(tmp_path / to, 1)
    first, second = (list(model.stream(asked(PROMPT), Decoding(30, 1.0, seed=5))) for _ in range(2))
    assert first == second
    assert model.name.startswith(f"onnx:{to}@")


def test_a_prompt_over_the_context_is_one_line(in_floats: Path) -> None:
    with pytest.raises(OpenbookError, match="more than the model's context of 96"):
        next(open_onnx(in_floats, 1).stream(asked("tree" * 300), Decoding()))


def test_it_is_named_as_onnx_and_nothing_else_is_taken_for_one(in_floats: Path, llama: Path) -> None:
    assert open_model(f"onnx:{in_floats}").name.startswith("onnx:floats@")
    with pytest.raises(OpenbookError, match=r"no manifest\.json"):
        open_model(f"onnx:{llama}")


@pytest.mark.slow
def test_writing_needs_no_torch(in_floats: Path) -> None:
    script = f"""
import sys
from pathlib import Path
from openbook.generate.onnx_engine import open_onnx
from openbook.values import TRUSTED, Decoding, Part
assert list(open_onnx(Path({str(in_floats)!r})).stream((Part("The pear", TRUSTED, "user"),), Decoding(3)))
assert not {{"torch", "transformers", "onnx", "safetensors"}} & set(sys.modules)
"""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
