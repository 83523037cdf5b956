"""A base that was compressed: it is learnt from as its numbers in a checkpoint are, gone on with, and merged into."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch

from openbook import tokens
from openbook.compress.decoder_folder import Compression, compress_decoder
from openbook.generate.open import SHIPPED_WRITER
from openbook.model import Decoder, DecoderConfig, checkpoint
from openbook.model.compressed import load_any, load_compressed
from openbook.train import finetune, peft_format
from openbook.train.base import open_base
from openbook.train.base_folder import base_folder, base_name
from openbook.train.finetune_merge import merge_folders
from openbook.train.finetune_recipe import AnswerData, Base, FinetuneRecipe
from openbook.train.lora_targets import LoraConfig
from openbook.train.peft_files import WEIGHTS, read_config
from openbook.train.problems import TrainProblem
from openbook.train.recipe import Optimiser, Out, Schedule, Train
from openbook.train.watch import Watch

LORA = LoraConfig(rank=2, alpha=4.0)


@pytest.fixture
def folders(tmp_path: Path) -> Path:
    """A base in INT8, and beside it a checkpoint of what its numbers stand for."""
    tokenizer = tokens.train_bpe(["one two three four " * 8], 290, special=["<|end|>"])
    torch.manual_seed(0)
    (tmp_path / "trained").mkdir()
    checkpoint.save(tmp_path / "trained", Decoder(DecoderConfig(tokenizer.size, 64, 1, 4, 96, 64, 2)))
    tokenizer.save(tmp_path / "trained" / "tokenizer.json")
    compress_decoder(tmp_path / "trained", tmp_path / "int8", Compression())
    (tmp_path / "floats").mkdir()
    checkpoint.save(tmp_path / "floats", load_compressed(tmp_path / "int8"))
    tokenizer.save(tmp_path / "floats" / "tokenizer.json")
    rows = [{"prompt": f"{a} {b}", "answer": f"{b} {a}"} for a in ("one", "two", "three") for b in ("two", "four")]
    (tmp_path / "answers.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    return tmp_path


def recipe(at: Path, base: str, out: str, lora: LoraConfig | None, **more: Any) -> FinetuneRecipe:
    return FinetuneRecipe(
        Base(base, **more),
        AnswerData(str(at / "answers.jsonl"), end="<|end|>", validation=0.2),
        Out(str(at / out), checkpoint_every=2, evaluate_every=0),
        lora,
        Optimiser(rate=1e-2, weight_decay=0.0),
        Schedule("constant", warmup=0),
        Train(steps=5, batch=4, device="cpu"),
    )


def ran(made: FinetuneRecipe, stop: int = 0) -> Path:
    def progress(step: int) -> None:
        if step == stop:
            raise KeyboardInterrupt

    result = finetune.run(made, Watch(lambda _: None, progress, lambda _: None), lambda _: None)
    learnt = result.adapter or result.model
    assert learnt is not None
    return learnt


@pytest.mark.parametrize("lora", [None, LORA])
def test_it_learns_as_its_numbers_in_a_checkpoint_do_and_goes_on(folders: Path, lora: LoraConfig | None) -> None:
    name = WEIGHTS if lora else "model.safetensors"
    expected = (ran(recipe(folders, str(folders / "floats"), "a", lora)) / name).read_bytes()
    assert (ran(recipe(folders, str(folders / "int8"), "b", lora)) / name).read_bytes() == expected
    with pytest.raises(KeyboardInterrupt):
        ran(recipe(folders, str(folders / "int8"), "c", lora), stop=3)
    assert (ran(recipe(folders, str(folders / "int8"), "c", lora)) / name).read_bytes() == expected


def test_one_that_has_changed_is_noticed_when_a_run_goes_on(folders: Path) -> None:
    made = recipe(folders, str(folders / "int8"), "run", LORA)
    with pytest.raises(KeyboardInterrupt):
        ran(made, stop=3)
    again = folders / "again"
    compress_decoder(folders / "trained", again, Compression("int4"))
    for file in again.iterdir():
        (folders / "int8" / file.name).write_bytes(file.read_bytes())
    with pytest.raises(TrainProblem, match="has changed since this run began"):
        ran(made)


def test_its_adapter_merges_into_a_checkpoint(folders: Path) -> None:
    adapter = ran(recipe(folders, str(folders / "int8"), "run", LORA))
    assert merge_folders(folders / "int8", adapter, folders / "merged") > 0
    expected = load_compressed(folders / "int8")
    peft_format.load(adapter, expected)
    merged = load_any(folders / "merged")
    ids = torch.arange(8)[None]
    with torch.no_grad():
        torch.testing.assert_close(merged(ids), expected(ids), atol=1e-5, rtol=1e-5)
    assert tokens.load(folders / "merged" / "tokenizer.json").size == tokens.load(folders / "int8").size


def test_an_adapter_learns_beside_it_in_halves(folders: Path) -> None:
    model, _ = open_base(Base(str(folders / "int8"), precision="bf16"))
    assert {each.dtype for each in model.parameters()} == {torch.bfloat16}


def test_the_shipped_writer_goes_by_its_name() -> None:
    assert Base("writer").folder == base_folder("writer") == SHIPPED_WRITER
    assert base_name(SHIPPED_WRITER) == "writer"
    assert base_folder("./writer") == Path("writer")
    model, tokenizer = open_base(Base("writer"))
    assert model.config.vocabulary == tokenizer.size == 8192


def test_its_adapter_names_it(folders: Path) -> None:
    (folders / "answers.jsonl").write_text('{"prompt": "Who?", "answer": "Ann."}\n' * 2)
    made = recipe(folders, "writer", "run", LORA)
    made = replace(made, data=AnswerData(made.data.path, validation=0.0), train=Train(steps=1, batch=2, device="cpu"))
    assert read_config(ran(made))["base_model_name_or_path"] == "writer"


def test_another_kind_of_compressed_model_is_refused(folders: Path) -> None:
    with pytest.raises(Exception, match="holds no compressed language model") as refused:
        open_base(Base(str(SHIPPED_WRITER.parent / "pair")))
    assert "\n" not in str(refused.value)
