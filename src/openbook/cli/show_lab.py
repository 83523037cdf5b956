"""The outcome of an experiment on a terminal: what to do first, then the tables it follows from."""

from collections.abc import Sequence

from openbook.cli.screen import console, visible
from openbook.labs.discriminative_generative.advice import advice
from openbook.labs.discriminative_generative.outcome import Outcome
from openbook.labs.discriminative_generative.report import written
from openbook.labs.discriminative_generative.tables import tables
from openbook.report.characters import wrapped
from openbook.report.tables import Table
from openbook.report.terminal import text


def show_discriminative_generative(outcome: Outcome) -> None:
    """Advice, tables, and a few of the texts written."""
    screen = console()
    classes = f"{len(outcome.classes)} classes, {outcome.tested:,} test texts"
    screen.print(f"Which to use when: {visible(outcome.name)} ({classes})", style="bold")
    for line in advice(outcome):
        first, *rest = wrapped(visible(line), screen.width - 2)
        screen.print("\n".join([f"• {first}", *(f"  {more}" for more in rest)]))
    for table in tables(outcome).values():
        screen.print()
        screen.print(text(table, screen.width))
    if outcome.beyond.written:
        screen.print("\nTexts drawn from P(x|y), as they came")
        for line in written(outcome)[:8]:
            first, *rest = wrapped(visible(line), screen.width - 2, 3)
            screen.print("\n".join([f"  {first}", *(f"  {more}" for more in rest)]))


def show_tables(title: str, said: Sequence[str], shown: Sequence[Table]) -> None:
    """Advice, then the tables it follows from."""
    screen = console()
    screen.print(title, style="bold")
    for line in said:
        first, *rest = wrapped(line, screen.width - 2)
        screen.print("\n".join([f"• {first}", *(f"  {more}" for more in rest)]))
    for table in shown:
        screen.print()
        screen.print(text(table, screen.width))
