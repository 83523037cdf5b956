"""``openbook align compare``: every method from one supervised policy, under one budget, against the true reward."""

from collections.abc import Sequence
from pathlib import Path

import typer

from openbook.cli.lab_progress import lab_progress
from openbook.cli.page_out import check_page, write_page
from openbook.cli.progress import say
from openbook.cli.typed import print_json


def compared(path: Path, changes: Sequence[str], *, quick: bool, out: Path | None, as_json: bool) -> None:
    """Run a recipe, or go on with it, and show what was found."""
    from openbook.align.compare.experiment import compare
    from openbook.align.compare.findings import findings
    from openbook.align.compare.quick import first_look, quickened
    from openbook.align.compare.recipe import CompareRecipe
    from openbook.align.compare.report import TITLE, sections
    from openbook.align.compare.report import as_json as data_of
    from openbook.align.compare.tables import tables
    from openbook.cli.align_base import make_base, unlike_recipe
    from openbook.cli.align_recipes import read
    from openbook.cli.show_lab import show_tables

    check_page(out)
    recipe = read(path, "compare", CompareRecipe, changes)
    notes = [first_look(recipe)] if quick else []
    recipe = quickened(recipe) if quick else recipe
    make_base(recipe.base, quiet=as_json)
    notes += filter(None, [unlike_recipe(recipe.base)])
    try:
        with lab_progress(as_json) as told:
            outcome = compare(recipe, told)
    except KeyboardInterrupt:
        say("openbook: interrupted; the same command goes on where it stopped")
        raise typer.Exit(130) from None
    write_page(out, TITLE, sections(outcome, notes))
    if as_json:
        print_json({"quick": quick, **data_of(outcome, notes)})
    else:
        show_tables(TITLE, [*notes, *findings(outcome)], list(tables(outcome).values()))
