"""``openbook lora``: look into an adapter, or merge it into its base."""

import sys
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from openbook.cli.options import AsJson

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
    need_torch()
    from openbook.cli.typed import print_json
    from openbook.report import terminal
    from openbook.report.tables import Column, Table
    from openbook.train.peft_files import described

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
    base: Annotated[str, typer.Argument(help="The base model's folder, or writer, the shipped one.")],
    adapter: Adapter,
    out: Annotated[Path, typer.Argument(help="A new folder for the merged model.")],
    as_json: AsJson = False,
) -> None:
    """Write the base with the adapter in it as an ordinary model folder.

    Exit code: 0 written, 2 bad usage or input.
    """
    need_torch()
    from openbook.align.reward_model import ABOUT, HEAD
    from openbook.cli.progress import say
    from openbook.cli.typed import print_json
    from openbook.train.base_folder import base_folder
    from openbook.train.finetune_merge import merge_folders
    from openbook.train.peft_files import read_config

    folder = base_folder(base)
    layers = merge_folders(folder, adapter, out, carried=(HEAD, ABOUT))
    named = read_config(adapter).get("base_model_name_or_path")
    if isinstance(named, str) and base_folder(named).resolve() != folder.resolve():
        say(f"the adapter says that it was made for {named}, not for {base}: check that they are the same model")
    if as_json:
        print_json({"model": str(out), "layers": layers})
    else:
        typer.echo(f"merged {layers} layers into {out}")


def need_torch() -> None:
    """Raises MissingExtra where torch or safetensors is not installed."""
    from openbook.errors import MissingExtra

    try:
        import safetensors
        import torch
    except ImportError:
        raise MissingExtra("LoRA", "train") from None
    del safetensors, torch
