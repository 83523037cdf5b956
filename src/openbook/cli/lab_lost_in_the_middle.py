"""``openbook lab lost-in-the-middle``: where the middle of a context gets lost."""

from pathlib import Path
from typing import Annotated

import typer

from openbook.cli.options import AsJson


def lost_in_the_middle(
    seeds: Annotated[int, typer.Option(min=1, max=20, help="Models trained of each kind.")] = 2,
    quick: Annotated[
        bool, typer.Option("--quick", help="A first look: learned positions alone, one model a kind, fewer steps.")
    ] = False,
    out: Annotated[Path | None, typer.Option(help="A folder for the page, the plots, the tables and the JSON.")] = None,
    as_json: AsJson = False,
) -> None:
    """Where does the middle get lost? Small decoders look values up that stand anywhere in their context.

    Trained on facts everywhere or near the edges, on contexts of many lengths or of one, with learned or rotary
    positions; probed at every place, in contexts as trained and twice as long. About ten minutes; --quick about one.
    """
    import json
    from dataclasses import replace

    from openbook.cli.lab_progress import lab_progress
    from openbook.cli.progress import say
    from openbook.errors import MissingExtra

    try:
        from openbook.labs.lost_in_the_middle import report
        from openbook.labs.lost_in_the_middle.experiment import QUICK, Plan, run
    except ModuleNotFoundError as missing:
        if missing.name != "torch":
            raise
        raise MissingExtra("this experiment", "train") from None
    with lab_progress(as_json) as on_step:
        outcome = run(QUICK if quick else replace(Plan(), seeds=seeds), on_step=on_step)
    text = json.dumps(report.as_json(outcome), ensure_ascii=False, indent=2) + "\n"
    paths = report.write(out, outcome, text) if out is not None else []
    if as_json:
        typer.echo(text, nl=False)
    else:
        from openbook.cli.show_positions_lab import show_lost_in_the_middle

        show_lost_in_the_middle(outcome)
    if paths:
        say(f"written: {', '.join(str(path) for path in paths)}")
