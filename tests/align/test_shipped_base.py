"""Aligning begins from the shipped writer by its name, on any machine: pairs, rewards, and what is merged after."""

import json
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from openbook.align.groups import Group
from openbook.align.preferences import Pair, write_pairs
from openbook.align.problems import AlignProblem
from openbook.align.reward_head import rewards
from openbook.align.reward_model import load
from openbook.cli.main import app


def written(at: Path, table: str) -> Path:
    pairs = [Pair(f"Question: {n}?\nAnswer:", f" It is {n}.", " Nobody knows.") for n in range(8)]
    write_pairs(at / "pairs.jsonl", pairs)
    (at / "recipe.toml").write_text(f"""
[base]
model = "writer"
[data]
path = "{at}/pairs.jsonl"
validation = 0.25
{table}
[train]
steps = 2
batch = 4
device = "cpu"
[out]
folder = "{at}/run"
""")
    return at / "recipe.toml"


@pytest.mark.parametrize("table", ["", "[lora]\nrank = 2\nalpha = 4.0"])
def test_a_reward_model_of_it_scores(tmp_path: Path, table: str) -> None:
    said = CliRunner().invoke(app, ["align", "reward", str(written(tmp_path, table))])
    assert said.exit_code == 0, said.output
    scorer = load(tmp_path / "run" / ("adapter" if table else "model"))
    ids = [np.array(each) for each in scorer.tokenizer.ids_batch(["Who?", " Ann.", " Bob."])]
    assert np.isfinite(rewards(scorer, [Group(ids[0], tuple(ids[1:]))])).all()
    for name in ("calibration", "right", "loss", "accuracy"):
        assert (tmp_path / "run" / f"{name}.svg").read_text().startswith("<svg")


def test_what_pairs_taught_is_merged_into_it_by_name(tmp_path: Path) -> None:
    said = CliRunner().invoke(app, ["align", "dpo", str(written(tmp_path, "[lora]\nrank = 2\n[dpo]\nsampled = 0"))])
    assert said.exit_code == 0, said.output
    assert "openbook lora merge writer " in said.output
    merged = CliRunner().invoke(app, ["lora", "merge", "writer", f"{tmp_path}/run/adapter", f"{tmp_path}/merged"])
    assert merged.exit_code == 0, merged.output
    assert "was made for" not in merged.output
    assert json.loads((tmp_path / "merged" / "config.json").read_text())["hidden_size"] == 320


def test_where_no_base_is_the_shipped_one_is_named(tmp_path: Path) -> None:
    path = written(tmp_path, "")
    path.write_text(path.read_text().replace('"writer"', f'"{tmp_path}/nowhere"'))
    said = CliRunner().invoke(app, ["align", "reward", str(path)])
    assert isinstance(said.exception, AlignProblem)
    assert str(said.exception).endswith("set base.model to one, or to 'writer', the shipped one")
