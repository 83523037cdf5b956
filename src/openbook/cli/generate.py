"""``openbook generate``: what a language model writes, as it writes it."""

import json
import sys
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Annotated, Any

import typer

from openbook.cli.options import AsJson
from openbook.values import TRUSTED, Decoding, Part, Token


def generate(
    model: Annotated[
        str,
        typer.Argument(metavar="MODEL", help="onnx:FOLDER, torch:FOLDER, or http(s)://HOST:PORT/v1#MODEL of a server."),
    ],
    prompt: Annotated[str, typer.Argument(help="What to go on with, or to answer; `-` reads standard input.")],
    system: Annotated[str, typer.Option(metavar="TEXT", help="Instructions set before the prompt.")] = "",
    max_tokens: Annotated[int, typer.Option(min=1, metavar="N", help="The most tokens that are written.")] = 256,
    temperature: Annotated[float, typer.Option(help="0 always takes the likeliest token; 1 draws as trained.")] = 0.0,
    top_k: Annotated[int, typer.Option(min=0, help="Draw among the k likeliest alone; 0 for all.")] = 0,
    top_p: Annotated[float, typer.Option(help="Draw among the fewest that reach this probability.")] = 1.0,
    seed: Annotated[int, typer.Option(min=0, help="The same seed draws the same tokens.")] = 0,
    stop: Annotated[list[str] | None, typer.Option(metavar="TEXT", help="End before this text; repeatable.")] = None,
    schema: Annotated[
        Path | None, typer.Option(metavar="FILE", help="A JSON schema that the output is held to, and checked against.")
    ] = None,
    alternatives: Annotated[
        int | None, typer.Option(min=0, max=20, help="With --json: likeliest tokens shown at each place.  [default: 1]")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Let a model write: a folder on this machine, or a server that speaks OpenAI's API.

    A key for a server is taken from OPENBOOK_API_KEY. A model without a chat template goes on with the prompt.

    Exit code: 0 written, 1 the output does not match the schema, 2 bad usage or input.
    """
    from openbook.cli.typed import print_json, read_question
    from openbook.generate.asked import checked
    from openbook.generate.open import open_model
    from openbook.generate.schema import check_of

    asked = (1 if alternatives is None else alternatives) if as_json else 0
    held = None if schema is None else read_schema(schema)
    decoding = checked(Decoding(max_tokens, temperature, top_k, top_p, seed, tuple(stop or ()), asked, held))
    check = None if held is None else check_of(held)
    instructions = (Part(system, TRUSTED, "system"),) if system else ()
    said = (*instructions, Part(read_question(prompt), TRUSTED, "user"))
    found = open_model(model)
    tokens = found.stream(said, decoding)
    kept = list(tokens) if as_json else _shown(tokens)
    text = "".join(token.text for token in kept)
    mismatch = check(text) if check else ""
    if as_json:
        from dataclasses import asdict

        output = {"model": found.name, "text": text, "tokens": [asdict(token) for token in kept]}
        print_json({**output, "mismatch": mismatch} if check else output)
    if mismatch:
        next_step = f"allow more --max-tokens than {max_tokens:,}" if len(kept) >= max_tokens else "try another model"
        typer.echo(f"openbook: the output does not match {schema} ({mismatch}): {next_step}", err=True)
        raise typer.Exit(1)


def read_schema(path: Path) -> dict[str, Any]:
    """Raises OpenbookError where the file holds no JSON object."""
    from openbook.errors import OpenbookError
    from openbook.generate.asked import LARGEST_SCHEMA
    from openbook.report.files import read_bounded

    try:
        found: Any = json.loads(read_bounded(path, 4 * LARGEST_SCHEMA))
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, dict):
        raise OpenbookError(f"{path} holds no JSON schema: put one JSON object in it")
    return found  # pyright: ignore[reportUnknownVariableType]


def _shown(tokens: Iterable[Token]) -> list[Token]:
    """All of them, each shown at once, and how fast they came where a person looks."""
    from openbook.cli.progress import errors, say
    from openbook.cli.screen import plural, visible

    kept: list[Token] = []
    begin, last = time.monotonic(), ""
    for token in tokens:
        sys.stdout.write(visible(token.text))
        sys.stdout.flush()
        begin, last = (begin if kept else time.monotonic()), token.text or last
        kept.append(token)
    if not last.endswith("\n"):
        sys.stdout.write("\n")
        sys.stdout.flush()
    if errors.is_terminal and len(kept) > 1:
        rate = (len(kept) - 1) / max(time.monotonic() - begin, 1e-9)
        say(f"{plural(len(kept), 'token')}, {rate:,.0f} a second")
    return kept
