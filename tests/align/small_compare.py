"""A recipe of a bake-off that takes seconds, over a tiny random base."""

from pathlib import Path

from small_base import base

from openbook import recipes
from openbook.align.compare.recipe import CompareRecipe

SMALL = """
task = "sorting"
longest = 5
methods = ["rejection", "dpo", "ipo", "ppo", "grpo"]
[annotators]
prompts = 6
held = 4
replies = 4
[proxy]
members = 2
steps = 2
batch = 4
[budget]
replies = 8
[rejection]
batch = 2
replies = 2
[dpo]
batch = 2
[ipo]
batch = 2
[ppo]
batch = 2
replies = 2
[grpo]
batch = 2
replies = 2
[hacking]
replies = 8
batch = 2
group = 2
[measure]
problems = 5
replies = 2
checkpoints = 2
draws = 5
best_of = 4
"""


def recipe(tmp_path: Path, name: str = "compare") -> CompareRecipe:
    base(tmp_path / "base")
    file = tmp_path / "recipe.toml"
    folders = f'[base]\nmodel = "{tmp_path / "base"}"\n[out]\nfolder = "{tmp_path / name}"\n'
    file.write_text(SMALL + folders, encoding="utf-8")
    return recipes.read(file, CompareRecipe)
