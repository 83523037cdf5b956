"""``openbook export``: a file or a folder for others, and one line for what cannot be, with nothing left behind."""

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
    config = DecoderConfig(
        vocabulary=300, width=64, layers=2, heads=4, inner=96, context=64, window=32, family="mistral"
    )
    save(folder, Decoder(config))
    tokens.train_bpe(["some words of a small text, some words"] * 4, 280).save(folder / "tokenizer.json")
    return folder


def test_the_targets_ending_says_what_is_written(checkpoint: Path, tmp_path: Path, run_alone) -> None:
    done = run_alone("export", str(checkpoint), "small.gguf", "--dtype", "q8_0")
    assert done.code == 0, done.err
    assert done.out.startswith("Q8_0, 20 tensors, 0.1 MB\n")
    assert "the file names a context of 32 tokens, not 64" in done.out
    assert (tmp_path / "small.gguf").read_bytes()[:4] == b"GGUF"
    done = run_alone("export", str(checkpoint), "theirs", "--json")
    assert done.json["to"] == "hf"
    assert done.json["notes"] == []
    assert sorted(path.name for path in (tmp_path / "theirs").iterdir()) == [
        "config.json",
        "generation_config.json",
        "model.safetensors",
        "tokenizer.json",
        "tokenizer_config.json",
    ]


def test_an_exported_folder_exports_to_the_same_file(checkpoint: Path, tmp_path: Path, run) -> None:
    (tmp_path / "other").mkdir()
    assert run("export", str(checkpoint), "a.gguf").code == 0
    assert run("export", str(checkpoint), "again").code == 0
    assert run("export", "again", "other/a.gguf").code == 0
    assert (tmp_path / "a.gguf").read_bytes() == (tmp_path / "other" / "a.gguf").read_bytes()


def test_bad_input_is_one_line_and_leaves_nothing(checkpoint: Path, tmp_path: Path, run) -> None:
    (tmp_path / "kept.gguf").write_text("mine")
    for name in ("bare", "adapter", "other", "nan"):
        (tmp_path / name).mkdir()
    (tmp_path / "adapter" / "adapter_config.json").write_text("{}")
    for name in ("config.json", "model.safetensors"):
        (tmp_path / "bare" / name).write_bytes((checkpoint / name).read_bytes())
        (tmp_path / "other" / name).write_bytes((checkpoint / name).read_bytes())
    tokens.train_wordpiece(["some words"] * 4, 60).save(tmp_path / "other" / "tokenizer.json")
    before = sorted(tmp_path.iterdir())
    model = str(checkpoint)
    for arguments, line in (
        (["none", "a.gguf"], "cannot read none/config.json"),
        (["adapter", "a.gguf"], "is a LoRA adapter: merge it into its base first"),
        (["bare", "a.gguf"], "holds no tokenizer.json"),
        (["other", "a.gguf"], "is WordPiece, and GGUF is written for byte-level BPE alone; export with --to hf"),
        ([model, "a.bin", "--to", "gguf"], "no name for a GGUF file"),
        ([model, "kept.gguf"], "is there already: name another place"),
        ([model, model], "is there already: name another place"),
        ([model, "kept.gguf", "--to", "hf"], "is there already"),
        ([model, "no/such/folder/a.gguf"], "there is no folder"),
        ([model, "none/a.gguf"], "there is no folder none for the file"),
        ([model, "folder", "--dtype", "f16"], "--dtype is for --to gguf"),
    ):
        done = run("export", *arguments)
        assert done.code == 2, arguments
        assert line in done.err, arguments
        assert len(done.err.strip().splitlines()) == 1
        assert sorted(tmp_path.iterdir()) == before
    assert (tmp_path / "kept.gguf").read_text() == "mine"


def test_weights_of_no_number_are_refused(checkpoint: Path, tmp_path: Path, run) -> None:
    model = Decoder(DecoderConfig(vocabulary=300, width=64, layers=2, heads=4, inner=96, context=64))
    with torch.no_grad():
        model.norm.weight[3] = float("nan")
    save(checkpoint, model)
    for target in ("a.gguf", "a"):
        done = run("export", str(checkpoint), target)
        assert done.code == 2
        assert "not finite" in done.err
        assert [path.name for path in tmp_path.iterdir()] == ["small"]


def test_no_torch_is_needed(checkpoint: Path, tmp_path: Path, run) -> None:
    (tmp_path / "torch.py").write_text("raise ImportError('torch')")
    for target in ("a.gguf", "a"):
        assert run("export", str(checkpoint), target, cwd=tmp_path).code == 0


def test_the_help_is_one_page(run) -> None:
    done = run("export", "--help")
    assert done.code == 0
    assert len(done.out.splitlines()) < 45
