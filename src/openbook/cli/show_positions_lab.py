"""The outcome of ``openbook lab lost-in-the-middle`` on a terminal: what follows first, then the tables."""

from openbook.cli.screen import console
from openbook.labs.lost_in_the_middle.advice import advice
from openbook.labs.lost_in_the_middle.outcome import Outcome
from openbook.labs.lost_in_the_middle.tables import tables
from openbook.report.characters import wrapped
from openbook.report.terminal import text


def show_lost_in_the_middle(outcome: Outcome) -> None:
    screen = console()
    for line in advice(outcome):
        first, *rest = wrapped(line, screen.width - 2)
        screen.print("\n".join([f"• {first}", *(f"  {more}" for more in rest)]))
    for table in tables(outcome).values():
        screen.print()
        screen.print(text(table, screen.width))
