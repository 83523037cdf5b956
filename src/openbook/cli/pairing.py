"""What ``openbook train`` shows of a recipe of labelled pairs: how far it is, and how well it reads in the end."""

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from openbook.cli.lora import need_torch
from openbook.cli.progress import say
from openbook.cli.run_bar import nothing
from openbook.cli.show_run import plain, print_rows
from openbook.cli.stopped_early import end_where_stopped, told_where_a_run_stopped
from openbook.cli.training import training_bar


def pair(path: Path, changes: Sequence[str], *, as_json: bool) -> None:
    """Train, measure on the parts that were not learnt from, and write the INT8 folder."""
    need_torch()
    from openbook import recipes
    from openbook.cli.typed import print_json
    from openbook.heads.pair_recipe import PairRecipe
    from openbook.heads.pair_run import run
    from openbook.train.watch import Watch

    recipe = recipes.read(path, PairRecipe, changes)
    bar = training_bar(quiet=as_json)
    with told_where_a_run_stopped(), bar:
        result = run(recipe, Watch(nothing, bar.progress, bar.record), say, bar.starts)
    end_where_stopped(result)
    if as_json:
        print_json(plain(asdict(result)))
        return
    rows = [
        ("steps", f"{result.step:,}"),
        ("learnt from", f"{result.pairs:,} labelled pairs, {result.cloze:,} cloze questions"),
        ("seconds training", f"{result.seconds:.0f}"),
        *result.figures.items(),
        ("trained weights", str(result.model)),
        ("INT8 model", str(result.shipped)),
    ]
    print_rows("trained", rows, after="")
