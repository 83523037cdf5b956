"""``openbook eval ask``: how good the answers from a folder are, on a person's own questions."""

from pathlib import Path
from typing import Annotated

import typer

from openbook.cli.options import AsJson, IndexPath, Model, Page, Passages, Save, StoreSpec, Update, share


def ask(
    source: Annotated[str, typer.Argument(metavar="DIR", help="The folder, file or page.", show_default=False)],
    questions: Annotated[
        Path,
        typer.Argument(
            metavar="QUESTIONS",
            help='JSON lines {"question": …, "answer": …, "source": …, "quote": …, "group": …}, or CSV of that. '
            "The answer is null where there is none; it may be left out where a source or a quote is named.",
            show_default=False,
        ),
    ],
    index: IndexPath = None,
    store: StoreSpec = None,
    k: Passages = 8,
    threshold: Annotated[
        float | None,
        typer.Option(
            metavar="0..1", callback=share, help="Least confidence that is answered.", show_default="as calibrated"
        ),
    ] = None,
    model: Model = None,
    stages: Annotated[
        bool, typer.Option("--stages", help="Also switch each stage off in turn, and test what that changes.")
    ] = False,
    worst: Annotated[int, typer.Option(metavar="N", min=0, max=100, help="Show the N worst cases of a kind.")] = 3,
    save: Save = None,
    page: Page = None,
    update: Update = False,
    as_json: AsJson = False,
) -> None:
    """Measure the answers from these documents on your own questions, each with what you know of its answer.

    What is answered and right, at the threshold that is in use and at one set on the other half of the questions; where
    the citations stand and what they back; whether the named source is found; what the confidence is worth; the worst
    cases; of what a model drafts, how much a passage backs. The file that `calibrate` takes will do.

    Exit code: 0 measured, 2 bad usage or input.
    """
    from openbook.cli.asked_input import read_wanted
    from openbook.cli.drafting import drafting_with
    from openbook.cli.kept_answers import check_kept
    from openbook.cli.measuring_answers import measure
    from openbook.cli.opened import place_of
    from openbook.cli.page_out import check_page, write_page

    check_page(page)
    if save is not None:
        check_kept(save)
    given = read_wanted(questions)
    drafting = None if model is None else drafting_with(model)
    place = place_of([source], index, store)
    found = measure(
        place,
        given,
        drafting,
        k=k,
        threshold=threshold,
        stages=stages,
        worst=worst,
        save=save,
        update=update,
        quiet=as_json,
    )
    roots = [Path(each) for each in place.sources]
    if as_json:
        from dataclasses import asdict

        from openbook.cli.typed import print_json

        print_json(asdict(found))
    else:
        from openbook.cli.show_eval_ask import show_report

        show_report(found, roots)
    if page is not None:
        from openbook.cli.show_eval_ask_page import sections

        write_page(page, f"Answers from {source}, measured on {questions.name}", sections(found, roots))
