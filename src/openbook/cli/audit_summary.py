"""The main findings of an audit on one screen: of each figure the least and the most, and how often it is shown."""

from collections.abc import Sequence

from openbook.cli.audit_cells import about, share, signed
from openbook.cli.audit_findings import Finding, Found, findings
from openbook.cli.screen import plural, visible
from openbook.evaluate.audit.whole import Audit
from openbook.report.tables import Column, Table


def summary(found: Audit) -> Table | None:
    """None where nothing has an interval."""
    every = findings(found)
    if not every:
        return None
    judges = list(dict.fromkeys(one.judge for finding in every for one in finding.found))
    dimensions = list(dict.fromkeys(one.dimension for finding in every for one in finding.found))
    several = len(judges) > 1, len(dimensions) > 1
    of = plural(len(judges), "judge") if several[0] else visible(judges[0])
    of += ", " + (plural(len(dimensions), "dimension") if several[1] else visible(dimensions[0]))
    if any(several):
        columns = Column("finding"), Column(""), Column("value", "right"), Column("of")
        rows = tuple(row for finding in every for row in _two_rows(finding, several))
    else:
        columns = Column("finding"), Column("value", "right"), Column("shown")
        rows = tuple((one.name, _value(one, one.found[0]), _sides(one)) for one in every)
    return Table(f"Main findings: {of}", columns, rows, _note(every))


def _two_rows(finding: Finding, several: tuple[bool, bool]) -> list[tuple[str, ...]]:
    """The least, and the most beside how many are shown to lie on a side."""
    least, most = finding.found[0], finding.found[-1]
    return [
        (finding.name, "least", _value(finding, least), _whose(least, several)),
        (_sides(finding), "most", _value(finding, most), _whose(most, several)),
    ]


def _value(finding: Finding, one: Found) -> str:
    return share(one.interval) if finding.shares else signed(one.interval)


def _whose(one: Found, several: tuple[bool, bool]) -> str:
    if all(several):
        return about(one.judge, one.dimension)
    return visible(one.judge if several[0] else one.dimension)


def _sides(finding: Finding) -> str:
    """How many are shown to lie where; nothing where no side is fairer than the other."""
    if not finding.sided:
        return ""
    above, below = (sum(one.side == side for one in finding.found) for side in (1, -1))
    return f"{above} above, {below} below, of {len(finding.found)}"


def _note(every: Sequence[Finding]) -> str:
    halves = any(finding.sided and finding.shares for finding in every)
    tested = any(finding.tested for finding in every)
    fair = "0, and of verdicts and wins half" if halves else "0"
    corrected = ", of one person and of the longer text by Holm's p" * tested
    return f"Above, below: how many are shown to lie so of {fair}; by each 95 % interval for itself{corrected}."
