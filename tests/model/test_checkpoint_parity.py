"""Checkpoints both ways: what transformers writes we read with its logits, and what we write it reads with ours."""

import json
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file

from benchmarks.parity_models import BOUND, CASES, Case, compare, make
from openbook.model.checkpoint import load, save


@pytest.fixture(autouse=True)
def _one_thread() -> None:
    torch.set_num_threads(1)


@pytest.mark.parametrize("case", CASES, ids=[f"{case.family}, {case.corner}" for case in CASES])
def test_every_corner_equals_transformers(case: Case, tmp_path: Path) -> None:
    found = compare(case, tmp_path)
    assert found.read <= BOUND
    assert found.written <= BOUND
    assert found.cached is None or found.cached <= BOUND


PLAIN = [case for case in CASES if case.body is None and case.change is None and case.shard == "1GB"]


@pytest.mark.parametrize("case", PLAIN, ids=[f"{case.family}, {case.corner}" for case in PLAIN])
def test_a_round_trip_keeps_every_byte_of_the_weights(case: Case, tmp_path: Path) -> None:
    make(case, tmp_path / "theirs")
    model, config = load(tmp_path / "theirs")
    assert model.embedding.weight.dtype == case.stored
    save(tmp_path / "ours", model)
    before, after = ((tmp_path / folder / "model.safetensors").read_bytes() for folder in ("theirs", "ours"))
    assert before == after
    assert load(tmp_path / "ours")[1] == config


def test_what_is_written_can_be_read_by_transformers_4_too(tmp_path: Path) -> None:
    make(next(case for case in CASES if case.corner == "rope llama3"), tmp_path)
    save(tmp_path / "ours", load(tmp_path)[0])
    written = json.loads((tmp_path / "ours" / "config.json").read_text())
    assert written["torch_dtype"] == "float32"
    assert written["rope_theta"] == written["rope_parameters"]["rope_theta"] == 10_000.0
    assert written["rope_scaling"]["rope_type"] == "llama3"
    assert written["eos_token_id"] == [2, 5]


def test_several_files_become_one(tmp_path: Path) -> None:
    make(next(case for case in CASES if case.shard != "1GB"), tmp_path)
    parts = sorted(tmp_path.glob("model-*.safetensors"))
    assert len(parts) > 1
    tensors = {name: tensor for part in parts for name, tensor in load_file(part).items()}
    (tmp_path / "tokenizer.json").write_text("{}")
    save(tmp_path, load(tmp_path)[0])
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "config.json", "generation_config.json", "model.safetensors", "tokenizer.json",
    ]  # fmt: skip
    written = load_file(tmp_path / "model.safetensors")
    assert written.keys() == tensors.keys()
    assert all(torch.equal(written[name], tensors[name]) for name in tensors)


def test_a_sentence_transformers_folder_is_opened_at_its_transformer(tmp_path: Path) -> None:
    make(next(case for case in CASES if case.corner == "with a pooler"), tmp_path / "0_Transformer")
    (tmp_path / "modules.json").write_text("[]")
    assert load(tmp_path)[1] == load(tmp_path / "0_Transformer")[1]
