"""What ``openbook rate`` shows: two answers side by side under numbers alone, and how often each way won."""

from collections.abc import Iterable, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.text import Text

from openbook.align.rating import Tally
from openbook.cli.ask_cells import columns
from openbook.cli.rating_sitting import Sitting
from openbook.cli.screen import console, one_line, plural, where
from openbook.report import terminal
from openbook.report.tables import Table
from openbook.values import Answer

MOST_QUOTED = 400
"""Characters of a quote."""

MOST_LISTED = 20
"""Questions that were passed over."""

ABSTAINED = "Not in these documents."
LEVEL = 0.05


def text_of(answer: Answer) -> str:
    """The answer as it is kept: its sentences, without what nothing backs."""
    return ABSTAINED if answer.abstained else " ".join(sentence.text for sentence in answer.sentences)


def show_pair(screen: Console, question: str, answers: Sequence[Answer], roots: Sequence[Path]) -> None:
    """Under 1 and 2. Nothing says which way an answer was made, and how sure it was would tell."""
    screen.print()
    screen.print(Text(one_line(question), style="bold"))
    for number, answer in enumerate(answers, start=1):
        screen.print()
        screen.print(Text(f"Answer {number}", style="cyan"))
        screen.print(Text(one_line(text_of(answer))))
        cited = () if answer.abstained else [c for sentence in answer.sentences for c in sentence.citations]
        for citation in dict.fromkeys(cited):
            quote = one_line(citation.quote)
            quote = quote if len(quote) <= MOST_QUOTED else f"{quote[: MOST_QUOTED - 1]}…"
            screen.print(Text(f"  “{quote}”  {where(citation.uri, citation.place, roots)}", style="dim"))
    screen.print()


def tally_table(found: Tally) -> Table:
    n = found.decided + found.ties
    shares = ("", "")
    if found.share is not None:
        low, high = found.share.low, found.share.high
        shares = (
            f"{found.share.value:.0%} ({low:.0%}–{high:.0%})".replace("%–", "–"),
            f"{1 - found.share.value:.0%} ({1 - high:.0%}–{1 - low:.0%})".replace("%–", "–"),
        )
    rows = [(one_line(way), f"{won:,}", share) for way, won, share in zip(found.ways, found.wins, shares, strict=True)]
    rows.append(("tie", f"{found.ties:,}", ""))
    return Table("Which answer was better", columns(("way", "won", "share (95 %)")), tuple(rows), _note(found, n))


def _note(found: Tally, n: int) -> str:
    if found.p_value is None:
        return f"{plural(n, 'choice')}, none of them for one way: no difference is shown." if n else "No choice yet."
    p = "p < .001" if found.p_value < 0.001 else f"p = {found.p_value:.3f}"
    said = "a difference is shown" if found.p_value <= LEVEL else "no difference is shown"
    return (
        f"{plural(n, 'choice')}; shares of those that are no tie. Sign test: {p}, {said}. The answer that stood first "
        f"won {found.first:,} of {found.decided:,}."
    )


def show_tally(found: Tally, file: Path, identical: Iterable[str]) -> None:
    """On standard output. identical: questions that both ways answered the same."""
    screen = console()
    screen.print(terminal.text(tally_table(found), screen.width))
    same = [one_line(question) for question in identical]
    if same:
        screen.print(f"\nanswered the same both ways, so passed over: {plural(len(same), 'question')}")
        for question in same[:MOST_LISTED]:
            screen.print(f"  {question}")
        if len(same) > MOST_LISTED:
            screen.print(f"  and {len(same) - MOST_LISTED:,} more, which --json lists")
    if found.decided or found.ties:
        screen.print(f"\nkept in {file}", soft_wrap=True)


def tally_json(found: Tally, file: Path, session: Sitting) -> dict[str, Any]:
    return {
        "ways": [{"way": way, "won": won} for way, won in zip(found.ways, found.wins, strict=True)],
        "ties": found.ties,
        "share_of_first_way": None if found.share is None else asdict(found.share),
        "sign_test_p": found.p_value,
        "shown_first_won": found.first,
        "session": {
            "rated": len(session.rated),
            "rated_before": session.rated_before,
            "identical": len(session.identical),
            "skipped": session.skipped,
            "undone": session.undone,
        },
        "identical": list(session.identical),
        "file": str(file),
    }
