"""``openbook compress``: a folder that runs, a table that says what it costs, and one line for what cannot be."""

import json
from pathlib import Path

import pytest
import torch

from openbook import tokens
from openbook.encode import open_encoder
from openbook.model import Decoder, DecoderConfig, Encoder, EncoderConfig
from openbook.model.checkpoint import save

FEW_WORDS = {
    "version": "1.0", "truncation": None, "padding": None, "added_tokens": [], "normalizer": None,
    "pre_tokenizer": {"type": "Whitespace"}, "post_processor": None, "decoder": None,
    "model": {"type": "WordLevel", "vocab": {"some": 0, "words": 1, "[UNK]": 2}, "unk_token": "[UNK]"},
}  # fmt: skip


@pytest.fixture
def checkpoint(tmp_path: Path) -> Path:
    torch.manual_seed(0)
    folder = tmp_path / "small"
    save(folder, Decoder(DecoderConfig(vocabulary=300, width=64, layers=2, heads=4, inner=96, context=64)))
    tokens.train_bpe(["some words of a small text, some words"] * 4, 280).save(folder / "tokenizer.json")
    (tmp_path / "text.txt").write_text("Some words of a small text. " * 40, encoding="utf-8")
    return folder


@pytest.mark.slow
def test_a_table_and_a_folder(checkpoint: Path, tmp_path: Path, run) -> None:
    text, page = str(tmp_path / "text.txt"), tmp_path / "a.html"
    done = run("compress", str(checkpoint), str(tmp_path / "small-int8"), "--text", text, "--out", str(page))
    assert done.code == 0, done.err
    for line in ("size", "perplexity", "same first choice", "writing 1 row", "writing 8 rows", "weights read"):
        assert line in done.out
    assert max(map(len, done.out.splitlines())) <= 80
    assert page.read_text(encoding="utf-8").startswith("<!doctype html>")
    (checkpoint / "tokenizer.json").write_text(json.dumps(FEW_WORDS))
    (tmp_path / "text.txt").write_text("some words some pears " * 40, encoding="utf-8")
    done = run("compress", str(checkpoint), str(tmp_path / "small-int8"), "--to", "int4", "--text", text, "--json")
    told = json.loads(done.out)
    assert told["asked"]["to"] == "int4"
    assert told["truth"]["fidelity"]["tokens"] > 100
    assert told["bytes"] < told["truth"]["fp32"]["weights"] / 3
    assert told["replaced"]
    assert told["truth"]["prompt"]["low"] <= told["truth"]["prompt"]["value"] <= told["truth"]["prompt"]["high"]
    assert told["truth"]["unseen"] == 0.25
    unknown, replaced = done.err.strip().splitlines()
    assert (
        unknown == f"25.0% of {text} is unknown to the model's tokenizer: compare on text of the kind it was made for"
    )
    assert replaced == f"written over what was compressed there before: {tmp_path / 'small-int8'}"


def test_files_of_the_model_before_do_not_stay(checkpoint: Path, tmp_path: Path, run_alone) -> None:
    out = tmp_path / "out"
    (checkpoint / "chat_template.jinja").write_text("{{ messages }}")
    assert run_alone("compress", str(checkpoint), str(out), "--no-measure").code == 0
    assert (out / "chat_template.jinja").exists()
    (out / "mine.txt").write_text("kept")
    (checkpoint / "chat_template.jinja").unlink()
    assert run_alone("compress", str(checkpoint), str(out), "--no-measure").code == 0
    assert sorted(path.name for path in out.iterdir()) == ["manifest.json", "mine.txt", "model.onnx", "tokenizer.json"]


def test_bad_input_is_one_line(checkpoint: Path, tmp_path: Path, run) -> None:
    strange = tmp_path / "strange"
    strange.mkdir()
    (strange / "kept.txt").write_text("mine")
    out = str(tmp_path / "out")
    for arguments, line in (
        ([str(tmp_path / "none"), out], "there is no folder"),
        ([str(checkpoint), str(checkpoint)], "MODEL and FOLDER are the same"),
        ([str(checkpoint), str(strange)], "holds something else"),
        ([str(checkpoint), out, "--block", "20"], "a block has 16, 32"),
        ([str(checkpoint), out, "--text", str(tmp_path / "nothing")], "nothing"),
        ([str(checkpoint), out, "--no-measure", "--text", "x"], "--no-measure leaves nothing to show"),
        ([str(checkpoint), out, "--smooth", "--float-activations"], "--smooth is for activations that are rounded"),
        ([str(checkpoint), out, "--smooth", "--most-tokens", "100"], "too short to find outliers in"),
    ):
        done = run("compress", *arguments)
        assert done.code == 2, arguments
        assert line in done.err
        assert len(done.err.strip().splitlines()) == 1
        assert not Path(out).exists()
    assert (strange / "kept.txt").read_text() == "mine"


def test_what_does_not_belong_together_is_one_line(checkpoint: Path, tmp_path: Path, run) -> None:
    def refused(line: str) -> None:
        done = run("compress", str(checkpoint), str(tmp_path / "out"))
        assert done.code == 2
        assert line in done.err
        assert len(done.err.strip().splitlines()) == 1
        assert not (tmp_path / "out").exists()

    (checkpoint / "tokenizer.json").unlink()
    refused("has no tokenizer.json")
    tokens.train_bpe([str(number) for number in range(3_000)] * 2, 400).save(checkpoint / "tokenizer.json")
    refused("they do not belong together")
    (checkpoint / "model.safetensors").rename(checkpoint / "pytorch_model.bin")
    refused("a pickle, which can run code")


@pytest.fixture
def encoder(tmp_path: Path) -> Path:
    from tokenizers import Tokenizer, models, normalizers, pre_tokenizers

    torch.manual_seed(0)
    words = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", *"abcdefghijklmnopqrstuvwxyz", *(f"##{c}" for c in "abcdefghijklmno")]
    model = Encoder(EncoderConfig(vocabulary=len(words), width=32, layers=2, heads=4, inner=64, context=48))
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.mul_(5) if parameter.ndim == 2 else parameter
    save(tmp_path / "bert", model)
    tokenizer = Tokenizer(models.WordPiece({word: n for n, word in enumerate(words)}, unk_token="[UNK]"))
    tokenizer.normalizer = normalizers.BertNormalizer()
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tokenizer.save(str(tmp_path / "bert" / "tokenizer.json"))
    letters = "abcdefghijklmno"
    passages = [" ".join(letters[(n * k) % 15] + letters[n % 15] for k in range(1, 9)) for n in range(40)]
    (tmp_path / "letters.txt").write_text("\n\n".join(passages), encoding="utf-8")
    return tmp_path / "bert"


@pytest.mark.slow
def test_an_encoder_is_told_from_a_language_model(encoder: Path, tmp_path: Path, run) -> None:
    text, out, page = str(tmp_path / "letters.txt"), tmp_path / "bert-int8", tmp_path / "a.html"
    done = run("compress", str(encoder), str(out), "--text", text, "--out", str(page))
    assert done.code == 0, done.err
    for line in ("size", "cosine to fp32", "lowest cosine", "top 10 kept", "same nearest", "texts"):
        assert line in done.out
    assert max(map(len, done.out.splitlines())) <= 80
    assert page.read_text(encoding="utf-8").startswith("<!doctype html>")
    found = open_encoder(out, threads=1)
    assert found(["ab cd", "ef"]).shape == (2, 32)
    done = run("compress", str(encoder), str(out), "--text", text, "--json")
    told = json.loads(done.out)
    assert told["replaced"]
    assert told["truth"]["fidelity"]["cosine"]["low"] > 0.98
    assert told["bytes"] < told["truth"]["bytes"]
    assert "written over" in done.err
    assert (
        run("compress", str(encoder), str(tmp_path / "fp32"), "--to", "fp32", "--text", text, "--no-measure").code == 0
    )
    for arguments, line in (
        (["--to", "int4"], "not in int4"),
        (["--block", "64"], "of language models"),
        (["--float-activations"], "of language models"),
        (["--smooth"], "are always moved into its weights"),
        (["--text", str(tmp_path / "bert" / "config.json")], "holds 1 different passages"),
    ):
        done = run("compress", str(encoder), str(tmp_path / "new"), *arguments)
        assert done.code == 2
        assert line in done.err
    assert not (tmp_path / "new").exists()


def test_without_measuring_only_the_size_is_said(checkpoint: Path, tmp_path: Path, run) -> None:
    text = ["--smooth", "--text", str(tmp_path / "text.txt")]
    done = run("compress", str(checkpoint), str(tmp_path / "out"), "--no-measure", *text)
    assert done.code == 0
    assert "MB" in done.out
    assert json.loads((tmp_path / "out" / "manifest.json").read_text())["smoothed"]
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == [
        "manifest.json",
        "model.onnx",
        "tokenizer.json",
    ]
