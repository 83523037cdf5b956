"""``openbook align`` as a person uses it: the base made first, what is shown, and what is wrong in one line."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Run = Callable[..., Any]

SMALL = """
[model]
layers = 1
heads = 2
width = 16
context = 32
[schedule]
warmup = 0
[train]
steps = 2
batch = 2
device = "cpu"
[out]
folder = "base"
"""
BASE = f"""
[data]
path = "corpus.txt"
end = "<|endoftext|>"
{SMALL}"""
DPO = """
[base]
model = "base/model"
recipe = "base.toml"
[data]
path = "pairs.jsonl"
validation = 0.25
[dpo]
sampled = 2
longest = 8
[train]
steps = 4
batch = 4
device = "cpu"
[out]
folder = "run"
evaluate_every = 2
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    rows = [{"prompt": f"to be {n}", "chosen": "or not", "rejected": "that is"} for n in range(8)]
    (tmp_path / "corpus.txt").write_text("to be or not to be, that is it 01234567\n" * 20, encoding="utf-8")
    (tmp_path / "pairs.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    (tmp_path / "base.toml").write_text(BASE, encoding="utf-8")
    (tmp_path / "dpo.toml").write_text(DPO, encoding="utf-8")
    return tmp_path


def test_a_run_makes_its_base_goes_on_and_shows_itself(run: Run, folder: Path) -> None:
    first = run("align", "dpo", "dpo.toml", "--json")
    assert first.code == 0, first.err
    assert "the base base/model is not there yet: first, base.toml" in first.err
    assert first.json["finished"] is True  # and nothing but JSON on standard output
    assert first.json["weights"] == "run/model"
    assert (folder / "run" / "model" / "model.safetensors").is_file()
    again = run("align", "dpo", "dpo.toml")
    assert again.err == "going on from step 4\n"
    assert "6 to learn from, seen 2.7 times; 2 kept apart" in again.out
    assert "accuracy, held out" in again.out
    assert max(map(len, again.out.splitlines())) <= 80


def test_contradictions_are_told_before_anything_learns(run: Run, folder: Path) -> None:
    pairs = folder / "pairs.jsonl"
    rows = [json.loads(line) for line in pairs.read_text(encoding="utf-8").splitlines()]
    swapped = [{**row, "chosen": row["rejected"], "rejected": row["chosen"]} for row in rows[:3]]
    pairs.write_text("".join(json.dumps(row) + "\n" for row in [*rows, *swapped, rows[0]]), encoding="utf-8")
    told = "3 comparisons that an annotator decided both ways: mend or remove them"
    found = run("align", "dpo", "dpo.toml", "--json")
    assert found.json["notes"]["contradictions"] == told
    assert found.json["notes"]["left out, repeated"] == "1 pair"
    again = run("align", "dpo", "dpo.toml")
    assert told in " ".join(again.out.split())
    (folder / "reward.toml").write_text(DPO.split("[dpo]")[0] + '[train]\nsteps = 1\n[out]\nfolder = "scored"\n')
    reward = run("align", "reward", "reward.toml", "--json")
    assert reward.json["notes"]["contradictions"] == told


def test_too_few_prompts_name_the_key_that_keeps_some_apart(run: Run, folder: Path) -> None:
    pairs = folder / "pairs.jsonl"
    pairs.write_text(pairs.read_text(encoding="utf-8").splitlines()[0] + "\n", encoding="utf-8")
    few = run("align", "dpo", "dpo.toml")
    assert few.code == 2
    assert "pairs.jsonl has pairs for 1 prompt, of which data.validation=0.25 would keep none apart" in few.err
    assert run("align", "dpo", "dpo.toml", "data.validation=0").code == 0


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["dpo.toml", "dpo.bta=1"], "do you mean dpo.beta?"),
        (["dpo.toml", "base.recipe=dpo.toml"], "dpo.toml"),
    ],
)
def test_what_is_wrong_is_one_line(run: Run, folder: Path, arguments: list[str], said: str) -> None:
    done = run("align", "dpo", *arguments)
    assert done.code == 2
    assert said in done.err
    assert len([line for line in done.err.splitlines() if not line.startswith("the base")]) == 1
    assert not (folder / "run").exists()


SFT = f"""
[task]
name = "sorting"
sizes = [1, 2]
examples = 40
validation = 6
{SMALL}"""


def test_a_supervised_model_is_made_and_measured_by_itself_or_as_a_base(run: Run, folder: Path) -> None:
    (folder / "base.toml").write_text(SFT, encoding="utf-8")
    made = run("align", "dpo", "dpo.toml", "--json")
    assert made.code == 0, made.err
    assert made.json["finished"] is True  # what was shown of the base went to standard error
    again = run("align", "sft", "base.toml")
    assert again.code == 0
    assert "going on from step 2" in again.err
    assert "40 to learn, seen 0.1 times; 6 kept apart" in again.out
    assert "of 6 likeliest replies" in again.out
    assert max(map(len, again.out.splitlines())) <= 80
    found = run("align", "sft", "base.toml", "--json")
    assert set(found.json) >= {"model", "accuracy", "reward", "reply_tokens", "validation_loss"}
    wrong = run("align", "sft", "base.toml", "task.name=sortin")
    assert (wrong.code, "do you mean sorting" in wrong.err) == (2, False)  # another recipe's run is in the folder
    fresh = run("align", "sft", "base.toml", "task.name=sortin", "out.folder=new")
    assert fresh.err.splitlines() == ["openbook: there is no task 'sortin': do you mean sorting?"]
    assert not (folder / "new").exists()
