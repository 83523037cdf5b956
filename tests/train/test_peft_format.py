"""Adapters go to PEFT and come back with equal outputs, and train as PEFT's do."""

import json
import warnings
from pathlib import Path
from typing import Any

import pytest
import torch
from lora_twins import FAMILIES, outputs, some_ids, their_outputs, twins
from safetensors.torch import load, load_file, save_file
from torch import Tensor, nn

from benchmarks.lora_peers import TARGETS
from openbook.model import Decoder
from openbook.train import lora, peft_format
from openbook.train.lora_targets import BadLora, LoraConfig
from openbook.train.peft_files import CONFIG, WEIGHTS

CASES = [(family, target) for family, targets in TARGETS.items() for target in targets]


def with_peft(theirs: Any, target: str | list[str], **settings: Any) -> Any:
    from peft import LoraConfig as TheirConfig
    from peft import get_peft_model

    chosen = "all-linear" if target == "all-linear" else [target] if isinstance(target, str) else target
    fan = type(theirs).__name__.startswith("GPT2") and target not in {"wte", "wpe"}
    settings = {"r": 3, "lora_alpha": 5, **settings}
    kind = None if type(theirs).__name__ == "BertModel" else "CAUSAL_LM"
    config = TheirConfig(target_modules=chosen, fan_in_fan_out=fan, task_type=kind, **settings)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of tied embeddings, and of its own calls to what transformers deprecates
        return get_peft_model(theirs, config)


def save_theirs(theirs: Any, folder: Path) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # that it saves the embedding itself too
        theirs.save_pretrained(folder)


def shaken(model: nn.Module) -> None:
    """Every trainable matrix away from where it began, so that B·A is not zero."""
    for parameter in model.parameters():
        if parameter.requires_grad:
            nn.init.normal_(parameter, std=0.3)


def load_in_peft(theirs: Any, folder: Path) -> Any:
    from peft import PeftModel

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return PeftModel.from_pretrained(theirs, folder).eval()


@pytest.mark.parametrize(("family", "target"), CASES)
def test_theirs_loads_here_with_equal_outputs(family: str, target: str, tmp_path: Path) -> None:
    ours, theirs = twins(family)
    adapted = with_peft(theirs, target)
    shaken(adapted)
    save_theirs(adapted, tmp_path)
    before = outputs(ours, some_ids())
    peft_format.load(tmp_path, ours)
    expected = their_outputs(adapted.eval(), some_ids())
    torch.testing.assert_close(outputs(ours, some_ids()), expected, atol=1e-5, rtol=1e-5)
    assert not torch.allclose(before, expected, atol=1e-2)


@pytest.mark.parametrize(("family", "target"), CASES)
@pytest.mark.parametrize("stabilised", [False, True])
def test_ours_loads_in_peft_with_equal_outputs(family: str, target: str, stabilised: bool, tmp_path: Path) -> None:
    ours, theirs = twins(family)
    lora.add(ours, LoraConfig(3, 5, targets=(target,), rank_stabilised=stabilised))
    shaken(ours)
    peft_format.save(tmp_path, ours)
    adapted = load_in_peft(theirs, tmp_path)
    torch.testing.assert_close(outputs(ours, some_ids()), their_outputs(adapted, some_ids()), atol=1e-5, rtol=1e-5)
    assert adapted.peft_config["default"].use_rslora is stabilised


@pytest.mark.parametrize("family", FAMILIES)
def test_there_and_back_is_the_same_adapter(family: str, tmp_path: Path) -> None:
    ours, _ = twins(family)
    lora.add(ours, LoraConfig(3, 5))
    shaken(ours)
    peft_format.save(tmp_path / "first", ours)
    again, _ = twins(family)
    peft_format.load(tmp_path / "first", again)
    peft_format.save(tmp_path / "second", again)
    for name in (CONFIG, WEIGHTS):
        assert (tmp_path / "first" / name).read_bytes() == (tmp_path / "second" / name).read_bytes()
    assert torch.equal(outputs(ours, some_ids()), outputs(again, some_ids()))


@pytest.mark.parametrize("targets", [("query",), ("query", "value"), ("key", "down")])
def test_a_part_of_gpt2s_fused_product_is_written_as_the_whole(targets: tuple[str, ...], tmp_path: Path) -> None:
    ours, theirs = twins("gpt2")
    lora.add(ours, LoraConfig(3, 5, targets=targets, rank_stabilised="down" in targets))
    shaken(ours)
    peft_format.save(tmp_path, ours)
    adapted = load_in_peft(theirs, tmp_path)
    torch.testing.assert_close(outputs(ours, some_ids()), their_outputs(adapted, some_ids()), atol=1e-5, rtol=1e-5)
    again, _ = twins("gpt2")
    peft_format.load(tmp_path, again)
    torch.testing.assert_close(outputs(again, some_ids()), outputs(ours, some_ids()), atol=1e-5, rtol=1e-5)


def trained(model: Any, loss: Any, steps: int = 3) -> None:
    optimiser = torch.optim.AdamW([p for p in model.parameters() if p.requires_grad], lr=3e-3, weight_decay=0.1)
    for step in range(steps):
        optimiser.zero_grad()
        loss(some_ids(seed=10 + step)).backward()
        optimiser.step()


def objective(logits: Tensor, ids: Tensor) -> Tensor:
    """Next-token loss where there are logits, else any smooth function of the outputs."""
    if logits.shape[-1] == 61:
        return nn.functional.cross_entropy(logits[:, :-1].flatten(0, 1), ids[:, 1:].flatten())
    return (logits.sin() * torch.linspace(-1, 1, logits.shape[-1])).mean()


@pytest.mark.parametrize(("family", "target"), CASES)
def test_three_steps_of_training_give_pefts_weights(family: str, target: str, tmp_path: Path) -> None:
    ours, theirs = twins(family)
    adapted = with_peft(theirs, target, r=4, lora_alpha=8)
    save_theirs(adapted, tmp_path / "start")
    peft_format.load(tmp_path / "start", ours)
    trained(adapted.train(), lambda ids: objective(their_outputs(adapted, ids), ids))
    trained(ours.train(), lambda ids: objective(outputs(ours, ids), ids))
    save_theirs(adapted, tmp_path / "theirs")
    peft_format.save(tmp_path / "ours", ours)
    mine = load_file(tmp_path / "ours" / WEIGHTS)
    other = load_file(tmp_path / "theirs" / WEIGHTS)
    start = load_file(tmp_path / "start" / WEIGHTS)
    other = {name: tensor for name, tensor in other.items() if "base_layer" not in name}
    assert set(mine) == set(other)
    for name, tensor in mine.items():
        torch.testing.assert_close(tensor, other[name], atol=1e-5, rtol=0, msg=lambda text, n=name: f"{n}: {text}")
    assert any(not torch.equal(tensor, start[name]) for name, tensor in mine.items())


def test_patterns_of_rank_and_alpha_come_in_and_go_out(tmp_path: Path) -> None:
    ours, theirs = twins("llama")
    patterns = {"rank_pattern": {"q_proj": 5}, "alpha_pattern": {"q_proj": 2, "model.layers.1.mlp.up_proj": 11}}
    adapted = with_peft(theirs, ["q_proj", "up_proj"], **patterns)
    shaken(adapted)
    save_theirs(adapted, tmp_path / "theirs")
    peft_format.load(tmp_path / "theirs", ours)
    expected = their_outputs(adapted.eval(), some_ids())
    torch.testing.assert_close(outputs(ours, some_ids()), expected, atol=1e-5, rtol=1e-5)
    peft_format.save(tmp_path / "ours", ours)
    back = load_in_peft(twins("llama")[1], tmp_path / "ours")
    torch.testing.assert_close(their_outputs(back, some_ids()), expected, atol=1e-5, rtol=1e-5)


def test_names_are_short_where_they_select_the_same_layers(tmp_path: Path) -> None:
    found: dict[str, set[str]] = {}
    for family, targets in (("llama", ("all",)), ("gpt2", ("output",)), ("bert", ("down",))):
        ours, _ = twins(family)
        lora.add(ours, LoraConfig(2, targets=targets))
        peft_format.save(tmp_path / family, ours)
        found[family] = set(json.loads((tmp_path / family / CONFIG).read_text())["target_modules"])
    assert found["llama"] == {"q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"}
    assert found["gpt2"] == {"attn.c_proj"}
    assert found["bert"] == {"encoder.layer.0.output.dense", "encoder.layer.1.output.dense"}


def written(tmp_path: Path) -> Decoder:
    ours, _ = twins("llama")
    lora.add(ours, LoraConfig(3, 5))
    peft_format.save(tmp_path, ours)
    fresh, _ = twins("llama")
    assert isinstance(fresh, Decoder)
    return fresh


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"peft_type": "IA3"}, "peft_type must be LORA"),
        ({"use_dora": True}, "sets use_dora"),
        ({"bias": "all"}, "sets bias"),
        ({"modules_to_save": ["lm_head"]}, "sets modules_to_save"),
        ({"init_lora_weights": "pissa_niter_4"}, "changed the base too"),
        ({"r": "many"}, "must be numbers"),
        ({"lora_alpha": -1}, "alpha"),
        ({"alpha_pattern": {"(a+)+$": 3}}, "regular expressions"),
        ({"alpha_pattern": {"q_proj": "x"}}, "must say a number above 0"),
        ({"alpha_pattern": 3}, "is no table"),
    ],
)
def test_a_configuration_that_says_more_than_lora_is_refused(change: dict[str, Any], says: str, tmp_path: Path) -> None:
    model = written(tmp_path)
    path = tmp_path / CONFIG
    path.write_text(json.dumps({**json.loads(path.read_text()), **change}))
    _refused(tmp_path, model, says)


def _refused(folder: Path, model: nn.Module, says: str) -> None:
    before = set(model.state_dict())
    with pytest.raises(BadLora, match=says) as raised:
        peft_format.load(folder, model)
    assert "\n" not in str(raised.value)
    assert set(model.state_dict()) == before
    assert all(parameter.requires_grad for parameter in model.parameters())


def test_broken_files_are_refused_and_the_model_stays_as_it_was(tmp_path: Path) -> None:
    model = written(tmp_path)
    config, weights = tmp_path / CONFIG, tmp_path / WEIGHTS
    good_config, good = config.read_bytes(), load(weights.read_bytes())
    for bad in (b"", b"{", b"[]", b"\xff\xfe", b"[" * 100_000):
        config.write_bytes(bad)
        _refused(tmp_path, model, "adapter")
    config.write_bytes(good_config)
    whole = weights.read_bytes()
    weights.write_bytes(whole[: len(whole) // 2])
    _refused(tmp_path, model, "cannot be read as safetensors")
    weights.unlink()
    _refused(tmp_path, model, "save it from PEFT as safetensors")
    name = next(name for name in good if "layers.0.self_attn.q_proj.lora_A" in name)
    changes: list[tuple[dict[str, Tensor | None], str]] = [
        ({name: None}, "not both there"),
        ({name: torch.zeros(2, 24)}, "not both there"),
        ({name: torch.zeros(3, 25)}, "load the base it was made for"),
        ({name: torch.full((3, 24), torch.nan)}, "finite numbers"),
        ({name: torch.zeros(3, 24, dtype=torch.int32)}, "finite numbers"),
        ({"base_model.model.score.weight": torch.zeros(2, 2)}, "not a LoRA matrix"),
        ({name.replace("layers.0", "layers.7"): torch.zeros(3, 24),
          name.replace("layers.0", "layers.7").replace("_A", "_B"): torch.zeros(24, 3)}, "does not have"),
    ]  # fmt: skip
    for change, says in changes:
        tensors = {key: value for key, value in {**good, **change}.items() if value is not None}
        save_file(tensors, weights)
        _refused(tmp_path, model, says)
    save_file(good, weights)
    peft_format.load(tmp_path, model)
