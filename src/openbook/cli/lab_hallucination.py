"""``openbook lab hallucination``: when a model makes things up, and what notices it."""

from pathlib import Path
from typing import Annotated

import typer

from openbook.cli.options import AsJson


def hallucination(
    seeds: Annotated[int, typer.Option(min=1, max=10, help="Worlds, each with a model trained on it.")] = 3,
    quick: Annotated[bool, typer.Option("--quick", help="A first look: one world.")] = False,
    out: Annotated[Path | None, typer.Option(help="A folder for the page, the plots, the tables and the JSON.")] = None,
    as_json: AsJson = False,
) -> None:
    """When does a model make things up, what notices it, and what prevents it? Measured where the truth is known.

    A small model is trained here on facts about made-up people, each told from 0 to 32 times. Then: temperature and
    top-p, self-consistency, SelfCheck, semantic entropy, thresholds with a promise, and a text at hand, true or false.
    """
    import json

    from openbook.cli.lab_progress import lab_progress
    from openbook.cli.new_folder import refuse_no_folder
    from openbook.cli.progress import say
    from openbook.errors import MissingExtra

    if out is not None:
        refuse_no_folder(out, "the report")
    try:  # what was typed is checked by now: loading torch takes seconds
        from openbook.labs.hallucination import report
        from openbook.labs.hallucination.experiment import Plan, run
        from openbook.labs.hallucination.experiment import quick as shortened
    except ModuleNotFoundError as missing:
        if missing.name != "torch":
            raise
        raise MissingExtra("this experiment", "train") from None
    plan = Plan(seeds=seeds)
    with lab_progress(as_json) as on_step:
        outcome = run(shortened(plan) if quick else plan, on_step)
        shown, said = report.outcome_parts(outcome)
    text = json.dumps(report.as_json(outcome, shown, said), ensure_ascii=False, indent=2) + "\n"
    paths = report.write(out, outcome, shown, said, text) if out is not None else []
    if as_json:
        typer.echo(text, nl=False)
    else:
        from openbook.cli.show_lab import show_tables

        show_tables(report.TITLE, said, list(shown.values()))
    if paths:
        say(f"written: {', '.join(str(path) for path in paths)}")
