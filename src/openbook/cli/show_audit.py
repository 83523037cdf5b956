"""What ``openbook eval judge-audit`` shows on the terminal: the main findings first, long tables where asked."""

from collections.abc import Sequence

from openbook.cli.audit_bias_tables import bias_tables
from openbook.cli.audit_input import Recorded
from openbook.cli.audit_pair_tables import pair_tables
from openbook.cli.audit_short import agreement_by_judge, best_judges
from openbook.cli.audit_summary import summary
from openbook.cli.audit_tables import agreement_tables, ceiling_table, judges_table, score_tables
from openbook.cli.screen import console, plural, visible
from openbook.evaluate.audit.whole import Audit
from openbook.report import terminal
from openbook.report.tables import Table

_MOST_ROWS = 15
"""Of a table, or of tables of one kind, that is shown unasked."""

_MOST_PAIRS = 6
"""Of judges, whose names and verdict take several lines a row."""

_MOST_NOTES = 8


def show_audited(recorded: Recorded, found: Audit, *, everything: bool) -> None:
    screen = console()
    whole = audit_tables(found)
    tables = whole if everything else short_tables(found)
    first = summary(found)
    for table in [*([first] if first else []), *tables]:
        screen.print(terminal.text(table, screen.width), markup=False, highlight=False)
        screen.print()
    notes = said_of(recorded, found)
    shown = notes if everything else notes[:_MOST_NOTES]
    left_out = [f"{plural(len(notes) - len(shown), 'more note')}: add --all"] if len(notes) > len(shown) else []
    if hidden := sum(table not in tables for table in whole):
        left_out.append(
            f"{plural(hidden, 'longer table')} left out: --all shows them; --out FILE.html and --json hold everything"
        )
    for note in [*shown, *left_out]:
        screen.print(visible(note), style="dim", markup=False, highlight=False)


def audit_tables(found: Audit) -> list[Table]:
    """All that could be measured."""
    return [*score_tables(found), *bias_tables(found), *pair_tables(found)]


def short_tables(found: Audit) -> list[Table]:
    """Those of few rows; of agreement and of judges beside each other, where they are long, what they come to."""
    others = [*ceiling_table(found), *bias_tables(found), *pair_tables(found)]
    return [
        *_or(agreement_tables(found), agreement_by_judge(found), _MOST_ROWS),
        *_or(judges_table(found), best_judges(found), _MOST_PAIRS),
        *(table for table in others if len(table.rows) <= _MOST_ROWS),
    ]


def _or(tables: Sequence[Table], instead: Table | None, most: int) -> Sequence[Table]:
    if sum(len(table.rows) for table in tables) <= most:
        return tables
    return [instead] if instead else []


def said_of(recorded: Recorded, found: Audit) -> list[str]:
    """What was left out, and what could not be measured."""
    left_out = f"{recorded.unread:,} of {recorded.rows:,} rows hold no score or verdict and are left out"
    return [*([left_out] if recorded.unread else []), *found.notes]
