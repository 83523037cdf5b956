"""Biases of recorded judges before and after their correction, for ``benchmarks.judges``.

Of GPT-4's and GPT-3.5's scores by one method (reasons, then a score): beside each other, the ceiling, the distance from
the experts, length. Of GPT-3.5's verdicts on pairs: both orders averaged, and the longer text. Texts are SummEval's.
"""

from collections.abc import Mapping, Sequence

from benchmarks.publish import columns, with_interval
from openbook.cli.audit_cells import about, number, p_value, signed
from openbook.evaluate.audit.whole import Audit, Judgements, audit
from openbook.evaluate.judge_agreement import Scored
from openbook.evaluate.position_bias import Compared
from openbook.report.record import Figure
from openbook.report.tables import Column, Table

_Texts = Mapping[tuple[str, str], Mapping]


def biases(
    scores: Sequence[Mapping], pairs: Sequence[Mapping], summaries: Sequence[Mapping]
) -> tuple[dict[str, Table], list[Figure]]:
    """Tables by name, and the figures that have an interval."""
    texts = {(row["doc_id"], row["system"]): row for row in summaries}
    scored = [_scored(r, texts) for r in scores if r["score"] is not None and _of_gpt(r)]
    compared = [_compared(r, texts) for r in pairs if r["choice"] is not None and r["choice_swapped"] is not None]
    found = audit(Judgements(scored, compared, scale=(1, 5)))
    tables = {
        "beside": _beside(found),
        "ceiling": _ceiling(found),
        "calibration": _calibration(found),
        "length": _length(found),
        "averaged": _averaged(found),
        "longer": _longer(found),
    }
    return tables, _figures(found)


def _of_gpt(row: Mapping) -> bool:
    return row["method"] == "rts" and row["judge"].startswith("gpt")


def _scored(row: Mapping, texts: _Texts) -> Scored:
    text = texts[row["doc_id"], row["system"]]
    each = tuple(one[row["dimension"]] for one in text["expert_each"] or ())
    about = row["judge"], row["dimension"], row["doc_id"], row["system"]
    return Scored(*about, row["score"], row["human"], _words(text), each)


def _compared(row: Mapping, texts: _Texts) -> Compared:
    first, second = (_words(texts[row["doc_id"], row[system]]) for system in ("system_1", "system_2"))
    verdicts = row["choice"], row["choice_swapped"], row["human_choice"]
    name = f"{row['system_1']} {row['system_2']}"
    return Compared(row["judge"], row["dimension"], *verdicts, row["doc_id"], lengths=(first, second), name=name)


def _words(text: Mapping) -> float:
    return float(len(text["summary"].split()))


def _figures(found: Audit) -> list[Figure]:
    of = {
        "judge minus one expert, Spearman": [(o.judge, o.dimension, o.change.difference) for o in found.ceilings],
        "error taken away by mapping": [(o.judge, o.dimension, o.gain) for o in found.calibrations],
        "length, experts held, Spearman": [(o.judge, o.dimension, o.interval) for o in found.length_biases],
        "averaged minus one order, right": [(o.judge, o.dimension, o.difference) for o in found.swap_averages],
        "longer wins, judge minus experts": [(o.judge, o.dimension, o.difference) for o in found.longer],
    }
    of |= {f"minus {o.second}, Spearman": [] for o in found.judge_pairs}
    for one in found.judge_pairs:
        of[f"minus {one.second}, Spearman"].append((one.first, one.dimension, one.difference))
    return [
        Figure(f"{judge}, {dimension}: {what}", interval.value, "", interval.low, interval.high, interval.n)
        for what, rows in of.items()
        for judge, dimension, interval in rows
        if interval
    ]


def _beside(found: Audit) -> Table:
    rows = tuple(
        (
            one.dimension,
            number(one.first_value),
            number(one.second_value),
            signed(one.difference),
            p_value(one.p_value),
            one.verdict,
        )
        for one in found.judge_pairs
    )
    note = (
        "Spearman's with the experts on the texts that both scored; documents drawn again, p by Holm. How many more: "
        "for a power of .8, if the difference seen were the true one."
    )
    judges = found.judge_pairs[0].first, found.judge_pairs[0].second
    return Table(
        "Two judges beside each other", (*columns("of", *judges, "difference", "p"), Column("verdict")), rows, note
    )


def _ceiling(found: Audit) -> Table:
    rows = tuple(
        (
            about(one.judge, one.dimension),
            with_interval(one.people_interval),
            number(one.change.after),
            signed(one.change.difference),
            p_value(one.change.p_value),
            number(one.alpha),
        )
        for one in found.ceilings
    )
    note = (
        "Spearman's of each expert with the mean of the other two, and of the judge with the same means: the mean over "
        "the experts, all texts together. Alpha: Krippendorff's of the experts, ordinal. p by Holm."
    )
    names = columns("judge, of", "one expert", "judge", "difference", "p", "alpha")
    return Table("Judge and one expert", names, rows, note)


def _calibration(found: Audit) -> Table:
    rows = tuple(
        (
            about(one.judge, one.dimension),
            signed(one.bias_interval),
            *map(number, (one.raw, one.constant, one.linear, one.isotonic)),
            p_value(one.p_value),
            f"{use.entropy:.2f}",
            f"{use.people_entropy:.2f}",
        )
        for one, use in zip(found.calibrations, found.scale_uses, strict=True)
    )
    note = (
        "Bias: mean of judge minus experts. Mean absolute errors on a scale of 1 to 5: as scored; of the experts' mean "
        "for every text; of scores mapped by a line, and by isotonic regression. What is fitted is fitted on half of "
        "the documents and measured on the other half; means of 10 splits. p: raw against isotonic, by Holm. Entropy "
        "of the judge's scores and of the experts': 1 where all steps are used alike."
    )
    names = columns("judge, of", "bias", "raw", "fixed", "line", "isotonic", "p", "entropy", "experts'")
    return Table("Distance from the experts", names, rows, note)


def _length(found: Audit) -> Table:
    rows = tuple(
        (
            about(one.judge, one.dimension),
            number(one.judged),
            number(one.people),
            with_interval(one.interval),
            number(part.partial),
            number(part.partial_after),
            signed(part.agreement.difference, 3),
            p_value(part.agreement.p_value),
        )
        for one in found.length_biases
        if (part := one.controlled)
    )
    note = (
        "Spearman's with the number of words: of the judge, of the experts, and of the judge with the experts' score "
        "held. Then Pearson's with the experts' score held, before and after the slope on length, fitted on other "
        "documents, was taken out, and what Pearson's with the experts gained by it; p by Holm."
    )
    names = columns("judge, of", "judge", "experts", "held", "before", "after", "gain", "p")
    return Table("Scores and length", names, rows, note)


def _averaged(found: Audit) -> Table:
    rows = tuple(
        (
            one.dimension,
            number(one.one),
            number(one.both),
            signed(one.difference, 3),
            p_value(one.p_value),
            number(one.ties),
        )
        for one in found.swap_averages
    )
    note = (
        "Share of verdicts that are the experts': in one order (mean of both), and both orders averaged, a tie where "
        "they contradict each other. p: documents swapped at random, by Holm. Ties: of averaged verdicts."
    )
    return Table("Both orders averaged", columns("of", "one order", "averaged", "gain", "p", "ties"), rows, note)


def _longer(found: Audit) -> Table:
    rows = tuple(
        (
            one.dimension,
            f"{one.n:,}",
            with_interval(one.judged),
            with_interval(one.people),
            signed(one.difference, 3),
            p_value(one.p_value),
        )
        for one in found.longer
    )
    note = "How often the longer text wins, a tie counting half; over both orders. p by Holm."
    return Table("The longer text", columns("of", "pairs", "judge", "experts", "difference", "p"), rows, note)
