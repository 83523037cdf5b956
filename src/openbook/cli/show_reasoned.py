"""One question's outcome on a terminal and as JSON: the steps, the vote or the scores, the tokens spent."""

import math
from typing import Any

from openbook.cli.screen import console, one_line, plural, visible
from openbook.generate.reasoning import Reasoned
from openbook.report import terminal
from openbook.report.characters import wrapped
from openbook.report.tables import Column, Table

_SHOWN = 20
"""Texts in the table of scores."""


def show_reasoned(found: Reasoned) -> None:
    screen = console()
    for line in _deciding(found).strip().splitlines() or [""]:
        screen.print("\n".join(wrapped(visible(line), screen.width)))
    screen.print()
    table = vote_table(found) if found.vote else score_table(found) if found.scores else None
    if table is not None:
        screen.print(terminal.text(table, screen.width))
        screen.print()
    screen.print(f"Answer: {visible(found.answer) if found.answer is not None else 'none could be read'}", style="bold")
    screen.print(_spent(found), style="dim")


def vote_table(found: Reasoned) -> Table:
    rows = tuple(
        (one_line(answer), f"{count}", f"{count / len(found.texts):.2f}") for answer, count in found.vote.items()
    )
    unread = (("(not read)", f"{found.unread}", f"{found.unread / len(found.texts):.2f}"),) if found.unread else ()
    tied = f" Tied: {', '.join(map(one_line, found.tied))}; the one that came first is taken." if found.tied else ""
    note = f"{plural(len(found.texts), 'text')}; a share of agreement is no probability of being right.{tied}"
    columns = (Column("answer"), Column("votes", "right"), Column("share", "right"))
    return Table("Votes", columns, (*rows, *unread), note)


def score_table(found: Reasoned) -> Table:
    ordered = sorted(zip(found.scores, found.answers, strict=True), key=lambda pair: -pair[0])
    rows = tuple(
        ("(not read)" if answer is None else one_line(answer), f"{score:.3f}" if math.isfinite(score) else "–")
        for score, answer in ordered[:_SHOWN]
    )
    more = f", the best {_SHOWN} shown" if len(ordered) > _SHOWN else ""
    note = f"{plural(len(ordered), 'text')}{more}; mean log-probability of a token, nearer to 0 is likelier."
    return Table("Scores", (Column("answer"), Column("score", "right")), rows, note)


def as_data(model: str, found: Reasoned) -> dict[str, Any]:
    """Everything as plain values; a text that cannot be read has no score."""
    return {
        "model": model,
        "strategy": found.strategy,
        "answer": found.answer,
        "steps": list(found.texts),
        "answers": list(found.answers),
        "vote": dict(found.vote),
        "tied": list(found.tied),
        "scores": [score if math.isfinite(score) else None for score in found.scores],
        "tokens": {"prompt": found.spent.prompt, "written": found.spent.written, "calls": found.spent.calls},
    }


def _deciding(found: Reasoned) -> str:
    """The text that the answer was taken from; of a vote, the first that gave it."""
    if found.answer is None:
        return found.texts[-1]
    if found.scores:
        return found.texts[max(range(len(found.scores)), key=found.scores.__getitem__)]
    if found.vote:
        return found.texts[found.answers.index(found.answer)]
    return "\n".join(found.texts)


def _spent(found: Reasoned) -> str:
    def told(count: int | None, what: str) -> str:
        return f"{count:,} {what}" if count is not None else f"an unknown number {what}"

    parts = [told(found.spent.prompt, "read"), told(found.spent.written, "written"), plural(found.spent.calls, "call")]
    unread = f"; {found.unread} of {plural(len(found.texts), 'text')} not read" if found.unread else ""
    return f"Tokens: {', '.join(parts)}{unread}"
