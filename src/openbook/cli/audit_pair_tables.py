"""Tables of verdicts on pairs: surviving a swap, both orders averaged, the longer text, judges beside each other."""

from openbook.cli.audit_cells import about, columns, p_value, share, signed, verdict_columns
from openbook.cli.screen import visible
from openbook.evaluate.audit.whole import Audit
from openbook.report.tables import Table


def pair_tables(found: Audit) -> list[Table]:
    return [table for part in (_swaps, _averages, _longer, _judges) if (table := part(found)).rows]


def _swaps(found: Audit) -> Table:
    rows = tuple(
        (about(one.judge, one.dimension), *map(share, (one.survived, one.first, one.right, one.right_kept)))
        for one in found.swaps
    )
    note = (
        "Survives: the same verdict when the two texts change places. First: verdicts for the text shown first; "
        "half is fair. Right: as people say, in both orders; of those that survive, in the last column."
    )
    return Table(
        "Verdicts on pairs", columns(("judge, of", "survives", "first", "right", "right, surviving")), rows, note
    )


def _averages(found: Audit) -> Table:
    rows = tuple(
        (
            about(one.judge, one.dimension),
            f"{one.one:.1%}",
            f"{one.both:.1%}",
            signed(one.difference),
            p_value(one.p_value),
            f"{one.ties:.1%}",
        )
        for one in found.swap_averages
    )
    note = (
        "One order: verdicts that are people's, the mean of both orders. Averaged: both orders as one verdict, a tie "
        "where they contradict each other. p: by random swaps of whole documents, Holm's for all rows."
    )
    names = ("judge, of", "one order", "averaged", "gain (95 %)", "p", "ties")
    return Table("Both orders averaged", columns(names), rows, note)


def _longer(found: Audit) -> Table:
    rows = tuple(
        (
            about(one.judge, one.dimension),
            f"{one.n:,}",
            *(f"{one_side.value:.1%}" if one_side else "–" for one_side in (one.judged, one.people)),
            signed(one.difference),
            p_value(one.p_value),
        )
        for one in found.longer
    )
    note = (
        "How often the longer text wins, a tie counting half; both orders. Difference: judge minus people; p by Holm."
    )
    names = ("judge, of", "n", "judge", "people", "difference (95 %)", "p")
    return Table("The longer text", columns(names), rows, note)


def _judges(found: Audit) -> Table:
    rows = tuple(
        (
            f"{visible(one.first)} – {visible(one.second)}",
            f"{one.n:,}",
            signed(one.interval),
            p_value(one.p_value),
            visible(one.verdict),
        )
        for one in found.verdict_judges
    )
    note = "Difference in averaged verdicts that are people's, on the same pairs; p by Holm."
    names = verdict_columns("judges", "n", "difference (95 %)", "p")
    return Table("Judges of pairs beside each other", names, rows, note)
