"""What ``openbook train`` shows of a recipe of diffusion: what is learnt from, how far it is, and where samples lie."""

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

from openbook.cli.lora import need_torch
from openbook.cli.progress import errors, say
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

    shown = _Shown(quiet=as_json)
    with told_where_a_run_stopped(), shown.bar:
        result = run(recipe, Watch(shown.nothing, shown.progress, shown.record), shown.planned)
    end_where_stopped(result)
    if as_json:
        print_json(plain(asdict(result)))
    else:
        print_rows("trained", _outcome(result), after="")


class _Shown:
    """The bar, and what it says beside the steps."""

    def __init__(self, *, quiet: bool) -> None:
        self.quiet = quiet
        columns = (
            TextColumn("learning to draw"),
            BarColumn(bar_width=20),
            TextColumn("{task.completed:.0f}/{task.total:.0f} · loss {task.fields[loss]}"),
            TimeRemainingColumn(),
        )
        self.bar = Progress(*columns, console=errors, transient=True, disable=quiet or not errors.is_terminal)
        self.task = self.bar.add_task("learning to draw", total=1, loss="–", start=False)

    def nothing(self, _: Any) -> None: ...

    def planned(self, plan: "DiffusionPlan") -> None:
        if not self.quiet:
            print_rows("what", _header(plan))
        if plan.begins:
            say(f"going on from step {plan.begins}")
        self.bar.update(self.task, total=plan.steps, completed=plan.begins)
        self.bar.start_task(self.task)

    def progress(self, step: int) -> None:
        self.bar.update(self.task, completed=step)

    def record(self, row: Any) -> None:
        if "loss" in row:
            self.bar.update(self.task, loss=f"{row['loss']:.4f} · {row['pictures_per_second']:,.0f} pictures/s")
        elif not self.quiet and not errors.is_terminal:
            say(f"step {row['step']}: validation loss {row['validation_loss']:.4f}")


def _header(plan: "DiffusionPlan") -> list[tuple[str, str]]:
    rows = [
        ("network", f"{plan.parameters:,} parameters"),
        ("pictures", f"{plan.learnt:,} to learn from, seen {plan.epochs:.1f} times; {plan.kept_apart:,} kept apart"),
    ]
    if plan.labels:
        rows.append(("told", f"{plan.labels:,} classes or texts"))
    if plan.left_out:
        named = "; ".join(f"{name} ({why})" for name, why in plan.left_out[:_MOST_NAMED])
        more = len(plan.left_out) - _MOST_NAMED
        rows.append(
            ("left out", f"{len(plan.left_out):,} files: {named}" + (f"; and {more:,} more" if more > 0 else ""))
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
