"""``openbook compress``: a folder that runs, a table that says what it costs, and one line for what cannot be."""

import json
from pathlib import Path

import pytest
import torch

from openbook import tokens
from openbook.model import Decoder, DecoderConfig
from openbook.model.checkpoint import save


@pytest.fixture
def checkpoint(tmp_path: Path) -> Path:
    torch.manual_seed(0)
    folder = tmp_path / "small"
    save(folder, Decoder(DecoderConfig(vocabulary=300, width=64, layers=2, heads=4, inner=96, context=64)))
    tokens.train_bpe(["some words of a small text, some words"] * 4, 280).save(folder / "tokenizer.json")
    (tmp_path / "text.txt").write_text("Some words of a small text. " * 40, encoding="utf-8")
    return folder


def test_a_table_and_a_folder(checkpoint: Path, tmp_path: Path, run) -> None:
    text, page = str(tmp_path / "text.txt"), tmp_path / "a.html"
    done = run("compress", str(checkpoint), str(tmp_path / "small-int8"), "--text", text, "--out", str(page))
    assert done.code == 0, done.err
    for line in ("size", "perplexity", "same first choice", "writing, eight", "weights read"):
        assert line in done.out
    assert max(map(len, done.out.splitlines())) <= 80
    assert page.read_text(encoding="utf-8").startswith("<!doctype html>")
    done = run("compress", str(checkpoint), str(tmp_path / "small-int8"), "--to", "int4", "--text", text, "--json")
    told = json.loads(done.out)
    assert told["asked"]["to"] == "int4"
    assert told["truth"]["fidelity"]["tokens"] > 100
    assert told["bytes"] < told["truth"]["fp32"]["weights"] / 3


def test_bad_input_is_one_line(checkpoint: Path, tmp_path: Path, run) -> None:
    strange = tmp_path / "strange"
    strange.mkdir()
    (strange / "kept.txt").write_text("mine")
    out = str(tmp_path / "out")
    for arguments, line in (
        ([str(tmp_path / "none"), out], "cannot be read"),
        ([str(checkpoint), str(checkpoint)], "MODEL and FOLDER are the same"),
        ([str(checkpoint), str(strange)], "holds something else"),
        ([str(checkpoint), out, "--block", "20"], "a block has 16, 32"),
        ([str(checkpoint), out, "--text", str(tmp_path / "nothing")], "nothing"),
        ([str(checkpoint), out, "--no-measure", "--text", "x"], "--no-measure leaves nothing to show"),
    ):
        done = run("compress", *arguments)
        assert done.code == 2, arguments
        assert line in done.err
        assert len(done.err.strip().splitlines()) == 1
        assert not Path(out).exists()
    assert (strange / "kept.txt").read_text() == "mine"


def test_without_measuring_only_the_size_is_said(checkpoint: Path, tmp_path: Path, run) -> None:
    done = run("compress", str(checkpoint), str(tmp_path / "out"), "--no-measure")
    assert done.code == 0
    assert "MB" in done.out
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == [
        "manifest.json",
        "model.onnx",
        "tokenizer.json",
    ]
