"""Tables of a judge's scores: agreement with people, judges beside each other, and the ceiling that people set."""

from openbook.cli.audit_cells import (
    about,
    columns,
    number,
    p_value,
    signed,
    verdict_columns,
    with_interval,
)
from openbook.cli.screen import visible
from openbook.evaluate.audit.judges_compared import JudgePair
from openbook.evaluate.audit.whole import Audit
from openbook.report.tables import Table


def score_tables(found: Audit, *, all_pairs: bool = False) -> list[Table]:
    """all_pairs: every two judges, and not only each beside the best."""
    return [*agreement_tables(found), *judges_table(found, all_pairs=all_pairs), *ceiling_table(found)]


def agreement_tables(found: Audit) -> list[Table]:
    """One for each judge."""
    tables: list[Table] = []
    for judge in dict.fromkeys(one.judge for one in found.agreements):
        rows = tuple(
            (
                visible(one.dimension),
                one.level,
                f"{one.n:,}",
                with_interval(one.spearman, one.interval),
                *map(number, (one.kendall, one.pearson)),
            )
            for one in found.agreements
            if one.judge == judge
        )
        names = ("of", "level", "n", "Spearman", "Kendall", "Pearson")
        note = "All: texts together. In a document: the mean of correlations within each. Of systems: of their means."
        tables.append(Table(f"Agreement of {visible(judge)} with people", columns(names, 2), rows, note))
    return tables


def judges_table(found: Audit, *, all_pairs: bool = False) -> list[Table]:
    """None where judges could not be compared."""
    if not found.judge_pairs:
        return []
    pairs = found.judge_pairs if all_pairs else beside_the_best(found.judge_pairs)
    rows = tuple(
        (
            f"{visible(one.dimension)}: {visible(one.first)} – {visible(one.second)}",
            signed(one.difference),
            p_value(one.p_value),
            visible(one.verdict),
        )
        for one in pairs
    )
    kept = "" if len(pairs) == len(found.judge_pairs) else " Shown: each beside the best; all with --out and --json."
    note = (
        "Difference of Spearman's with people, on the texts that all scored; documents drawn again, p by Holm for all "
        f"{len(found.judge_pairs)} pairs.{kept}"
    )
    return [Table("Judges beside each other", verdict_columns("of: judges", "difference (95 %)", "p"), rows, note)]


def beside_the_best(pairs: list[JudgePair]) -> list[JudgePair]:
    """Of each dimension, the pairs in which the judge of the highest agreement stands."""
    best: dict[str, tuple[float, str]] = {}
    for one in pairs:
        both = (one.first_value, one.first), (one.second_value, one.second)
        best[one.dimension] = max(*both, best.get(one.dimension, both[0]))
    return [one for one in pairs if best[one.dimension][1] in (one.first, one.second)]


def ceiling_table(found: Audit) -> list[Table]:
    """None where no text was scored by several people."""
    if not found.ceilings:
        return []
    rows = tuple(
        (
            about(one.judge, one.dimension),
            number(one.people),
            number(one.change.after),
            signed(one.change.difference),
            p_value(one.change.p_value),
            number(one.alpha),
        )
        for one in found.ceilings
    )
    note = (
        "One person: Spearman's of each person with the mean of the others, on average; judge: the judge's with the "
        "same means. Difference: judge minus person. Alpha: Krippendorff's of people, ordinal."
    )
    names = ("judge, of", "one person", "judge", "difference (95 %)", "p", "alpha")
    return [Table("Judge and one person", columns(names), rows, note)]
