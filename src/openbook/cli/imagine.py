"""``openbook imagine``: a caption drawn by a small diffusion model, and checked."""

from pathlib import Path
from typing import Annotated

import typer

from openbook.cli.options import AsJson


def imagine(
    caption: Annotated[
        str, typer.Argument(help='What to draw, as "two green triangles above a yellow square"; `-` reads it.')
    ],
    out: Annotated[Path, typer.Option("--out", metavar="FILE.png", help="The picture.")] = Path("picture.png"),
    steps: Annotated[int | None, typer.Option(help="From noise to picture.  [default: the model's]")] = None,
    seed: Annotated[int, typer.Option(help="Of the noise; further pictures take the next ones.")] = 0,
    guidance: Annotated[
        float | None,
        typer.Option(help="How far to exaggerate the caption: 0 not heard, 1 as learnt.  [default: the model's]"),
    ] = None,
    sampler: Annotated[
        str | None, typer.Option(help="ddim, ddpm, dpm-solver++, euler or heun.  [default: the model's]")
    ] = None,
    count: Annotated[int, typer.Option(help="How many pictures, side by side in one file.")] = 1,
    scale: Annotated[
        int | None, typer.Option(help="Pixels for each pixel, across and down.  [default: 256 pixels a side]")
    ] = None,
    model: Annotated[
        Path | None,
        typer.Option(
            "--model", metavar="DIR", help="A folder that openbook compress made.  [default: the shipped one]"
        ),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Draw a caption, then read the picture back from its pixels and say whether the caption is true of it.

    Equal seeds begin with equal noise everywhere; the kernels of another processor may round a last digit otherwise.

    Exit code: 0 drawn, 1 drawn and the caption is not true of a picture, 2 bad usage or input.
    """
    from openbook.cli.imagining import drawn, shown, values, write
    from openbook.cli.typed import print_json, read_question

    found = drawn(read_question(caption), out, steps, seed, guidance, sampler, count, scale, model)
    write(found)
    if as_json:
        print_json(values(found))
    else:
        typer.echo(shown(found))
    if any(one.verdict is not None and not one.verdict.true for one in found.pictures):
        raise typer.Exit(1)
