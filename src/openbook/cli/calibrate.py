"""``openbook calibrate``: when to answer from a folder, set on questions about it."""

from pathlib import Path
from typing import Annotated

import typer

from openbook.cli.options import AsJson, IndexPath, StoreSpec, Update, share


def calibrate(
    source: Annotated[str, typer.Argument(metavar="DIR", help="The folder, file or page.", show_default=False)],
    questions: Annotated[
        Path | None,
        typer.Argument(
            metavar="[QUESTIONS.jsonl]",
            help='Your own: {"question": …, "answer": …} a line, the answer null where there is none. Without a file, '
            "questions are made from the documents.",
            show_default=False,
        ),
    ] = None,
    index: IndexPath = None,
    store: StoreSpec = None,
    count: Annotated[int, typer.Option(min=40, max=5_000, help="Questions to make.")] = 200,
    most_false: Annotated[
        float | None,
        typer.Option(
            metavar="0..1",
            callback=share,
            help="The share of unanswerable questions that may be answered at most.",
            show_default="0.05 of your own; of made ones as many as elsewhere",
        ),
    ] = None,
    most_wrong: Annotated[
        float | None,
        typer.Option(
            metavar="0..1",
            callback=share,
            help="Instead, the share of all questions like these that may be answered wrongly at most: a threshold "
            "that keeps to it for new ones, on average.",
            show_default=False,
        ),
    ] = None,
    plot: Annotated[Path | None, typer.Option(metavar="FILE.svg", help="Also draw the curve.")] = None,
    forget: Annotated[bool, typer.Option("--forget", help="Go back to the threshold that is shipped.")] = False,
    update: Update = False,
    as_json: AsJson = False,
) -> None:
    """Set the confidence from which `ask` answers from these documents, and show what it gives.

    Made questions are sentences with a word or two taken out; those without an answer ask about a document that is
    hidden, or about names that stand nowhere. Being half copied, they are answered more readily than a person's: so
    many of them may be as on the pages where the shipped threshold was set. Your own questions are worth more.

    Exit code: 0 set, 2 bad usage or input.
    """
    from openbook.answer.folder_threshold import beside
    from openbook.cli.calibrating import Wanted, set_on
    from openbook.cli.new_folder import refuse_far, refuse_other_than_svg
    from openbook.cli.opened import lock_path, place_of
    from openbook.cli.own_questions import read_questions
    from openbook.cli.progress import say
    from openbook.cli.show_calibration import draw, show, summary
    from openbook.cli.typed import print_json
    from openbook.errors import OpenbookError

    place = place_of([source], index, store)
    if most_wrong is not None and (most_false is not None or not 0 < most_wrong < 1):
        raise OpenbookError("give --most-wrong a share above 0 and below 1, and no --most-false beside it")
    kept = beside(lock_path(place))
    if forget:
        kept.unlink(missing_ok=True)
        say("this folder is answered from at the threshold that is shipped")
        return
    if plot is not None:
        refuse_far(plot, "the plot")
        refuse_other_than_svg(plot)
    given = None if questions is None else read_questions(questions, any_kinds=most_wrong is not None)
    found = set_on(place, Wanted(given, count, most_false, most_wrong), kept, update=update, quiet=as_json)
    if plot is not None:
        draw(found, plot)
    if as_json:
        print_json({**summary(found), "most_wrong": most_wrong, "kept": str(kept)})
    else:
        show(found, made=given is None, most_wrong=most_wrong)
