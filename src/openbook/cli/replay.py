"""``openbook replay``: recompute a saved answer and name the first stage that differs."""

from typing import Annotated

import typer

from openbook.cli.options import AsJson


def replay(
    file: Annotated[
        str,
        typer.Argument(
            metavar="FILE", help="An answer saved with `openbook ask --json`; `-` reads it from standard input."
        ),
    ],
    as_json: AsJson = False,
) -> None:
    """Recompute every stage of a saved answer on the index it came from, and name the first that differs.

    What the file says (sentences, quotes, passages, confidence) is compared too, as the stage `answer`.

    Exit code: 0 all is the same, 1 one differs, 2 bad input.
    """
    from dataclasses import asdict
    from functools import cache

    from openbook.answer import ask
    from openbook.answer.engine import open_engine
    from openbook.answer.exchange import parse_answer
    from openbook.answer.replay import check
    from openbook.answer.suspect import Guard
    from openbook.cli.typed import print_json, read_saved
    from openbook.encode import open_encoder
    from openbook.encode.injection import open_injection
    from openbook.index.open import open_store

    saved = parse_answer(read_saved(file), file)
    encoder = open_encoder()
    engine = open_engine(encoder, pair="pair encoder" in saved.trace.models)
    guard = Guard(cache(open_injection), everything=True) if "guard" in saved.trace.models else None
    store = open_store(saved.trace.index)
    try:
        answer = ask(
            store,
            encoder,
            engine.reader,
            engine.calibration,
            saved.question,
            saved.settings,
            engine.scorer,
            guard=guard,
        )
    finally:
        store.close()
    result = check(saved, answer)
    if as_json:
        print_json(asdict(result))
    else:
        from openbook.cli.show_report import show_replay

        show_replay(result)
    raise typer.Exit(1 if result.first else 0)
