"""What ``openbook train`` shows: what is about to be done, how far it is, and what came of it."""

import os
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from openbook.cli.run_bar import RunBar
from openbook.cli.stopped_early import end_where_stopped, told_where_a_run_stopped
from openbook.cli.typed import print_json
from openbook.errors import MissingExtra
from openbook.report import terminal
from openbook.report.tables import Column, Table

if TYPE_CHECKING:
    from openbook.train.run import Plan, Result


def run(path: Path, changes: Sequence[str], *, as_json: bool) -> None:
    """Train, with a bar on a terminal and a line an evaluation elsewhere."""
    from openbook import recipes
    from openbook.train.recipe import TrainRecipe

    recipe = recipes.read(path, TrainRecipe, changes)
    try:
        from openbook.train.run import run as go
        from openbook.train.watch import Watch
    except ModuleNotFoundError as error:
        if error.name not in ("torch", "safetensors"):
            raise
        raise MissingExtra("training", "train") from None
    bar = training_bar(quiet=as_json)

    def planned(plan: "Plan") -> None:
        if not as_json:
            sys.stdout.write(terminal.text(_header(plan)) + "\n\n")
            sys.stdout.flush()
        bar.starts(plan.begins, plan.steps)

    with told_where_a_run_stopped(), bar:
        result = go(recipe, Watch(planned, bar.progress, bar.record))
    if os.environ.get("RANK", "0") != "0":
        return
    end_where_stopped(result)
    if as_json:
        print_json({**asdict(result), "folder": str(result.folder), "model": str(result.model)})
    else:
        sys.stdout.write(terminal.text(_outcome(result)) + "\n")


def training_bar(*, quiet: bool) -> RunBar:
    """With the last loss, validation loss and speed beside the steps."""
    said = {"loss": "–", "validation": "", "speed": ""}

    def beside(row: Mapping[str, Any]) -> str:
        if "validation_loss" in row:
            said["validation"] = f" · validation {row['validation_loss']:.4f}"
        else:
            said["loss"] = f"{row['loss']:.4f}"
            said["speed"] = f" · {row['tokens_per_second']:,.0f} tokens/s"
        return f"loss {said['loss']}{said['validation']}{said['speed']}"

    def told(row: Mapping[str, Any]) -> str:
        if "validation_loss" not in row:
            return ""
        return f"step {row['step']}: loss {said['loss']}, validation loss {row['validation_loss']:.4f}"

    return RunBar("training", beside, told, quiet=quiet)


def _header(plan: "Plan") -> Table:
    model = plan.config
    rows = (
        ("model", f"{plan.parameters:,} parameters: {model.layers} layers, {model.width} wide, {model.heads} heads"),
        ("vocabulary", f"{plan.vocabulary:,} pieces; context {model.context:,} tokens"),
        ("training", f"{plan.training_tokens:,} tokens, seen {plan.epochs:.2f} times over {plan.steps:,} steps"),
        ("validation", f"{plan.validation_tokens:,} tokens"),
        ("on", plan.device if plan.processes == 1 else f"{plan.processes} processes, {plan.device}"),
    )
    return Table("", (Column("what"), Column("size")), rows)


def _outcome(result: "Result") -> Table:
    rows = [("steps", f"{result.step:,}"), ("tokens learnt from", f"{result.tokens:,}")]
    if result.seconds:
        rows.append(("seconds training", f"{result.seconds:.1f} ({result.tokens / result.seconds:,.0f} tokens/s)"))
    if result.loss is not None:
        rows.append(("training loss", f"{result.loss:.4f}"))
    if result.validation_loss is not None:
        rows.append(("validation loss", f"{result.validation_loss:.4f}"))
    rows += [("model", _short(result.model)), ("plot and metrics", _short(result.folder))]
    return Table("", (Column("trained"), Column("")), tuple(rows))


def _short(path: Path) -> str:
    with suppress(ValueError):
        return str(path.resolve().relative_to(Path.cwd()))
    return str(path)
