"""A model takes no more than it was allowed: the rest is refused before it is allocated, and what fits is the same."""

import gc
import subprocess
import sys
from pathlib import Path

import pytest
import torch
from tiny_models import CORPUS, asked, make_checkpoint

from openbook import tokens
from openbook.compress.decoder_folder import Compression, compress_decoder
from openbook.errors import OpenbookError
from openbook.generate import onnx_session
from openbook.generate.many import many
from openbook.generate.memory import RUNTIME, Memory, OverMemory, shown, size_of
from openbook.generate.onnx_engine import open_onnx
from openbook.generate.open import open_model
from openbook.model import Decoder, DecoderConfig
from openbook.model.checkpoint import save
from openbook.values import Decoding

A_TOKEN = 2 * 2 * 2 * 16 * 4
"""Layers, keys and values, heads, head_dim, bytes."""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("models")
    compress_decoder(make_checkpoint(folder / "llama", "llama"), folder / "int8", Compression("int8"))
    return folder / "int8"


def bound(folder: Path, tokens: int) -> int:
    return 2 * (folder / "model.onnx").stat().st_size + RUNTIME + A_TOKEN * tokens


def test_weights_that_are_too_large_are_not_loaded(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(onnx_session, "load", lambda *_, **__: pytest.fail("they were loaded"))
    with pytest.raises(OverMemory, match=r"the model takes 52\.\d MB, more than the 40\.0 MB allowed: allow more"):
        open_onnx(folder, 1, memory=40_000_000)


def test_a_text_that_is_too_long_is_refused_and_a_shorter_one_written(folder: Path) -> None:
    model = open_onnx(folder, 1, memory=bound(folder, 40))
    with pytest.raises(OverMemory, match=r"90 tokens take 0\.0 MB beside .* allowed: shorten the prompt, write fewer"):
        next(model.stream(asked("a"), Decoding(90)))
    plain = list(open_onnx(folder, 1).stream(asked("a"), Decoding(38)))
    for _ in range(3):  # what an earlier text took is given back
        assert list(model.stream(asked("a"), Decoding(38))) == plain


def test_rows_go_in_smaller_groups_where_all_do_not_fit(folder: Path) -> None:
    rows = [(asked("The pear"), Decoding(20, 1.0, seed=seed)) for seed in range(9)]
    length = len(open_onnx(folder, 1).rendering(asked("The pear"))) + 19
    plain = many(open_onnx(folder, 1), rows)
    for most in (2, 3, 5, 40):
        model = open_onnx(folder, 1, memory=bound(folder, length * most))
        assert many(model, rows) == plain


def test_what_is_counted_is_given_back() -> None:
    class Owner:
        pass

    memory, owner = Memory(100), Owner()
    memory.reserve(owner, 60, 1, 1)
    with pytest.raises(OverMemory):
        memory.reserve(Owner(), 60, 1, 1)
    del owner
    gc.collect()
    memory.reserve(Owner(), 60, 1, 1)


def test_amounts_are_read_as_people_write_them() -> None:
    assert [size_of(text) for text in ("2GB", "500 mb", "1.5GiB", "70000")] == [2 * 10**9, 5 * 10**8, 1610612736, 70000]
    for text in ("", "much", "-1GB", "0", "2 parsecs", "9" * 15 + "GB", "nan"):
        with pytest.raises(OpenbookError, match="such as 2GB"):
            size_of(text)
    assert [shown(size) for size in (3 * 10**9, 5 * 10**5)] == ["3.00 GB", "0.5 MB"]


def test_only_a_compressed_model_keeps_to_a_bound() -> None:
    with pytest.raises(OpenbookError, match="only a model of onnx:FOLDER keeps to a bound"):
        open_model("http://127.0.0.1:1/v1", memory=10**9)


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="the peak is read from Linux's /proc")
def test_a_process_grows_by_no_more_than_was_allowed(tmp_path: Path) -> None:
    torch.manual_seed(0)
    tokenizer = tokens.train_bpe(CORPUS, 340)
    shape = DecoderConfig(vocabulary=340, width=512, layers=6, heads=8, inner=1408, context=2048)
    save(tmp_path / "model", Decoder(shape))
    tokenizer.save(tmp_path / "model" / "tokenizer.json")
    compress_decoder(tmp_path / "model", tmp_path / "int8", Compression("int8"))
    program = (
        "import re, sys\n"
        "from pathlib import Path\n"
        "from openbook.generate.onnx_engine import open_onnx\n"
        "from openbook.values import TRUSTED, Decoding, Part\n"
        "peak = lambda: int(re.search(r'VmHWM:\\s*(\\d+)', Path('/proc/self/status').read_text())[1]) * 1024\n"
        "before = peak()\n"
        "model = open_onnx(Path(sys.argv[1]), 1, memory=int(sys.argv[2]))\n"
        "written = list(model.stream((Part('pear ' * 400, TRUSTED, 'user'),), Decoding(1000)))\n"
        "print(len(written), peak() - before)\n"
    )
    most = 160_000_000
    done = subprocess.run(
        [sys.executable, "-c", program, str(tmp_path / "int8"), str(most)], capture_output=True, text=True, check=True
    )
    written, grown = map(int, done.stdout.split())
    assert written
    assert (tmp_path / "int8" / "model.onnx").stat().st_size < grown <= most
