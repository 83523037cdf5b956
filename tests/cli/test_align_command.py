"""``openbook align`` as a person uses it: the base made first, what is shown, and what is wrong in one line."""

import json
import tomllib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, cast

import pytest

from openbook import recipes
from openbook.cli.align_recipes import METHODS, Method, kind_of

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
    assert "memory at most, this call" in again.out
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
    rows = [{"prompt": f"{n} {n}", "chosen": f"{n}", "rejected": f"{n} {n}"} for n in range(8)]  # of the base's pieces
    (folder / "pairs.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
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


GIVEN = {
    "sft": ["task.name=sorting"],
    "reward": ["data.path=pairs.jsonl", "base.model=base/model"],
    "dpo": ["data.path=pairs.jsonl", "base.model=base/model"],
    "compare": ["base.model=base/model"],
}
"""What a method's recipe must be told, beside out.folder."""


def flat(table: Mapping[str, Any], prefix: str = "") -> set[str]:
    found: set[str] = set()
    for key, value in table.items():
        found |= flat(cast("dict[str, Any]", value), f"{prefix}{key}.") if isinstance(value, dict) else {prefix + key}
    return found


@pytest.mark.parametrize("method", METHODS)
def test_a_new_recipe_reads_back_to_the_defaults_and_says_what_every_key_means(
    run: Run, tmp_path: Path, method: Method
) -> None:
    printed = run("align", "new", method)
    assert (printed.code, printed.err) == (0, "")
    kind, given = kind_of(method), [*GIVEN.get(method, ["task.name=sorting", "base.model=b"]), "out.folder=new"]
    (tmp_path / "new.toml").write_text(printed.out, encoding="utf-8")
    default = recipes.build(recipes.changed({}, kind, given), kind, "nothing but what must be given")
    assert recipes.read(tmp_path / "new.toml", kind, given) == default
    assert recipes.meanings(kind).keys() >= recipes.names(kind).keys()
    before, mark, after = printed.out.partition("\n# [")  # the table that may be left out
    part, blank, rest = after.partition("\n\n")
    every = before + mark.replace("# ", "") + part.replace("\n# ", "\n") + blank + rest
    (tmp_path / "every.toml").write_text(every, encoding="utf-8")
    told = recipes.as_table(recipes.read(tmp_path / "every.toml", kind, given))
    assert None not in told.values()
    assert flat(tomllib.loads(every)) == flat(told)
    refused = run("align", method, "new.toml")
    assert refused.code == 2
    assert len(refused.err.splitlines()) == 1


@pytest.mark.parametrize(
    ("method", "table", "said"),
    [
        (
            "dpo",
            "[base]\n[task]\n[out]\n[ppo]",
            "is a recipe for `openbook align ppo`, and not for `openbook align dpo`",
        ),
        ("sft", "[base]\n[task]\n[out]", "`openbook align rejection`, `openbook align ppo` or `openbook align grpo`"),
        ("grpo", "[base]\n[data]\n[out]\n[dpo]", "is a recipe for `openbook align dpo`"),
        ("compare", "[data]\n[out]\n[model]", "is a recipe for `openbook train`"),
        ("ppo", "[base]\n[task]\n[out]\n[limit]", "unknown key limit: do you mean limits?"),
    ],
)
def test_a_recipe_for_another_method_says_whose_it_is(
    run: Run, tmp_path: Path, method: str, table: str, said: str
) -> None:
    (tmp_path / "other.toml").write_text(table, encoding="utf-8")
    done = run("align", method, "other.toml")
    assert done.code == 2
    assert said in done.err
    assert len(done.err.splitlines()) == 1


def test_what_is_missing_names_the_command_that_prints_a_recipe(run: Run, folder: Path) -> None:
    assert "or begin one with `openbook align new dpo > no.toml`" in run("align", "dpo", "no.toml").err
    (folder / "bare.toml").write_text('[base]\nmodel = "base/model"\n[out]\nfolder = "run"\n', encoding="utf-8")
    done = run("align", "dpo", "bare.toml")
    assert done.err.endswith("the key data is missing: `openbook align new dpo` prints a recipe with every key\n")
    assert "openbook align new dpo > my.toml" in run("align", "--help").out.replace("\n", " ")


GRPO = """
[base]
model = "base/model"
recipe = "base.toml"
[task]
name = "sorting"
sizes = [1, 2]
held = 3
[grpo]
replies = 2
most = 6
[train]
steps = 2
batch = 2
device = "cpu"
[out]
folder = "grpo"
"""


def test_rewards_that_were_measured_otherwise_are_told_apart_and_so_is_a_base_made_otherwise(
    run: Run, folder: Path
) -> None:
    (folder / "base.toml").write_text(SFT, encoding="utf-8")
    (folder / "grpo.toml").write_text(GRPO, encoding="utf-8")
    first = run("align", "grpo", "grpo.toml")
    assert first.code == 0, first.err
    assert "step 2, held out, likeliest tokens: reward" in first.err
    assert "reward, drawn replies" in first.out
    assert "reward, held out, likeliest tokens" in first.out
    assert "made otherwise" not in first.err
    assert max(map(len, first.out.splitlines())) <= 80
    (folder / "base.toml").write_text(SFT.replace("steps = 2", "steps = 3"), encoding="utf-8")
    again = run("align", "grpo", "grpo.toml", "--json")
    assert "The base base/model was made otherwise than base.toml says: train.steps differ" in again.err
    assert again.json["finished"] is True


COMPARE = """
task = "sorting"
longest = 5
methods = ["dpo"]
[base]
model = "base/model"
recipe = "base.toml"
[annotators]
prompts = 8
held = 8
replies = 3
[proxy]
members = 1
steps = 3
batch = 2
[budget]
replies = 16
[dpo]
batch = 1
[measure]
problems = 8
replies = 2
checkpoints = 3
draws = 4
best_of = 2
[out]
folder = "compared"
"""


def test_a_first_look_says_wherever_it_is_shown_that_nothing_follows_from_it(run: Run, folder: Path) -> None:
    (folder / "base.toml").write_text(SFT, encoding="utf-8")
    (folder / "compare.toml").write_text(COMPARE, encoding="utf-8")
    found = run("align", "compare", "compare.toml", "--quick", "--out", "page.html", "--json")
    assert found.code == 0, found.err
    assert found.json["quick"] is True
    (told,) = found.json["notes"]
    assert "every method learnt from 2 replies, where the recipe gives 16" in told
    assert told in (folder / "page.html").read_text(encoding="utf-8")
    (folder / "base.toml").write_text(SFT.replace("steps = 2", "steps = 3"), encoding="utf-8")
    shown = run("align", "compare", "compare.toml", "--quick").out
    assert told in " ".join(shown.split())
    assert "was made otherwise than base.toml says" in " ".join(shown.split())
