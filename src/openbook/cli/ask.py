"""``openbook ask``: a question, answered in the documents' own words."""

from functools import cache
from pathlib import Path
from typing import Annotated

import typer

from openbook.cli.options import AsJson, IndexPath, Model, Page, Passages, Sources, StoreSpec, Update, share


def ask(
    question: Annotated[str, typer.Argument(help="What you want to know; `-` reads it from standard input.")],
    sources: Sources = None,
    index: IndexPath = None,
    store: StoreSpec = None,
    k: Passages = 8,
    threshold: Annotated[
        float | None,
        typer.Option(
            metavar="0..1",
            callback=share,
            help="Least confidence that is answered; 0 always shows the best found.",
            show_default="as calibrated",
        ),
    ] = None,
    rerank: Annotated[
        bool,
        typer.Option("--rerank/--no-rerank", help="Order passages by reading them together with the question."),
    ] = True,
    read: Annotated[
        bool,
        typer.Option("--read/--no-read", help="Use the pair encoder at all; without, similarity alone decides."),
    ] = True,
    guard: Annotated[
        bool,
        typer.Option(
            "--guard/--no-guard", help="Look for passages that speak to a model: shown, and kept from --model."
        ),
    ] = True,
    model: Model = None,
    update: Update = False,
    out: Page = None,
    as_json: AsJson = False,
) -> None:
    """Answer from the documents, quoting the exact characters the answer rests on, or say that it is not in them.

    Exit code: 0 answered, 3 not in these documents, 1 a quote is no longer in its file, 2 bad usage or input.
    """
    from openbook.answer import AskSettings
    from openbook.answer import ask as answer_question
    from openbook.answer.audit import audit
    from openbook.answer.engine import open_engine
    from openbook.answer.folder_threshold import beside, read_threshold
    from openbook.answer.suspect import Guard
    from openbook.cli.drafting import drafting_with
    from openbook.cli.opened import lock_path, opened, place_of, say_what_is_missing
    from openbook.cli.page_out import check_page, write_page
    from openbook.cli.progress import waiting
    from openbook.cli.typed import read_question
    from openbook.encode.injection import open_injection
    from openbook.index import SearchSettings

    check_page(out)
    text = read_question(question)
    drafting = None if model is None else drafting_with(model)
    watching = Guard(cache(open_injection), everything=as_json) if guard else None
    place = place_of(sources, index, store)
    with opened(place, fresh=update) as (opened_store, encoder):
        engine = open_engine(encoder, pair=read)
        own = None if threshold is not None else read_threshold(beside(lock_path(place)), engine.calibration)
        least = threshold if own is None else own.threshold
        found = SearchSettings(k=k, within=tuple(place.sources))
        settings = AskSettings(found, least) if rerank else AskSettings(found, least, pool=k)
        with waiting("writing", quiet=as_json or drafting is None):
            answer = answer_question(
                opened_store,
                encoder,
                engine.reader,
                engine.calibration,
                text,
                settings,
                engine.scorer,
                drafting,
                watching,
            )
        say_what_is_missing(place, opened_store)
    audits = audit(answer)
    roots = [Path(source) for source in place.sources]
    if out is not None:
        from openbook.cli.show_answer_page import sections

        write_page(out, answer.question, sections(answer, audits, roots))
    if as_json:
        from openbook.answer.exchange import answer_json
        from openbook.cli.typed import print_json

        print_json({**answer_json(answer), "audit": [{"verdict": a.verdict, "reason": a.reason} for a in audits]})
    else:
        from openbook.cli.show_answer import show_answer

        show_answer(answer, audits, roots)
    lost = any(found.verdict == "missing" for found in audits)
    raise typer.Exit(3 if answer.abstained else 1 if lost else 0)
