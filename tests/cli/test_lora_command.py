"""`openbook lora`, and `openbook train` with a recipe that has a base."""

from pathlib import Path

import pytest
import torch

from openbook.model import Decoder, DecoderConfig
from openbook.model.checkpoint import load, save
from openbook.train import lora, peft_format


@pytest.fixture
def adapted(tmp_path: Path) -> Path:
    """A folder with a small base and an adapter for it that is not zero."""
    torch.manual_seed(0)
    model = Decoder(DecoderConfig(20, 16, 1, 2, 24, 16)).eval()
    save(tmp_path / "base", model)
    lora.add(model, lora.LoraConfig(rank=2))
    for name, matrix in lora.parameters(model).items():
        if ".b." in name:
            torch.nn.init.normal_(matrix)
    peft_format.save(tmp_path / "adapter", model)
    return tmp_path


def test_show_says_what_an_adapter_is(run_alone, adapted: Path) -> None:
    done = run_alone("lora", "show", str(adapted / "adapter"), "--json")
    assert (done.code, done.json["ranks"]) == (0, [2])


def test_merge_writes_an_ordinary_model(run, adapted: Path) -> None:
    done = run("lora", "merge", str(adapted / "base"), str(adapted / "adapter"), str(adapted / "merged"))
    assert done.code == 0
    base, _ = load(adapted / "base")
    merged, _ = load(adapted / "merged")
    ids = torch.arange(8)[None]
    peft_format.load(adapted / "adapter", base)
    with torch.no_grad():
        torch.testing.assert_close(merged(ids), base.eval()(ids), atol=1e-5, rtol=1e-5)


@pytest.mark.parametrize("command", ["show", "merge"])
def test_a_missing_adapter_is_one_line(run, tmp_path: Path, command: str) -> None:
    given = [str(tmp_path / "base")] if command == "merge" else []
    out = [str(tmp_path / "out")] if command == "merge" else []
    done = run("lora", command, *given, str(tmp_path / "none"), *out)
    assert (done.code, done.err.count("\n")) == (2, 1)
    assert not (tmp_path / "out").exists()


def test_a_recipe_with_a_base_is_a_fine_tuning(run, tmp_path: Path) -> None:
    recipe = tmp_path / "recipe.toml"
    recipe.write_text(
        '[base]\nmodel = "nowhere"\n[data]\npath = "pairs.jsonl"\n[lora]\nrnak = 2\n[out]\nfolder = "run"\n',
        encoding="utf-8",
    )
    done = run("train", str(recipe))
    assert done.code == 2
    assert "lora.rank" in done.err
