"""``openbook lab discriminative-generative``: learn P(y|x), or P(x|y) and P(y)?"""

from pathlib import Path
from typing import Annotated

import typer

from openbook.cli.options import AsJson


def discriminative_generative(
    data: Annotated[
        Path | None,
        typer.Option(
            help="Labelled texts: a .jsonl or .jsonl.gz file, or a folder of documents, whose sentences are labelled "
            "by document.  [default: the handbook]",
            show_default=False,
        ),
    ] = None,
    text_field: Annotated[str, typer.Option(help="The field of a line that holds the text.")] = "text",
    label_field: Annotated[str, typer.Option(help="The field of a line that holds the class.")] = "label",
    outside: Annotated[
        Path | None,
        typer.Option(help="Texts of another kind (file or folder): are they noticed as unfamiliar?"),
    ] = None,
    sizes: Annotated[
        str, typer.Option(help="Numbers of labels to train on, as `30,100,all`.  [default: 30, 100, 300, … all]")
    ] = "",
    seeds: Annotated[int, typer.Option(min=1, max=20, help="Training samples drawn for each size.")] = 3,
    quick: Annotated[bool, typer.Option("--quick", help="A first look: shorter training, 2 samples a size.")] = False,
    out: Annotated[Path | None, typer.Option(help="A folder for the page, the plots, the tables and the JSON.")] = None,
    as_json: AsJson = False,
) -> None:
    """Learn P(y|x), or P(x|y) and P(y)? Accuracy from few labels to all, confidence, and what only one kind can do.

    Naive Bayes beside logistic regression, a class-conditional language model beside a classifier head on the same
    decoder; their crossover (Ng and Jordan 2001) found or not found.
    """
    import json

    from openbook.cli.lab_progress import lab_progress
    from openbook.cli.progress import say
    from openbook.errors import MissingExtra
    from openbook.labs.discriminative_generative.sample import check_sizes, parse_sizes
    from openbook.labs.labelled import handbook, read_labelled, read_texts

    wanted = parse_sizes(sizes) if sizes else None
    found = read_labelled(handbook() if data is None else data, text_field, label_field)
    check_sizes(found, wanted)
    other = None if outside is None else (f"texts of {outside.name.split('.')[0]}", read_texts(outside, text_field))
    try:  # what was typed is checked by now: loading torch takes seconds
        from openbook.labs.discriminative_generative import report
        from openbook.labs.discriminative_generative.experiment import Plan, run
    except ModuleNotFoundError as missing:
        if missing.name != "torch":
            raise
        raise MissingExtra("this experiment", "train") from None
    plan = Plan(wanted, min(seeds, 2) if quick else seeds, quick)
    with lab_progress(as_json) as on_step:
        outcome = run(found, plan, outside=other, on_step=on_step)
    text = json.dumps(report.as_json(outcome), ensure_ascii=False, indent=2) + "\n"
    paths = report.write(out, outcome, text) if out is not None else []
    if as_json:
        typer.echo(text, nl=False)
    else:
        from openbook.cli.show_lab import show_discriminative_generative

        show_discriminative_generative(outcome)
    if outcome.left_out:
        say(f"left out: {outcome.left_out}")
    if paths:
        say(f"written: {', '.join(str(path) for path in paths)}")
