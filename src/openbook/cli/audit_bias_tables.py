"""Tables of where a judge's scores go wrong: their level, their scale, length, and answers that say nothing."""

from openbook.cli.audit_cells import about, columns, number, p_value, share, signed, with_interval
from openbook.evaluate.audit.whole import Audit
from openbook.report.tables import Table


def bias_tables(found: Audit) -> list[Table]:
    parts = _calibrations, _scale_uses, _lengths, _controlled, _nulls
    return [table for part in parts if (table := part(found)).rows]


def _calibrations(found: Audit) -> Table:
    rows = tuple(
        (
            about(one.judge, one.dimension),
            signed(one.bias_interval) if one.bias_interval else f"{one.bias:+.2f}",
            *(number(value) for value in (one.raw, one.constant, one.linear, one.isotonic)),
            p_value(one.p_value),
        )
        for one in found.calibrations
    )
    note = (
        "Bias: mean of judge minus people. Mean absolute errors: raw as scored; fixed, of people's mean alone; linear "
        "and isotonic: scores mapped to people's scale, by what was fitted on other documents; mean of 10 splits. "
        "p: of raw against isotonic, by Holm."
    )
    names = ("judge, of", "bias (95 %)", "raw", "fixed", "linear", "isotonic", "p")
    return Table("Distance from people", columns(names), rows, note)


def _scale_uses(found: Audit) -> Table:
    rows = tuple(
        (about(one.judge, one.dimension), f"{step:.3g} ({most:.0%})", f"{one.entropy:.2f}", f"{one.people_entropy:.2f}")
        for one in found.scale_uses
        for step, most in [one.favourite]
    )
    note = "Favourite: the most frequent score. Entropy: 1 where all steps of the scale are used alike, 0 where one is."
    return Table("Use of the scale", columns(("judge, of", "favourite", "entropy", "people's entropy")), rows, note)


def _lengths(found: Audit) -> Table:
    rows = tuple(
        (
            about(one.judge, one.dimension),
            *map(number, (one.judged, one.people)),
            with_interval(one.partial, one.interval),
        )
        for one in found.length_biases
    )
    note = (
        "Spearman's with length, of the judge and of people; held: the judge's with people's score held, which is 0 "
        "where the judge likes length no more than people do."
    )
    return Table("Scores and length", columns(("judge, of", "judge", "people", "held (95 %)")), rows, note)


def _controlled(found: Audit) -> Table:
    rows = tuple(
        (
            about(one.judge, one.dimension),
            *map(number, (part.partial, part.partial_after, part.agreement.before, part.agreement.after)),
            signed(part.agreement.difference, 3),
            p_value(part.agreement.p_value),
        )
        for one in found.length_biases
        if (part := one.controlled)
    )
    note = (
        "Pearson's: with length, people's score held, and with people, before and after the slope on length was taken "
        "out that was fitted on other documents; p by Holm."
    )
    names = ("judge, of", "length", "after", "people", "after", "gain (95 %)", "p")
    return Table("Scores without their length", columns(names), rows, note)


def _nulls(found: Audit) -> Table:
    rows = tuple(
        (
            about(one.judge, one.dimension),
            f"{one.n:,}",
            share(one.at_median),
            share(one.interval) if one.interval else f"{one.wins:.1%}",
        )
        for one in found.nulls
    )
    note = (
        "Constant answers, left out of every other table. At the median: those that score at or above the median real "
        "text. Wins: against real texts, of the same document where it is known; a tie counts half."
    )
    return Table("Constant answers", columns(("judge, of", "n", "at the median", "wins")), rows, note)
