"""The model that aligning starts from, made first where it is missing and the recipe says how."""

import sys
from contextlib import redirect_stdout
from pathlib import Path

from openbook import recipes
from openbook.cli.progress import say
from openbook.train.base_folder import holds_model
from openbook.train.finetune_recipe import Base


def make_base(base: Base, *, quiet: bool) -> None:
    """Run ``base.recipe`` where there is no model in ``base.folder``: by ``openbook train``, or by ``align sft`` where
    it has a ``[task]`` and no base. Bases of bases come first.
    """
    if not base.recipe or holds_model(base.folder):
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
