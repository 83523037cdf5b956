"""What ``openbook train`` shows of a recipe of diffusion: what is learnt from, how far it is, and where samples lie."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from openbook.cli.lora import need_torch
from openbook.cli.run_bar import RunBar, nothing, validated
from openbook.cli.show_run import plain, print_rows
from openbook.cli.stopped_early import end_where_stopped, told_where_a_run_stopped

if TYPE_CHECKING:
    from openbook.diffusion.learn.run import DiffusionPlan, DiffusionResult

_MOST_NAMED = 3
"""Pictures left out that are named on the screen."""


def diffuse(path: Path, changes: Sequence[str], *, as_json: bool) -> None:
    """Train, with a bar on a terminal and a line an evaluation elsewhere."""
    from openbook import recipes
    from openbook.diffusion.learn.recipe import DiffusionRecipe

    recipe = recipes.read(path, DiffusionRecipe, changes)
    need_torch()
    from openbook.cli.typed import print_json
    from openbook.diffusion.learn.run import run
    from openbook.train.watch import Watch

    bar = RunBar("learning to draw", _beside, validated, quiet=as_json)

    def planned(plan: "DiffusionPlan") -> None:
        if not as_json:
            print_rows("what", _header(plan))
        bar.starts(plan.begins, plan.steps)

    with told_where_a_run_stopped(), bar:
        result = run(recipe, Watch(nothing, bar.progress, bar.record), planned)
    end_where_stopped(result)
    if as_json:
        print_json({**plain(asdict(result)), "left_out": dict(result.left_out)})
    else:
        print_rows("trained", _outcome(result), after="")


def _beside(row: Mapping[str, Any]) -> str:
    return f"loss {row['loss']:.4f} · {row['pictures_per_second']:,.0f} pictures/s" if "loss" in row else ""


def _header(plan: "DiffusionPlan") -> list[tuple[str, str]]:
    rows = [
        ("network", f"{plan.parameters:,} parameters"),
        ("pictures", f"{plan.learnt:,} to learn from, seen {plan.epochs:.1f} times; {plan.kept_apart:,} kept apart"),
    ]
    if plan.labels:
        rows.append(("told", f"{plan.labels:,} {'texts' if plan.texts else 'classes'}"))
    if plan.left_out:
        named = "; ".join(f"{name} ({why})" for name, why in plan.left_out[:_MOST_NAMED])
        more = len(plan.left_out) - _MOST_NAMED
        rows.append(
            (
                "left out",
                f"{len(plan.left_out):,} files: {named}"
                + (f"; and {more:,} more, which --json names" if more > 0 else ""),
            )
        )
    return rows


def _outcome(result: "DiffusionResult") -> list[tuple[str, str]]:
    rows = [("steps", f"{result.step:,}"), ("pictures learnt from", f"{result.pictures:,}")]
    if result.seconds:
        rows.append(("seconds training", f"{result.seconds:.1f} ({result.pictures / result.seconds:,.0f} pictures/s)"))
    if result.loss is not None:
        rows.append(("training loss", f"{result.loss:.4f}"))
    if result.validation_loss is not None:
        rows.append(("validation loss", f"{result.validation_loss:.4f}"))
    rows.append(("model", str(result.model)))
    if result.sheet is not None:
        rows.append(("samples", str(result.sheet)))
    return rows
