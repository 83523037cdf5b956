"""``openbook eval position``: is a fact found wherever it stands in a long context?"""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from openbook.cli.options import AsJson, Page


class Kind(StrEnum):
    """What is asked."""

    needle = "needle"
    pairs = "kv"
    documents = "qa"


def position(
    recorded: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Measure runs recorded before: JSON lines, also .gz. Needs no model."),
    ] = None,
    model: Annotated[
        str | None, typer.Option(metavar="SPEC", help="A language model: onnx:DIR, torch:DIR or http://HOST/v1#NAME.")
    ] = None,
    reader: Annotated[bool, typer.Option("--reader", help="Probe the shipped reader.")] = False,
    probe: Annotated[Kind, typer.Option(help="A needle in filler, key-value pairs, or questions.")] = Kind.needle,
    lengths: Annotated[
        str, typer.Option(metavar="N,N,…", help="Of the context: tokens, pairs or documents.", show_default=False)
    ] = "",
    depths: Annotated[int, typer.Option(min=3, max=101, help="Places, from beginning to end.")] = 5,
    items: Annotated[
        int, typer.Option(min=1, max=144, help="Facts, each asked for at every place of every length.")
    ] = 20,
    documents: Annotated[
        Path | None,
        typer.Option(
            metavar="DIR",
            help="Filler and questions: a folder; for qa also a .jsonl of question, context, answers.  "
            "[default: the handbook]",
            show_default=False,
        ),
    ] = None,
    twice: Annotated[bool, typer.Option("--question-twice", help="Ask before the context as well.")] = False,
    save: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Keep rows as they come; the same command goes on from there.")
    ] = None,
    seed: Annotated[int, typer.Option(min=0, max=1_000_000)] = 0,
    as_json: AsJson = False,
    out: Page = None,
) -> None:
    """How often a fact is found by where it stands and by how long the context is; is the middle lost?

    Facts move through the same context, so that positions compare in pairs; tests say which differences are shown.
    Recorded lines hold context_length, depth_percent and score (1 to 10); or length, depth and right, both 0 to 1, and
    where known item and kind, as --save writes them.
    """
    from openbook.cli.page_out import check_page, write_page
    from openbook.cli.position_measured import as_json as plain
    from openbook.cli.position_measured import asked_now, measured, of_file, sections
    from openbook.cli.position_probes import Wanted, parse_lengths
    from openbook.cli.show_position import show_position
    from openbook.cli.typed import print_json
    from openbook.errors import OpenbookError

    check_page(out)
    if recorded is not None:
        if model is not None or reader or save is not None:
            raise OpenbookError("--recorded measures what is there: leave --model, --reader and --save out")
        found = of_file(recorded)
    else:
        wanted = Wanted(probe.value, parse_lengths(lengths, probe.value), depths, items, documents, seed)
        found = asked_now(wanted, model, reader=reader, twice=twice, save=save, quiet=as_json)
    outcome = measured(found)
    if as_json:
        print_json(plain(outcome))
    else:
        show_position(outcome)
    write_page(out, f"Positions: {outcome.name}", sections(outcome))
