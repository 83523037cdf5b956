"""What ``openbook eval judge`` shows: scores or preferences, agreement with people, the worst cases, what it took."""

from collections.abc import Sequence

from openbook.cli.judge_unread import unread_line
from openbook.cli.judging import Judged
from openbook.cli.screen import console, one_line, plural, visible
from openbook.cli.show_audit import audit_tables
from openbook.evaluate.audit.whole import Audit
from openbook.evaluate.intervals import Interval
from openbook.evaluate.judge.case import Case
from openbook.evaluate.judge.defence import verdict_like
from openbook.evaluate.judge.estimate import FREE, Prices, money
from openbook.evaluate.judge.summary import pair_summaries, score_summaries
from openbook.json_lines import shortened
from openbook.report import terminal
from openbook.report.page import Content, Section
from openbook.report.tables import Column, Table

_MOST_FLAGGED = 50
_BEFORE = 60
"""Characters shown on each side of suspicious words."""


def show_judged(found: Judged, beside: Audit, worst: int, prices: Prices) -> None:
    """beside: what the scores are worth beside people's, where there are some."""
    screen = console()
    tables = [*score_tables(found), *audit_tables(beside), *worst_tables(found, worst)]
    for table in tables:
        screen.print(terminal.text(table, screen.width), markup=False, highlight=False)
        screen.print()
    for line in remarks(found, prices):
        screen.print(line, style="dim", markup=False, highlight=False)


def page_sections(found: Judged, beside: Audit, worst: int, prices: Prices) -> list[Section]:
    """The same as a page, with what the judge was told and every text that was flagged."""
    sections = [Section("", [*remarks(found, prices)]), Section("What it says", score_tables(found))]
    if people := audit_tables(beside):
        sections.append(Section("What that is worth", people))
    if cases := worst_tables(found, worst):
        sections.append(Section("Cases to look at", cases))
    told: list[Content] = []
    for criterion in found.criteria:
        scale = f"{criterion.low} to {criterion.high}"
        told.append(f"{criterion.name}, {scale}, weight {criterion.weight:g}: {visible(criterion.description)}")
        told += [f"{number}. {visible(step)}" for number, step in enumerate(criterion.steps, start=1)]
    sections.append(Section("What the judge was told", told))
    return sections


def score_tables(found: Judged) -> list[Table]:
    documents = {case.id: case.document for case in found.cases}
    title = f"{plural(len(found.cases), 'case')}, judged by {visible(shortened(found.name))}, {found.method}"
    if found.method == "pairwise":
        rows = tuple(
            (
                one.criterion,
                *map(_share, (one.first, one.second, one.tie)),
                "–" if one.p_value is None else f"{one.p_value:.3f}",
                *(f"{n:,}" for n in (one.n, one.unread, one.flagged)),
            )
            for one in pair_summaries(found.verdicts, documents)
        )
        names = ("criterion", "first better", "second better", "tie", "p", "n", "unread", "flagged")
        note = (
            "A preference that does not survive the swap is a tie. 95 % intervals (Wilson). p: of no difference "
            "between first and second, by paired randomisation, of each criterion alone."
        )
        return [Table(title, _columns(names), rows, note)]
    sure = any(j.mass is not None for j in found.judgements)
    rows = tuple(
        (
            one.criterion,
            "–" if one.mean is None else f"{one.mean:.2f}",
            "–" if one.interval is None else f"{one.interval.low:.2f}–{one.interval.high:.2f}",
            *(f"{n:,}" for n in (one.n, one.unread, one.flagged)),
            _two(one.mass if sure else one.spread),
        )
        for one in score_summaries(found.judgements, documents)
    )
    names = ("criterion", "mean", "95 %", "n", "unread", "flagged", "on scale" if sure else "spread")
    last = (
        "On scale: the probability that was on scores of the scale."
        if sure
        else "Spread: the standard deviation of the samples of a text, on average."
    )
    drawn = "documents" if any(documents.values()) else "texts"
    return [Table(title, _columns(names), rows, f"95 % intervals: {drawn} drawn with replacement. {last}")]


def worst_tables(found: Judged, worst: int) -> list[Table]:
    """The lowest scores of each criterion, or verdicts that changed with the order; and texts that were flagged."""
    cases = {case.id: case for case in found.cases}
    tables: list[Table] = []
    if worst and found.judgements:
        low = [
            (j.criterion, f"{j.score:.2f}", *_row(cases[j.case]))
            for name in dict.fromkeys(j.criterion for j in found.judgements)
            for j in sorted(
                (j for j in found.judgements if j.criterion == name and j.score is not None),
                key=lambda j: j.score or 0.0,
            )[:worst]
        ]
        if low:
            columns = (Column("criterion"), Column("score", "right"), Column("case"), Column("text"))
            tables.append(Table("Lowest scores", columns, tuple(low)))
    turned = [v for v in found.verdicts if v.kept is not None and v.choice != v.swapped][:worst]
    if turned:
        rows = tuple((v.criterion, f"{v.choice}, {v.swapped}", *_row(cases[v.case])) for v in turned)
        columns = (Column("criterion"), Column("verdicts", "right"), Column("case"), Column("first text"))
        tables.append(Table("Verdicts that changed with the order", columns, rows))
    flagged = {one.case: one.flagged for one in (*found.judgements, *found.verdicts) if one.flagged}
    if flagged:
        rows = tuple(
            (", ".join(why), shortened(visible(case), 24), _suspicious(cases[case]))
            for case, why in list(flagged.items())[:_MOST_FLAGGED]
        )
        note = "Verdict: words shaped like one. Injection: the detector's score. A flag changes no score."
        columns = (Column("looks like"), Column("case"), Column("text"))
        tables.append(Table("Texts that look like an attack on the judge", columns, rows, note))
    return tables


def remarks(found: Judged, prices: Prices) -> list[str]:
    """What it took, and how many judgements are unread."""
    tally = found.tally
    line = f"{tally.calls:,} calls in {tally.seconds:.1f} s, {tally.cached:,} recorded before; about "
    line += f"{tally.tokens_in:,} tokens in, {tally.tokens_out:,} out"
    if prices != FREE:
        line += f", {money(prices.of(tally.tokens_in, tally.tokens_out))} at these prices"
    lines = [line, f"replies: {found.cache}"]
    return [*lines, line] if (line := unread_line(found)) else lines


def _row(case: Case) -> tuple[str, str]:
    return shortened(visible(case.id), 24), shortened(one_line(case.texts[0]), 200) or "(empty)"


def _suspicious(case: Case) -> str:
    """The words that were found, with what stands before them; of a text that only the detector flagged, its start."""
    for text in case.texts:
        if (found := verdict_like(text)) is not None:
            begin = max(0, found.start - _BEFORE)
            return f"{'…' if begin else ''}{shortened(one_line(text[begin : found.end + _BEFORE]), 200)}"
    return _row(case)[1]


def _columns(names: Sequence[str]) -> tuple[Column, ...]:
    return tuple(Column(name, "right" if place else "left") for place, name in enumerate(names))


def _two(value: float | None) -> str:
    return "–" if value is None else f"{value:.2f}"


def _share(interval: Interval | None) -> str:
    return "–" if interval is None else f"{interval.value:.0%} ({interval.low:.0%}–{interval.high:.0%})"
