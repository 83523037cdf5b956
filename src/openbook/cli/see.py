"""``openbook see``: what happens inside a model, drawn."""

from pathlib import Path
from typing import Annotated

import typer

from openbook.cli.options import AsJson

app = typer.Typer(no_args_is_help=True, help="Draw what happens inside a model.")


@app.command()
def attention(
    text: Annotated[str, typer.Argument(help="A sentence or two; `-` reads it from standard input.")],
    model: Annotated[
        Path | None,
        typer.Option(
            "--model", metavar="DIR", help="A checkpoint with its tokenizer.json.  [default: the shipped MiniLM]"
        ),
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option("--out", metavar="FILE", help="A page (.html) or a picture (.svg).  [default: attention.html]"),
    ] = None,
    layer: Annotated[int | None, typer.Option("--layer", min=1, help="This layer alone, counted from 1.")] = None,
    head: Annotated[int | None, typer.Option("--head", min=1, help="This head of each layer alone.")] = None,
    as_json: AsJson = False,
) -> None:
    """Draw where every layer and head of a model looks while it reads a text.

    Exit code: 0 drawn, 2 bad usage or input.
    """
    from openbook.cli.show_attention import page_of, picture_of, tables_of, weights_of
    from openbook.cli.typed import print_json, read_question
    from openbook.report import terminal
    from openbook.report.characters import wrapped
    from openbook.report.files import write_whole
    from openbook.report.problems import ReportProblem
    from openbook.see.look import look

    target = Path("attention.html") if out is None else out
    if target.suffix.lower() not in (".html", ".svg"):
        raise ReportProblem(
            f"{target} is neither .html nor .svg: give one of these, and print it from a browser to more"
        )
    seen = look(read_question(text), model, layer, head)
    if as_json:
        print_json(weights_of(seen))
        if out is None:
            return
    write_whole(target, page_of(seen) if target.suffix.lower() == ".html" else picture_of(seen).text)
    if not as_json:
        for table in tables_of(seen):
            typer.echo(terminal.text(table) + "\n")
        typer.echo("\n".join([*wrapped(seen.model, 80), f"Written: {target}"]))


@app.command()
def diffusion(
    caption: Annotated[
        str | None,
        typer.Argument(
            help="What is drawn; `-` reads it from standard input.  "
            "[default: two green triangles above a yellow square, or a model's first class]",
            show_default=False,
        ),
    ] = None,
    out: Annotated[
        Path,
        typer.Option(
            "--out", metavar="FILE", help="A page (.html) with everything, a strip (.png, .svg), or a film (.apng)."
        ),
    ] = Path("diffusion.html"),
    sweep: Annotated[bool, typer.Option("--sweep", help="Few steps and many, guided weakly and strongly.")] = False,
    model: Annotated[
        Path | None,
        typer.Option(
            "--model",
            metavar="DIR",
            help="A folder that openbook compress made.  [default: the shipped one]",
        ),
    ] = None,
    exact: Annotated[
        bool, typer.Option("--exact", help="No network: the perfect denoiser of a few rendered pictures.")
    ] = False,
    steps: Annotated[int | None, typer.Option(help="From noise to picture.  [default: the model's]")] = None,
    seed: Annotated[int, typer.Option(min=0, max=2**63 - 1, help="Of the noise.")] = 0,
    guidance: Annotated[float | None, typer.Option(help="0 not heard, 1 as learnt.  [default: the model's]")] = None,
    sampler: Annotated[
        str | None, typer.Option(help="ddim, ddpm, dpm-solver++, euler or heun.  [default: the model's]")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Draw how a picture becomes noise, and how a denoiser finds one in noise.

    What the best denoiser of a few pictures says of noise is known exactly: --exact follows it instead of a network.

    Exit code: 0 drawn, 2 bad usage or input.
    """
    from dataclasses import asdict

    from openbook.cli.seeing_diffusion import refuse_bad, seen, seen_sweep, subject_of
    from openbook.cli.show_diffusion import ended, sweep_table, sweep_values, values
    from openbook.cli.typed import print_json, read_question
    from openbook.report import terminal

    alone = sweep and out.suffix.lower() != ".html"  # which has the sweep besides
    refuse_bad(out, swept=alone, chosen=steps is not None or guidance is not None)
    subject = subject_of(None if caption is None else read_question(caption).strip(), model, exact=exact)
    way = subject.sampling.but(sampler, steps, guidance)
    if alone:
        grid = seen_sweep(subject, way.sampler, seed, out)
        made = {"out": str(out), "seed": seed, "sampler": way.sampler, **sweep_values(subject, grid)}
        told = terminal.text(sweep_table(grid))
    else:
        film = seen(subject, way, seed, out)
        made, told = {"out": str(out), "seed": seed, **asdict(way), **values(subject, film)}, ended(film)
    if as_json:
        print_json(made)
    else:
        typer.echo(f"Drawn by {subject.name}.\n{told}\nWritten: {out}")
