"""What ``openbook eval position`` shows: the curves by position and length, and what the tests say."""

from openbook.cli.position_measured import Measured, tables
from openbook.cli.screen import console, visible
from openbook.report import terminal


def show_position(outcome: Measured) -> None:
    screen = console()
    for table in tables(outcome):
        screen.print(terminal.text(table, screen.width))
        screen.print()
    if outcome.shape is None:
        screen.print("No item was asked for at both ends and in the middle, so the shape cannot be tested.")
    screen.print(visible(outcome.note), style="dim")
