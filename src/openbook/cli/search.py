"""``openbook search``: the passages nearest to a question, with the score of every stage."""

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from openbook.cli.options import AsJson, IndexPath, Passages, Sources, StoreSpec, Update


def search(
    question: Annotated[str, typer.Argument(help="What to look for; `-` reads it from standard input.")],
    sources: Sources = None,
    index: IndexPath = None,
    store: StoreSpec = None,
    k: Passages = 8,
    update: Update = False,
    as_json: AsJson = False,
) -> None:
    """Show the passages nearest to a question, best first, and how each stage scored them.

    The nearest are shown however far they are: `ask` is what judges whether they answer.

    Exit code: 0 something shown, 3 the index holds no text, 2 bad usage or input.
    """
    from openbook.answer.ask import checked_question
    from openbook.cli.opened import opened, place_of, say_what_is_missing
    from openbook.cli.typed import print_json, read_question
    from openbook.index import SearchSettings
    from openbook.index import search as find
    from openbook.index.freshness import stale_among

    text = checked_question(read_question(question))
    place = place_of(sources, index, store)
    with opened(place, fresh=update) as (opened_store, encoder):
        passages = find(opened_store, encoder, text, SearchSettings(k=k, within=tuple(place.sources))).passages
        stale = stale_among(opened_store, passages)
        say_what_is_missing(place, opened_store)
    if as_json:
        rows = [asdict(passage) for passage in passages]
        for row in rows:
            row["label"] = {"tainted_by": sorted(row["label"]["sources"])}
        print_json({"question": text, "passages": rows, "stale": stale})
    else:
        from openbook.cli.show_answer import show_passages

        show_passages(passages, stale, [Path(source) for source in place.sources])
    raise typer.Exit(0 if passages else 3)
