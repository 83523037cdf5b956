"""``openbook see attention`` as a person types it: a page, a picture, numbers, and one line for what cannot be seen."""

import json
import re
import subprocess
import sys
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

TEXT = "The cat sat because it was tired"


def test_a_page_says_the_model_and_shows_every_head(run_alone, tmp_path: Path) -> None:
    done = run_alone("see", "attention", TEXT, cwd=tmp_path)
    assert done.code == 0
    assert "Strongest ties between words" in done.out
    assert max(map(len, done.out.splitlines())) <= 80
    written = (tmp_path / "attention.html").read_text(encoding="utf-8")
    assert "all-MiniLM-L6-v2 as openbook ships it" in written
    assert len(set(re.findall(r'href="#(map-\d+-\d+)"', written))) == 72
    assert "<script" not in written
    assert "default-src 'none'" in written


def test_a_picture_of_one_head(run, tmp_path: Path) -> None:
    done = run("see", "attention", TEXT, "--layer", "1", "--head", "3", "--out", str(tmp_path / "a.svg"))
    assert done.code == 0
    root = ET.parse(tmp_path / "a.svg").getroot()
    tips = [title.text for title in root.iter("{http://www.w3.org/2000/svg}title")]
    assert any(re.fullmatch(r"cat → The: (0\.9\d\d|1\.000)", tip or "") for tip in tips)


def test_what_a_person_typed_is_text(run, tmp_path: Path) -> None:
    done = run("see", "attention", '<script>alert(1)</script> [SEP] & "quotes"', cwd=tmp_path)
    assert done.code == 0
    written = (tmp_path / "attention.html").read_text(encoding="utf-8")
    assert "<script" not in written
    assert "&lt;script&gt;" in written


def test_numbers_for_machines(run, tmp_path: Path) -> None:
    seen = run("see", "attention", "-", "--json", "--layer", "2", stdin=TEXT, cwd=tmp_path).json
    assert seen["tokens"] == ["[CLS]", *TEXT.split(), "[SEP]"]
    assert seen["layers"] == [2]
    assert len(seen["weights"]) == 1
    assert len(seen["weights"][0]) == 12
    assert all(abs(sum(row) - 1) < 1e-4 for row in seen["weights"][0][0])
    assert not list(tmp_path.glob("attention.html"))


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        (("",), "there is no token in this text"),
        (("word " * 100,), "has 102 tokens, and 64 can be seen at once"),
        ((TEXT, "--layer", "7"), "there is no layer 7: this model has layers 1 to 6"),
        ((TEXT, "--head", "13"), "there is no head 13"),
        ((TEXT, "--out", "a.png"), "neither .html nor .svg"),
        ((TEXT, "--model", "nowhere"), "cannot read nowhere/config.json"),
    ],
)
def test_what_cannot_be_seen_is_one_line(run, tmp_path: Path, arguments: tuple[str, ...], line: str) -> None:
    done = run("see", "attention", *arguments, cwd=tmp_path)
    assert done.code == 2
    assert line in done.err
    assert len(done.err.strip().splitlines()) == 1
    assert not list(tmp_path.iterdir())


def test_the_shipped_model_is_seen_without_torch(tmp_path: Path) -> None:
    """On the reading side nothing brings torch; and a checkpoint says in one line that it needs it."""
    code = (
        "import sys; sys.modules['torch'] = None; sys.modules['onnx'] = None\n"
        "import importlib.util as u; find = u.find_spec\n"
        "u.find_spec = lambda name, *more: None if name == 'torch' else find(name, *more)\n"
        "from openbook.cli.main import run; sys.argv = ['openbook', 'see', 'attention', *sys.argv[1:]]; run()"
    )
    command = [sys.executable, "-c", code, TEXT]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 0, done.stderr
    done = subprocess.run(
        [*command, "--model", "x"], cwd=tmp_path, capture_output=True, text=True, check=False, timeout=60
    )
    assert done.returncode == 2
    assert "pip install 'openbook[train]'" in done.stderr


def test_a_checkpoint_of_ones_own(run, tmp_path: Path) -> None:
    import torch

    from openbook.model import Decoder, DecoderConfig
    from openbook.model.checkpoint import save
    from openbook.tokens import train_bpe

    torch.manual_seed(0)
    tokenizer = train_bpe([TEXT], 300)
    save(tmp_path / "model", Decoder(DecoderConfig(tokenizer.size, 32, 2, 4, 48, 64)))
    tokenizer.save(tmp_path / "model" / "tokenizer.json")
    done = run("see", "attention", TEXT, "--model", str(tmp_path / "model"), "--json")
    assert done.code == 0, done.err
    weights = json.loads(done.out)["weights"]
    assert len(weights) == 2
    assert all(weight == 0 for row, line in enumerate(weights[0][0]) for weight in line[row + 1 :])
