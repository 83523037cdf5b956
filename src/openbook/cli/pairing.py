"""What ``openbook train`` shows of a recipe of labelled pairs: how far it is, and how well it reads in the end."""

import sys
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

import typer

from openbook.cli.lora import need_torch
from openbook.cli.progress import say
from openbook.cli.training import Shown


def pair(path: Path, changes: Sequence[str], *, as_json: bool) -> None:
    """Train, measure on the parts that were not learnt from, and write the INT8 folder."""
    need_torch()
    from openbook import recipes
    from openbook.cli.typed import print_json
    from openbook.heads.pair_recipe import PairRecipe
    from openbook.heads.pair_run import run
    from openbook.report import terminal
    from openbook.report.tables import Column, Table
    from openbook.train.run import Watch

    recipe = recipes.read(path, PairRecipe, changes)
    shown = Shown(quiet=as_json)
    try:
        with shown.bar:
            result = run(recipe, Watch(shown.planned, shown.progress, shown.record), say, shown.starts)
    except KeyboardInterrupt:
        say("openbook: interrupted; the same command goes on from the last checkpoint")
        raise typer.Exit(130) from None
    if not result.finished:
        say(f"openbook: stopped after step {result.step}, which is kept; the same command goes on from there")
        raise typer.Exit(130)
    if as_json:
        print_json({key: str(value) if isinstance(value, Path) else value for key, value in asdict(result).items()})
        return
    rows = [
        ("steps", f"{result.step:,}"),
        ("learnt from", f"{result.pairs:,} labelled pairs, {result.cloze:,} cloze questions"),
        ("seconds training", f"{result.seconds:.0f}"),
        *result.figures.items(),
        ("trained weights", str(result.model)),
        ("INT8 model", str(result.shipped)),
    ]
    sys.stdout.write(terminal.text(Table("", (Column("trained"), Column("")), tuple(rows))) + "\n")
