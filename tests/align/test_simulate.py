"""Simulated preferences are the same again under one seed, and the command writes what the readers read."""

import json
from pathlib import Path

import pytest
import torch
from small_base import base
from typer.testing import CliRunner

from openbook.align.annotator import Annotator
from openbook.align.policy import opened
from openbook.align.preferences import read
from openbook.align.simulate import AT_ONCE, Drawn, simulated
from openbook.align.task import Problem, Task
from openbook.cli.main import app
from openbook.train.finetune_recipe import Base


def test_equal_seeds_give_equal_pairs_and_the_longer_set_begins_with_the_shorter(tmp_path: Path) -> None:
    policy = opened(Base(str(base(tmp_path / "base"))), None, "<|endoftext|>", 0, torch.device("cpu"))
    task = Task(
        "tell", lambda rng, size: Problem(f"{rng.integers(100)}?", "", "", size), lambda _, text: len(text), (1, 1)
    )
    plan = Drawn(problems=AT_ONCE, replies=4, most=6, seed=3)
    sure = [Annotator("sure", temperature=0)]
    first, again = (simulated(policy, task, sure, plan) for _ in range(2))
    assert first == again
    longer = simulated(policy, task, sure, Drawn(problems=AT_ONCE + 5, replies=4, most=6, seed=3))
    assert longer[: len(first)] == first
    assert all(len(pair.chosen) >= len(pair.rejected) for pair in first)


def test_the_command_writes_pairs_and_refuses_to_write_over_a_file(tmp_path: Path) -> None:
    arguments = [
        str(base(tmp_path / "base")),
        "arithmetic",
        str(tmp_path / "pairs.jsonl"),
        "--problems",
        "20",
        "--most",
        "6",
    ]
    said = CliRunner().invoke(app, ["align", "annotate", *arguments, "--noise", "0.5", "--json"])
    assert said.exit_code == 0, said.output
    found = read(tmp_path / "pairs.jsonl")
    told = json.loads(said.stdout)
    assert told["facts"]["pairs"] == len(found.pairs) > 0
    assert told["compared"] == 20 == len(found.pairs) + sum(told["left_out"].values())
    assert {pair.annotator for pair in found.pairs} == {"simulated"}
    again = CliRunner().invoke(app, ["align", "annotate", *arguments])
    assert "is there already" in str(again.exception)


def test_comparisons_without_a_choice_are_told(tmp_path: Path) -> None:
    arguments = [str(base(tmp_path / "base")), "arithmetic", "--problems", "40", "--most", "1"]  # often the same piece
    found = {}
    for name, more in (("a.jsonl", ["--json"]), ("b.jsonl", [])):
        said = CliRunner().invoke(
            app, ["align", "annotate", *arguments[:2], str(tmp_path / name), *arguments[2:], *more]
        )
        found[name] = said.stdout
    equal = json.loads(found["a.jsonl"])["left_out"]["replies were equal"]
    assert equal > 0
    assert f"{equal} of 40 comparisons" in found["b.jsonl"]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--noise", "-1"], "--noise is -1: give 0 or more"),
        (["--flips", "0.6"], "--flips is 0.6: give a share"),
        (["--per-token", "nan"], "--per-token is nan: give a finite number"),
        ([], "there is no model in nowhere: name a policy's folder, or writer"),
    ],
)
def test_what_is_wrong_is_said_by_the_options_names(tmp_path: Path, arguments: list[str], said: str) -> None:
    done = CliRunner().invoke(app, ["align", "annotate", "nowhere", "facts", str(tmp_path / "p.jsonl"), *arguments])
    assert str(done.exception).startswith(said)
    assert "base.model" not in str(done.exception)


def test_an_end_that_the_model_does_not_have_is_named(tmp_path: Path) -> None:
    arguments = [str(base(tmp_path / "base")), "facts", str(tmp_path / "p.jsonl"), "--end", "</s>"]
    done = CliRunner().invoke(app, ["align", "annotate", *arguments])
    assert "has no piece '</s>': name what ends a reply as end" in str(done.exception)
