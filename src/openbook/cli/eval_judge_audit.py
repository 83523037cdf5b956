"""``openbook eval judge-audit``: what recorded judgements are worth."""

from pathlib import Path
from typing import Annotated

import typer

from openbook.cli.options import AsJson


def judge_audit(
    file: Annotated[
        Path, typer.Argument(metavar="FILE", help="JSON lines: score and human; or choice and choice_swapped.")
    ],
    as_json: AsJson = False,
) -> None:
    """How far a judge's recorded scores agree with people, and whether its verdicts survive a swap. Needs no model.

    Scores: score, human, and where known judge, method, dimension, doc_id, system. Verdicts on pairs: choice and
    choice_swapped, 1 or 2, 0 for a tie (the second turned back, so that 1 is the same text), and human_choice.
    """
    from dataclasses import asdict

    from openbook.cli.audit_input import audited
    from openbook.cli.show_audit import show_audited
    from openbook.cli.typed import print_json

    found = audited(file)
    if as_json:
        print_json(asdict(found))
    else:
        show_audited(found)
