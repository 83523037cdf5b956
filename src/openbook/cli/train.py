"""``openbook train``: a model from a recipe, or the same command again to go on with it."""

from pathlib import Path
from typing import Annotated

import typer

from openbook.cli.options import AsJson


def train(
    recipe: Annotated[
        Path, typer.Argument(help="A TOML recipe; its first lines say what it makes.", show_default=False)
    ],
    changes: Annotated[
        list[str] | None,
        typer.Argument(metavar="[KEY=VALUE]...", help="Recipe keys to change, as train.steps=500.", show_default=False),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Train a language model as a recipe says, fine-tune one where it has a [base], teach the encoder from sets, or
    teach a network to draw where it has a [diffusion].

    Interrupted, the same command goes on where it stopped. Several processes: `torchrun --nproc-per-node 2 -m openbook
    train RECIPE`.

    Exit code: 0 trained, 2 bad usage or input, 130 interrupted.
    """
    from openbook import recipes
    from openbook.errors import OpenbookError

    table = recipes.load(recipe)
    if "source" in table and "model" in table:
        raise OpenbookError(f"{recipe} quantises a model: run `python -m openbook.compress.minilm {recipe}`")
    if {"sets", "claims"} & set(table.get("data") or ()):
        from openbook.cli.pairing import pair as run
    elif {"diffusion", "unet", "dit"} & set(table):
        from openbook.cli.diffusing import diffuse as run
    elif "base" in table:
        from openbook.cli.finetuning import finetune as run
    else:
        from openbook.cli.training import run
    run(recipe, changes or [], as_json=as_json)
