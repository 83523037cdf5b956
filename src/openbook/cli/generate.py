"""``openbook generate``: what a language model writes, as it writes it."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal, TypeAlias

import typer

from openbook.cli.options import AsJson
from openbook.values import TRUSTED, Decoding, Part

if TYPE_CHECKING:
    from openbook.protocols import LanguageModel
    from openbook.values import Prompt

Overflow: TypeAlias = Literal["refuse", "slide"]


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
    min_p: Annotated[float, typer.Option(help="Draw among those this share as likely as the likeliest.")] = 0.0,
    repetition_penalty: Annotated[float, typer.Option(help="Above 1, what was said before becomes less likely.")] = 1.0,
    seed: Annotated[int, typer.Option(min=0, help="The same seed draws the same tokens.")] = 0,
    stop: Annotated[list[str] | None, typer.Option(metavar="TEXT", help="End before this text; repeatable.")] = None,
    schema: Annotated[
        Path | None, typer.Option(metavar="FILE", help="A JSON schema that the output is held to, and checked against.")
    ] = None,
    regex: Annotated[
        str | None, typer.Option(metavar="PATTERN", help="A regular expression that the whole output is held to.")
    ] = None,
    alternatives: Annotated[
        int | None,
        typer.Option(min=0, max=20, help="Likeliest tokens shown at each place.  [default: 1 with --json, else none]"),
    ] = None,
    overflow: Annotated[
        Overflow, typer.Option(help="A prompt over the model's context: refuse it, or let its beginning slide out.")
    ] = "refuse",
    lookup: Annotated[
        bool, typer.Option("--lookup", help="Write text that repeats itself faster: the same text, at temperature 0.")
    ] = False,
    memory: Annotated[
        str, typer.Option(metavar="SIZE", help="Refuse to take more for weights, keys and values, such as 2GB.")
    ] = "",
    as_json: AsJson = False,
) -> None:
    """Let a model write: a folder on this machine, or a server that speaks OpenAI's API.

    A key for a server is taken from OPENBOOK_API_KEY. A model without a chat template goes on with the prompt.

    Exit code: 0 written, 1 the output does not match the schema, 2 bad usage or input.
    """
    from openbook.cli.typed import print_json, read_question
    from openbook.cli.written import said_of, show, show_places
    from openbook.generate.asked import checked
    from openbook.generate.local import with_lookup
    from openbook.generate.memory import size_of
    from openbook.generate.open import open_model
    from openbook.generate.schema import check_of

    asked = int(as_json) if alternatives is None else alternatives
    held = None if schema is None else read_schema(schema)
    texts = tuple(stop or ())
    decoding = checked(
        Decoding(
            max_tokens, temperature, top_k, top_p, seed, texts, asked, held, overflow, min_p, repetition_penalty, regex
        )
    )
    check = None if held is None else check_of(held)
    instructions = (Part(system, TRUSTED, "system"),) if system else ()
    said = (*instructions, Part(read_question(prompt), TRUSTED, "user"))
    found = open_model(model, size_of(memory) if memory else None)
    if lookup:
        found = with_lookup(found, decoding)
    tell_dropped(found, said, decoding)
    tokens = found.stream(said, decoding)
    kept = list(tokens) if as_json else show_places(tokens) if asked else show(tokens)
    mismatch = check("".join(token.text for token in kept)) if check else ""
    if as_json:
        output = {"model": found.name, **said_of(kept)}
        print_json({**output, "mismatch": mismatch} if check else output)
    if mismatch:
        cut = sum(not token.nothing for token in kept) >= max_tokens
        next_step = f"allow more --max-tokens than {max_tokens:,}" if cut else "try another model"
        typer.echo(f"openbook: the output does not match {schema} ({mismatch}): {next_step}", err=True)
        raise typer.Exit(1)


def tell_dropped(model: "LanguageModel", prompt: "Prompt", decoding: "Decoding") -> None:
    """On standard error, how much of a prompt that may slide is not read."""
    if decoding.overflow == "slide":
        from openbook.cli.progress import say
        from openbook.cli.screen import plural
        from openbook.generate.local import LocalModel

        dropped = model.fit(prompt, decoding).dropped if isinstance(model, LocalModel) else 0
        if dropped:
            say(f"the prompt is too long: {plural(dropped, 'token')} of its beginning slid out and were not read")


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
