"""The model that aligning starts from, made first where it is missing and the recipe says how."""

import sys
from collections.abc import Mapping
from contextlib import redirect_stdout
from pathlib import Path
from typing import Any

from openbook import recipes
from openbook.align.sft_recipe import SftRecipe
from openbook.cli.progress import say
from openbook.errors import OpenbookError
from openbook.train.base_folder import holds_model
from openbook.train.finetune_recipe import Base, FinetuneRecipe
from openbook.train.folder import recorded
from openbook.train.recipe import TrainRecipe


def make_base(base: Base, *, quiet: bool) -> None:
    """Run ``base.recipe`` where there is no model in ``base.folder``: by ``openbook train``, or by ``align sft`` where
    it has a ``[task]`` and no base. Bases of bases come first. A model that is there and was made otherwise is taken,
    and that is said.
    """
    if not base.recipe:
        return
    if holds_model(base.folder):
        if told := unlike_recipe(base):
            say(told)
        return
    table = recipes.load(Path(base.recipe))
    say(f"the base {base.model} is not there yet: first, {base.recipe}")
    if "task" in table and "base" not in table:
        from openbook.cli.supervising import supervised as run
    elif "base" in table:
        from openbook.cli.finetuning import finetune as run
    else:
        from openbook.cli.training import run
    with redirect_stdout(sys.stderr if quiet else sys.stdout):  # where JSON is wanted, it is the only thing there
        run(Path(base.recipe), [], as_json=False)
        sys.stdout.write("\n")


def unlike_recipe(base: Base) -> str:
    """How the base that is there was made otherwise than base.recipe says; empty where it was not, or none can tell."""
    path = Path(base.recipe)
    try:
        made = recorded(base.folder.parent)
        wanted = recipes.as_table(recipes.read(path, _kind(recipes.load(path))))
    except OpenbookError:
        return ""
    keys = [key for key in recipes.differing(made, wanted) if not key.startswith("out.")]
    if not keys:
        return ""
    more = f", and {len(keys) - 3} more" if len(keys) > 3 else ""
    return f"The base {base.model} was made otherwise than {base.recipe} says: {', '.join(keys[:3])}{more} differ."


def _kind(table: Mapping[str, Any]) -> type[Any]:
    if "base" in table:
        return FinetuneRecipe
    return SftRecipe if "task" in table else TrainRecipe
