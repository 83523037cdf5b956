"""``openbook compress``: a language model in INT8 or INT4, an encoder or a denoiser in INT8, and what that costs."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from openbook.cli.options import AsJson, Page


class To(StrEnum):
    """What weights are stored in."""

    int8 = "int8"
    int4 = "int4"
    fp32 = "fp32"


def compress(
    model: Annotated[
        Path,
        typer.Argument(
            metavar="MODEL",
            help="A checkpoint's folder: Llama, Mistral, Qwen2, Qwen3, a BERT-like encoder, or a DiT trained here.",
        ),
    ],
    out: Annotated[Path, typer.Argument(metavar="FOLDER", help="A new folder for what is made.")],
    to: Annotated[To, typer.Option(help="What weights are stored in.")] = To.int8,
    block: Annotated[
        int | None,
        typer.Option(help="Inputs that share a scale: 16, 32, 64, 128 or 256.  [default: 32]", show_default=False),
    ] = None,
    float_activations: Annotated[
        bool, typer.Option("--float-activations", help="Round weights alone, not what they are multiplied by.")
    ] = False,
    smooth: Annotated[
        bool,
        typer.Option("--smooth", help="Move outliers of activations into the weights, found on a part of the text."),
    ] = False,
    text: Annotated[
        list[str] | None,
        typer.Option(
            help="Text to compare both models on: a file or folder; may be given again.  [default: the handbook]",
            show_default=False,
        ),
    ] = None,
    most_tokens: Annotated[int, typer.Option(min=100, max=1_000_000, help="Tokens of it to read.")] = 10_000,
    no_measure: Annotated[bool, typer.Option("--no-measure", help="Write the folder only.")] = False,
    threads: Annotated[int | None, typer.Option(min=1, max=256, help="Cores to use.  [default: all]")] = None,
    page: Page = None,
    as_json: AsJson = False,
) -> None:
    """Turn a checkpoint into a folder that runs without torch, and say what that costs on your text and machine.

    Of a language model: size, perplexity and divergence from the original with intervals, tokens a second, and the
    share of the memory's bandwidth that writing reaches. Of an encoder: size, cosine to the original, neighbours kept,
    texts a second; its outliers are moved into the weights as a part of the text asks for. Of a diffusion transformer:
    size, error of its predictions, distance of its pictures, calls a second.

    Exit code: 0 written, 2 bad usage or input.
    """
    from openbook.cli.compress_wanted import Asked
    from openbook.cli.compressing import compressed
    from openbook.cli.page_out import check_page, write_page
    from openbook.cli.progress import say
    from openbook.cli.typed import print_json
    from openbook.errors import OpenbookError

    if no_measure and page is not None:
        raise OpenbookError("--no-measure leaves nothing to show: drop it, or drop --out")
    check_page(page)
    asked = Asked(
        model,
        out,
        to.value,
        block,
        not float_activations,
        tuple(text or ()),
        most_tokens,
        threads,
        not no_measure,
        smooth,
    )
    found = compressed(asked, quiet=as_json)
    from openbook.cli.show_compress import (
        as_values,
        sections,
        show,
        text_warning,
    )  # needs the extra, which is there by now

    if as_json:
        print_json(as_values(found))
    else:
        show(found)
    if line := text_warning(found):
        say(line)
    write_page(page, f"{model.resolve().name} as {to.value}", sections(found))
    say(f"written over what was compressed there before: {out}" if found.replaced else f"written: {out}")
