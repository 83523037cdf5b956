"""What ``openbook eval ask`` shows on a terminal, and the tables of its page."""

from collections.abc import Sequence
from pathlib import Path

from openbook.cli.ask_cells import columns, measured, share, time_of
from openbook.cli.ask_report import AtThreshold, Case, Report
from openbook.cli.screen import console, plural, where
from openbook.cli.show_sureness import confidence
from openbook.evaluate.answers import Measure
from openbook.json_lines import shortened
from openbook.report import terminal
from openbook.report.characters import wrapped
from openbook.report.tables import Column, Table

CUT = 160
"""Characters of a quote in a list of cases."""

FEWEST_GROUPS = 6
"""Five swapped as wholes give 2^5 patterns, two of them as uneven as can be: no p is below .06."""


def show_report(found: Report, roots: Sequence[Path]) -> None:
    screen = console()
    for table in [*tables(found), *case_tables(found, roots)]:
        screen.print(terminal.text(table, screen.width), markup=False, highlight=False)
        screen.print()
    for sentence in said(found):
        for line in wrapped(sentence, screen.width):
            screen.print(line, markup=False, highlight=False)


def tables(found: Report) -> list[Table]:
    """What the questions bear: answers at the thresholds, citations, retrieval, confidence, stages."""
    shown = [_answers(found)]
    if found.drafts:
        shown.append(measured("What the model drafted", found.drafts, _of_drafts(found)))
    if found.citations:
        shown.append(_citations(found))
    if found.retrieval:
        note = "Before anything is chosen; any of several that are named is enough."
        shown.append(measured("Finding the named source", found.retrieval, note))
    shown.append(confidence(found.sureness, sum(found.questions)))
    if found.stages:
        shown.append(_stages(found))
    return shown


def said(found: Report) -> list[str]:
    """In sentences: time, and what the questions do not bear."""
    median, most = found.seconds["all"]
    lines = [f"{time_of(median)} a question (median), 90 % of them within {time_of(most)}."]
    if found.other_half is not None:
        gain, p = found.other_half.gain, found.other_half.p_value
        tested = "a difference" if p <= 0.05 else "no difference that could not be chance"
        lines.append(f"A threshold set on the other half: {gain:+.1%} of all handled rightly, {tested} (p = {p:.3f}).")
    else:
        lines.append("No threshold could be set on halves: that takes 10 questions of each kind in both.")
    if 0 < found.groups < FEWEST_GROUPS:
        lines.append(
            f"With {plural(found.groups, 'group')} no difference can be shown: name more, or leave groups out."
        )
    if not found.questions[1]:
        lines.append("No question is without an answer, so whether the absent is answered was not measured.")
    if not found.questions[0]:
        lines.append("No question has an answer, so what is right was not measured.")
    if sum(found.questions) == 1:
        lines.append("One question shows no spread, so there is no interval.")
    return lines


def _answers(found: Report) -> Table:
    ways = [way for way in (found.now, found.shipped, found.other_half and found.other_half.at) if way is not None]
    rows = [(now.name, f"{now.n:,}", *(share(_named(way, now.name)) for way in ways)) for now in found.now.measures]
    rows += [(one.name, f"{one.n:,}", share(one), *("" for _ in ways[1:])) for one in found.words]
    answerable, absent = found.questions
    title = f"{plural(answerable + absent, 'question')}: {answerable:,} with an answer, {absent:,} without"
    right = "the first sentence of the draft that a passage backs" if found.writer else "the first sentence"
    note = f"Right: {right}. {_spread(found)}"
    if found.other_half is not None:
        note += " Other half: the threshold that `calibrate` sets on one half of the questions, looked at on the other."
    names = ("", "n", *(f"{way.name}: {', '.join(f'{t:.3f}' for t in way.thresholds)}" for way in ways))
    return Table(title, columns(names), tuple(rows), note)


def _of_drafts(found: Report) -> str:
    return (
        f"Over what is answered; by {shortened(found.writer, CUT)}. A sentence that no passage backs is left out of "
        "the answer; where none is backed, the documents' own sentences are. The support model decides, and it errs, "
        "more often by striking what is backed than by letting pass what is not."
    )


def _citations(found: Report) -> Table:
    measures = [*found.citations, *found.scorer]
    note = "Over what is answered."
    if found.scorer:
        note += (
            " A quote backs itself, so the support model is asked whether they back the statement that question and "
            "answer make: together, and which of them are needed or enough (ALCE's recall and precision). It errs: for "
            "comparison, what it says of the named quote, of which no more can be had, and of another question's "
            "citations, which is for nothing."
        )
    return measured("Citations", measures, note)


def _stages(found: Report) -> Table:
    rows: list[tuple[str, ...]] = []
    for one in found.stages:
        figures = (f"{one.n:,}", f"{one.with_all:.3f}", f"{one.without:.3f}", f"{one.without - one.with_all:+.3f}")
        rows.append((one.name, one.measure, *figures, f"{one.p_value:.4f}"))
    names = ("off", "measure", "n", "all on", "off", "change", "p")
    columns = tuple(Column(name, "left" if place < 2 else "right") for place, name in enumerate(names))
    spans = "; ".join(f"{name} {time_of(median)}" for name, (median, _) in found.seconds.items())
    note = (
        "p: paired randomisation, by Holm for all of them. Without reading, the threshold is the one shipped for that. "
        f"Median: {spans}."
    )
    return Table("Each stage switched off", columns, tuple(rows), note)


def case_tables(found: Report, roots: Sequence[Path]) -> list[Table]:
    """The surest wrong answers, and what should have been answered."""
    shown: list[Table] = []
    for title, cases, name in (
        ("The surest wrong answers", found.wrong, "cited"),
        ("Answerable, and not answered", found.silent, "would have cited"),
    ):
        if cases:
            columns = (Column("question; wanted"), Column("sure", "right"), Column(name))
            shown.append(Table(title, columns, tuple(_case(case, roots) for case in cases)))
    return shown


def _case(case: Case, roots: Sequence[Path]) -> tuple[str, ...]:
    named = shortened(case.wanted, 80) if case.wanted else where(case.source, "", roots) if case.source else "no answer"
    asked = f"{shortened(case.question, CUT)} [{named}]"
    if case.found is None:
        return asked, f"{case.confidence:.2f}", "nothing"
    place = where(case.found.uri, case.found.place, roots)
    return asked, f"{case.confidence:.2f}", f"{place}: {shortened(case.found.quote, CUT)}"


def _named(way: AtThreshold, name: str) -> Measure | None:
    return next((one for one in way.measures if one.name == name), None)


def _spread(found: Report) -> str:
    if sum(found.questions) == 1:
        return "No intervals: one question shows no spread."
    return f"95 % intervals{f' over {found.groups:,} groups' if found.groups else ''}."
