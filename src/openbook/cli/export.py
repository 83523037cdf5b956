"""``openbook export``: a model of openbook's for the programs of others."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from openbook.cli.options import AsJson


class To(StrEnum):
    """Who reads it."""

    gguf = "gguf"
    hf = "hf"


class Dtype(StrEnum):
    """What a GGUF file's weights are stored in."""

    f32 = "f32"
    f16 = "f16"
    q8_0 = "q8_0"


def export(
    model: Annotated[
        Path,
        typer.Argument(metavar="MODEL", help="A checkpoint's folder: Llama, Mistral, Qwen2 or Qwen3, safetensors."),
    ],
    target: Annotated[Path, typer.Argument(metavar="TARGET", help="A new FILE.gguf, or a new folder.")],
    to: Annotated[
        To | None,
        typer.Option(
            help="gguf: one file for llama.cpp and Ollama. hf: a folder for transformers and vLLM.  [default: gguf"
            " where TARGET ends in .gguf, else hf]",
            show_default=False,
        ),
    ] = None,
    dtype: Annotated[
        Dtype | None,
        typer.Option(
            help="What a GGUF's weights are stored in; a folder keeps those it has.  [default: f16]", show_default=False
        ),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Write a checkpoint as a GGUF file or as a Hugging Face folder, tokenizer and chat template included.

    What `openbook train` and `openbook lora merge` make can be exported, and any checkpoint of these families. What
    the other program would compute or read otherwise is refused, or said.

    Exit code: 0 written, 2 bad usage or input.
    """
    from dataclasses import asdict

    from openbook.cli.exporting import Asked, exported
    from openbook.cli.progress import say
    from openbook.cli.screen import console
    from openbook.cli.typed import print_json
    from openbook.errors import OpenbookError

    chosen = to or (To.gguf if target.suffix.lower() == ".gguf" else To.hf)
    if chosen is To.hf and dtype is not None:
        raise OpenbookError("--dtype is for --to gguf: a folder keeps the weights as they are stored, so drop it")
    asked = Asked(model, target, chosen.value, (dtype or Dtype.f16).value)
    found = exported(asked, quiet=as_json)
    if as_json:
        print_json({"model": str(model), "target": str(target), "to": chosen.value, **asdict(found)})
    else:
        console().print(f"{found.weights}, {found.tensors:,} tensors, {found.bytes / 1e6:,.1f} MB", soft_wrap=True)
        for note in found.notes:
            console().print(f"note: {note}", soft_wrap=True)
    say(f"written: {target}")
