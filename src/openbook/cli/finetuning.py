"""What ``openbook train`` shows of a recipe that has a base: what is adapted, how far it is, and what came of it."""

import sys
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from openbook.cli.lora import need_torch
from openbook.cli.progress import say
from openbook.cli.run_bar import RunBar, nothing, validated
from openbook.cli.show_run import plain, print_rows
from openbook.cli.stopped_early import end_where_stopped, told_where_a_run_stopped
from openbook.report.times import times_text

if TYPE_CHECKING:
    from openbook.train.finetune import FinetunePlan, FinetuneResult


def finetune(path: Path, changes: Sequence[str], *, as_json: bool) -> None:
    """Run a recipe that has a [base], which is trained first where it has a recipe and is not there."""
    need_torch()
    from openbook import recipes
    from openbook.cli.typed import print_json
    from openbook.train.base import base_is_there
    from openbook.train.base_folder import base_name
    from openbook.train.finetune import run
    from openbook.train.finetune_recipe import FinetuneRecipe
    from openbook.train.watch import Watch

    recipe = recipes.read(path, FinetuneRecipe, changes)
    if recipe.base.recipe and not base_is_there(recipe.base) and not as_json:
        from openbook.cli.training import run as pretrain

        say(f"the base {recipe.base.model} is not there yet: first, {recipe.base.recipe}")
        pretrain(Path(recipe.base.recipe), [], as_json=False)
        sys.stdout.write("\n")
    bar = RunBar("adapting", _beside, validated, quiet=as_json)

    def planned(plan: "FinetunePlan") -> None:
        if not as_json:
            print_rows("what", _header(plan))
        bar.starts(plan.begins, plan.steps)

    with told_where_a_run_stopped(), bar:
        result = run(recipe, Watch(nothing, bar.progress, bar.record), planned)
    end_where_stopped(result)
    if as_json:
        print_json(plain(asdict(result)))
        return
    print_rows("what", _outcome(result))
    if result.sample is not None:
        sys.stdout.write(f"after the prompt    {result.sample.prompt!r}\n")
        if result.sample.before is not None:
            sys.stdout.write(f"the base writes     {result.sample.before!r}\n")
        sys.stdout.write(f"and now it writes   {result.sample.after!r}\n")
    if result.adapter is not None:
        base = base_name(result.base)
        sys.stdout.write(f"\nto merge it: openbook lora merge {base} {result.adapter} {result.folder}/merged\n")


def _beside(row: Mapping[str, Any]) -> str:
    return f"loss {row['loss']:.4f}" if "loss" in row else ""


def _header(plan: "FinetunePlan") -> list[tuple[str, str]]:
    rows = [
        ("trainable", f"{plan.share.trainable:,} of {plan.share.all:,} parameters ({plan.share.fraction:.2%})"),
        ("examples", f"{plan.examples:,} to learn, seen {times_text(plan.epochs)}; {plan.validation:,} kept apart"),
        ("answers", f"{plan.answer_tokens:,} tokens, the only ones that the loss counts"),
    ]
    if plan.skipped:
        rows.append(("left out", f"{plan.skipped:,} examples longer than the context"))
    if plan.before is not None:
        rows.append(("validation loss before", f"{plan.before:.4f}"))
    return rows


def _outcome(result: "FinetuneResult") -> list[tuple[str, str]]:
    rows = [
        ("steps", f"{result.step:,}"),
        ("trained", f"{result.share.trainable:,} of {result.share.all:,} parameters ({result.share.fraction:.2%})"),
        ("seconds", f"{result.seconds:.1f}"),
        ("memory at most", f"{result.memory / 1e6:,.0f} MB"),
    ]
    if result.before is not None and result.after is not None:
        rows.append(("validation loss", f"{result.before:.4f} before, {result.after:.4f} after"))
    rows.append(("adapter", str(result.adapter)) if result.adapter else ("model", str(result.model)))
    return rows
