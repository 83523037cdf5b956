"""``openbook rate``: a person chooses between two answers, not knowing which way each was made."""

from pathlib import Path
from typing import Annotated

import typer

from openbook.cli.options import AsJson, IndexPath, StoreSpec, Update


def rate(
    source: Annotated[str, typer.Argument(metavar="DOCS", help="The folder, file or page.", show_default=False)],
    way: Annotated[
        list[str],
        typer.Option(
            metavar="SETTINGS",
            help="How to answer, twice, or once against plain `openbook ask`: plain, or with commas between them "
            "model=writer, k=3, threshold=0.2, no-rerank, no-read, no-guard.",
            show_default=False,
        ),
    ],
    questions: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help='A question a line, or JSON lines {"question": …}; without it, they are typed.',
            show_default=False,
        ),
    ] = None,
    save: Annotated[
        Path | None,
        typer.Option(
            "--save",
            metavar="FILE.jsonl",
            help="Where choices are added, as preferences; without it, beside the folder's own index.",
            show_default=False,
        ),
    ] = None,
    annotator: Annotated[str, typer.Option(metavar="NAME", help="Who chooses, as the choices will say.")] = "me",
    seed: Annotated[int, typer.Option(min=0, help="Of which answer stands first.")] = 0,
    index: IndexPath = None,
    store: StoreSpec = None,
    update: Update = False,
    as_json: AsJson = False,
) -> None:
    """Compare two ways of answering by choosing, question by question, the better of two answers.

    You see both answers with their quotes, in random order, and type 1 or 2, t for a tie, s to skip, u to take the last
    choice back, q to stop. Each choice is in the file at once, as a pair that `openbook align` learns from; called
    again, it goes on with the questions that you have not rated. At the end, also after Ctrl-C: how often each way won,
    with a sign test.

    Exit code: 0 done or stopped by q, 2 bad usage or input, 130 interrupted.
    """
    from openbook.align.rating import tally
    from openbook.cli.opened import opened, place_of, say_what_is_missing
    from openbook.cli.rating_place import choices_file
    from openbook.cli.rating_questions import from_file
    from openbook.cli.rating_session import Session, rated
    from openbook.cli.rating_ways import answering, two_ways

    ways = two_ways(way)
    names = ways[0].name, ways[1].name
    place = place_of([source], index, store)
    file = choices_file(save, place)
    given = None if questions is None else from_file(questions)
    with opened(place, fresh=update) as (opened_store, encoder):
        session = Session(names, file, annotator.strip(), seed, [Path(each) for each in place.sources])
        sitting = rated(session, given, answering(ways, place, opened_store, encoder))
        if not sitting.interrupted:
            say_what_is_missing(place, opened_store)
    found = tally(names, session.choices())
    if as_json:
        from openbook.cli.show_rating import tally_json
        from openbook.cli.typed import print_json

        print_json(tally_json(found, file, sitting))
    else:
        from openbook.cli.show_rating import show_tally

        show_tally(found, file, sitting.identical)
    if sitting.interrupted:
        raise typer.Exit(130)
