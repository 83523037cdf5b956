"""``openbook lora``: look into an adapter, merge it into its base; and what a fine-tuning run shows."""

import sys
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from openbook.cli.options import AsJson

if TYPE_CHECKING:
    from openbook.train.finetune import FinetunePlan, FinetuneResult

app = typer.Typer(
    no_args_is_help=True,
    rich_markup_mode="markdown",
    help="Look into a LoRA adapter in PEFT's format, or merge it into its base model.",
    epilog="""Examples:

`openbook lora show runs/lora-demo/adapter`

`openbook lora merge runs/lora-base/model runs/lora-demo/adapter runs/merged`""",
)
Adapter = Annotated[Path, typer.Argument(help="A folder with adapter_config.json and adapter_model.safetensors.")]


@app.command()
def show(adapter: Adapter, as_json: AsJson = False) -> None:
    """Show what an adapter is for: its rank, scale, layers and size.

    Exit code: 0 shown, 2 bad usage or input.
    """
    _need_torch()
    from openbook.cli.typed import print_json
    from openbook.report import terminal
    from openbook.report.tables import Column, Table
    from openbook.train.peft_format import described

    found = described(adapter)
    if as_json:
        print_json(asdict(found))
        return
    rows = (
        ("base", found.base or "not said"),
        ("rank", ", ".join(map(str, found.ranks))),
        ("scale (alpha / rank)", ", ".join(f"{scale:g}" for scale in found.scales)),
        ("dropout in training", f"{found.dropout:g}"),
        ("layers", f"{found.layers}: {', '.join(found.targets)}"),
        ("parameters", f"{found.parameters:,}"),
    )
    sys.stdout.write(terminal.text(Table("", (Column("adapter"), Column("")), rows)) + "\n")


@app.command()
def merge(
    base: Annotated[Path, typer.Argument(help="The base model's folder.")],
    adapter: Adapter,
    out: Annotated[Path, typer.Argument(help="A new folder for the merged model.")],
    as_json: AsJson = False,
) -> None:
    """Write the base with the adapter in it as an ordinary model folder.

    Exit code: 0 written, 2 bad usage or input.
    """
    _need_torch()
    from openbook.cli.typed import print_json
    from openbook.train.finetune_merge import merge_folders

    layers = merge_folders(base, adapter, out)
    if as_json:
        print_json({"model": str(out), "layers": layers})
    else:
        typer.echo(f"merged {layers} layers into {out}")


def finetune(path: Path, changes: Sequence[str], *, as_json: bool) -> None:
    """Run a recipe that has a [base]. Raises KeyboardInterrupt when stopped."""
    from openbook import recipes
    from openbook.cli.training import Shown
    from openbook.cli.typed import print_json
    from openbook.train.finetune import run
    from openbook.train.finetune_recipe import FinetuneRecipe
    from openbook.train.run import Watch

    recipe = recipes.read(path, FinetuneRecipe, changes)
    shown = Shown(quiet=as_json)

    def planned(plan: "FinetunePlan") -> None:
        if not as_json:
            _print(_header(plan))
        shown.begins(plan.steps, plan.begins)

    with shown.bar:
        result = run(recipe, Watch(shown.planned, shown.progress, shown.record), planned)
    if not result.finished:
        raise KeyboardInterrupt
    if as_json:
        print_json(_plain(asdict(result)))
        return
    _print(_outcome(result))
    if result.sample is not None:
        sys.stdout.write(f"\nafter the prompt    {result.sample.prompt!r}\n")
        if result.sample.before is not None:
            sys.stdout.write(f"the base writes     {result.sample.before!r}\n")
        sys.stdout.write(f"and now it writes   {result.sample.after!r}\n")
    if result.adapter is not None:
        sys.stdout.write(f"\nto merge it: openbook lora merge {result.base} {result.adapter} {result.folder}/merged\n")


def _need_torch() -> None:
    from openbook.errors import MissingExtra

    try:
        import safetensors
        import torch
    except ImportError:
        raise MissingExtra("LoRA", "train") from None
    del safetensors, torch


def _print(rows: Sequence[tuple[str, str]]) -> None:
    from openbook.report import terminal
    from openbook.report.tables import Column, Table

    sys.stdout.write(terminal.text(Table("", (Column("what"), Column("")), tuple(rows))) + "\n\n")
    sys.stdout.flush()


def _header(plan: "FinetunePlan") -> list[tuple[str, str]]:
    rows = [
        ("trainable", f"{plan.share.trainable:,} of {plan.share.all:,} parameters ({plan.share.fraction:.2%})"),
        ("examples", f"{plan.examples:,} to learn, seen {plan.epochs:.1f} times; {plan.validation:,} kept apart"),
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


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}  # pyright: ignore[reportUnknownVariableType]
    return str(value) if isinstance(value, Path) else value
