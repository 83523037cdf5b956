"""What ``openbook eval judge-audit`` shows on the terminal."""

from openbook.cli.audit_bias_tables import bias_tables
from openbook.cli.audit_input import Recorded
from openbook.cli.audit_pair_tables import pair_tables
from openbook.cli.audit_tables import score_tables
from openbook.cli.screen import console, visible
from openbook.evaluate.audit.whole import Audit
from openbook.report import terminal
from openbook.report.tables import Table


def show_audited(recorded: Recorded, found: Audit) -> None:
    screen = console()
    for table in audit_tables(found):
        screen.print(terminal.text(table, screen.width), markup=False, highlight=False)
        screen.print()
    for note in said_of(recorded, found):
        screen.print(visible(note), style="dim", markup=False, highlight=False)


def audit_tables(found: Audit) -> list[Table]:
    """All that could be measured."""
    return [*score_tables(found), *bias_tables(found), *pair_tables(found)]


def said_of(recorded: Recorded, found: Audit) -> list[str]:
    """What was left out, and what could not be measured."""
    left_out = f"{recorded.unread:,} of {recorded.rows:,} rows hold no score or verdict and are left out"
    return [*([left_out] if recorded.unread else []), *found.notes]
