"""A model by its name: each kind opens, and anything else says what is accepted."""

import sys
from pathlib import Path

import pytest
from fake_openai import serving, spoken
from tiny_models import asked, make_checkpoint

from openbook.errors import MissingExtra, OpenbookError, PromptTooLong
from openbook.generate.local import LocalModel
from openbook.generate.open import open_model
from openbook.generate.text import written
from openbook.generate.writer import ModelWriter
from openbook.values import Decoding


def test_a_folder_and_a_server_open(checkpoint: Path) -> None:
    local = open_model(f"torch:{checkpoint}")
    assert written(local, asked("The pear"), Decoding(max_tokens=5))
    with serving(spoken("Yes", ".")) as fake:
        assert written(open_model(fake.url), asked("Is it?"), Decoding()) == "Yes."
        writer = ModelWriter(open_model(fake.url))
        assert writer(asked("Is it?")) == "Yes."
        assert writer.name == f"{fake.url}#tiny, temperature 0, 600 tokens"


def test_a_writer_leaves_room_for_what_it_writes(tmp_path: Path) -> None:
    model = open_model(f"torch:{make_checkpoint(tmp_path / 'llama', 'llama', context=96)}")
    assert isinstance(model, LocalModel)
    writer = ModelWriter(model)
    text = "The pear tree"
    while len(model.rendering(asked(text))) <= 96 - 24:
        assert isinstance(writer(asked(text)), str)
        text += " pear"
    with pytest.raises(PromptTooLong, match="leaves less than 24 of the model's context of 96"):
        writer(asked(text))
    assert written(model, asked(text), Decoding(max_tokens=1))
    with pytest.raises(PromptTooLong, match="more than the model's context"):
        writer(asked(text * 100))


@pytest.mark.parametrize("spec", ["", "gpt-4", "torch:", "onnx:/x", "torch", "ftp://x/v1", "torch:/nowhere/at/all"])
def test_anything_else_is_one_line(spec: str) -> None:
    with pytest.raises(OpenbookError, match=r"torch:FOLDER|no folder") as caught:
        open_model(spec)
    assert "\n" not in str(caught.value)


def test_what_is_not_installed_is_named(checkpoint: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "httpx2", None)
    with pytest.raises(MissingExtra, match=r"openbook\[remote\]"):
        open_model("http://127.0.0.1:1/v1#x")
    monkeypatch.setitem(sys.modules, "llguidance", None)
    with pytest.raises(MissingExtra, match=r"openbook\[generate\]"):
        written(open_model(f"torch:{checkpoint}"), asked("x"), Decoding(schema={"type": "object"}))
    monkeypatch.setitem(sys.modules, "torch", None)
    monkeypatch.delitem(sys.modules, "openbook.generate.torch_engine", raising=False)
    with pytest.raises(MissingExtra, match=r"openbook\[train\]"):
        open_model(f"torch:{checkpoint}")
