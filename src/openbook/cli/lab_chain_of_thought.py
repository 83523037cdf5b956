"""``openbook lab chain-of-thought``: when intermediate steps help, and what votes over them add."""

from pathlib import Path
from typing import Annotated

import typer

from openbook.cli.options import AsJson


def chain_of_thought(
    seed: Annotated[int, typer.Option(min=0, max=10**6, help="Of the models and the problems.")] = 0,
    quick: Annotated[
        bool, typer.Option("--quick", help="A first look: shorter problems, less training, fewer questions.")
    ] = False,
    out: Annotated[Path | None, typer.Option(help="A folder for the page, the plots, the tables and the JSON.")] = None,
    as_json: AsJson = False,
) -> None:
    """When do intermediate steps help, and what do votes add for their tokens? Small decoders learn to reckon.

    Trained here on as many tokens each: answers alone, steps, and both. Then accuracy by the number of steps, beyond
    training too, and every strategy of `openbook reason` against the tokens that it spends.
    """
    import json
    from dataclasses import replace

    from openbook.cli.lab_progress import lab_progress
    from openbook.cli.new_folder import refuse_no_folder
    from openbook.cli.progress import say
    from openbook.errors import MissingExtra

    if out is not None:
        refuse_no_folder(out, "the report")
    try:  # what was typed is checked by now: loading torch takes seconds
        from openbook.labs.chain_of_thought import report
        from openbook.labs.chain_of_thought.advice import advice
        from openbook.labs.chain_of_thought.experiment import QUICK, Plan, run
    except ModuleNotFoundError as missing:
        if missing.name != "torch":
            raise
        raise MissingExtra("this experiment", "train") from None
    with lab_progress(as_json) as on_step:
        outcome = run(replace(QUICK if quick else Plan(), seed=seed), on_step)
    text = json.dumps(report.as_json(outcome), ensure_ascii=False, indent=2) + "\n"
    paths = report.write(out, outcome, text) if out is not None else []
    if as_json:
        typer.echo(text, nl=False)
    else:
        from openbook.cli.show_lab import show_tables

        show_tables(report.TITLE, advice(outcome), list(report.all_tables(outcome).values()))
    if paths:
        say(f"written: {', '.join(str(path) for path in paths)}")
