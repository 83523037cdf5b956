"""``openbook eval judge-audit``: what recorded judgements are worth."""

from pathlib import Path
from typing import Annotated

import typer

from openbook.cli.options import AsJson, Page


def judge_audit(
    file: Annotated[
        Path, typer.Argument(metavar="FILE", help="JSON lines: score and human; or choice and choice_swapped.")
    ],
    scale: Annotated[
        str | None,
        typer.Option(metavar="LOW..HIGH", help="The scale of the scores; one outside of it is refused."),
    ] = None,
    everything: Annotated[bool, typer.Option("--all", help="Show long tables too, and every note.")] = False,
    as_json: AsJson = False,
    out: Page = None,
) -> None:
    """What a judge's recorded scores and verdicts are worth: agreement with people, biases, corrections, the ceiling.

    Shows the main findings first, then the short tables. Needs no model.

    Scores: score, human, and where known judge, method, dimension, doc_id, system, id; candidate (the
    text) or length; human_each, a list of single people's scores; "null": true for a constant answer. Verdicts on
    pairs: choice and choice_swapped, 1 or 2, 0 for a tie (the second turned back, so that 1 is the same text), and
    human_choice; first and second (the texts) or length_1 and length_2; "null": 1 or 2 for the constant one.
    """
    from dataclasses import asdict

    from openbook.cli.audit_input import recorded
    from openbook.cli.audit_names import with_short_names
    from openbook.cli.audit_page import audit_sections
    from openbook.cli.page_out import check_page, write_page
    from openbook.cli.progress import counted
    from openbook.cli.show_audit import show_audited
    from openbook.cli.typed import print_json
    from openbook.evaluate.audit.whole import audit

    check_page(out)
    read = recorded(file, scale)
    with counted("measuring", quiet=as_json) as show:
        found = audit(read.judgements, show)
    shown = with_short_names(found)
    if as_json:
        print_json({"rows": read.rows, "unread": read.unread, **asdict(found)})
    else:
        show_audited(read, shown, everything=everything)
    write_page(out, f"Audit of {file.name}", audit_sections(read, shown))
