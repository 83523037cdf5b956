"""The shipped writer's folder says which form it reads, and whoever opens it speaks to it in that form alone."""

from pathlib import Path

import torch

from openbook import tokens
from openbook.cli.drafting import drafting_with
from openbook.generate.grounded import MOST_SENTENCES, grounded
from openbook.generate.onnx_engine import open_onnx
from openbook.generate.writer import ModelWriter
from openbook.heads.writer_ship import ship
from openbook.model import Decoder, DecoderConfig
from openbook.model.checkpoint import save
from openbook.values import TRUSTED, Label, Part

PROMPT = (
    Part("Answer from the passages.", TRUSTED, "system"),
    Part("[1]\nThe rent is 950 euros.", Label(frozenset({"a.md"})), "document"),
    Part("How much is the rent?", TRUSTED, "user"),
)


def test_a_shipped_writer_reads_its_own_form(tmp_path: Path) -> None:
    torch.manual_seed(0)
    shape = DecoderConfig(vocabulary=320, width=64, layers=1, heads=4, inner=64, context=128)
    save(tmp_path / "model", Decoder(shape))
    tokenizer = tokens.train_bpe(["How much is the rent? The rent is 950 euros a month."] * 20, 320)
    tokenizer.save(tmp_path / "model" / "tokenizer.json")
    ship(tmp_path / "model", tmp_path / "writer")
    card = (tmp_path / "writer" / "README.md").read_text()
    assert "CC BY-SA 4.0" in card
    model = open_onnx(tmp_path / "writer", threads=1)
    expected = grounded("How much is the rent?", ["The rent is 950 euros."])
    assert expected == "Question: How much is the rent?\n[1] The rent is 950 euros.\nAnswer:"
    assert model.rendering(PROMPT) == tokenizer.ids_batch([expected])[0]
    assert isinstance(ModelWriter(model)(PROMPT), str)
    assert drafting_with(f"onnx:{tmp_path / 'writer'}").sentences == MOST_SENTENCES
