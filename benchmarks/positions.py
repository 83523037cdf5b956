"""Is the middle of a context lost? Recorded needles, the shipped reader, small decoders trained to see why; what helps.

The recorded runs are Kamradt's of claude-2.1. The reader is asked questions on SQuAD's pages that nothing was fitted
on, over the gold paragraph and the ones most like the question. The decoders are those of ``openbook lab
lost-in-the-middle``. Writes evidence/positions.json and a plot in docs/. Run: python -m benchmarks.positions
"""

import sys
from collections.abc import Sequence
from importlib import metadata

import numpy as np

from benchmarks.data import ROOT, data_file, read_rows
from benchmarks.publish import publish
from openbook.encode import SentenceEncoder, open_encoder
from openbook.encode.pair import open_pair
from openbook.evaluate.position.ask import asked, row_of
from openbook.evaluate.position.compare import Compared, compared
from openbook.evaluate.position.curves import Point, by_depth, by_range, in_tenths
from openbook.evaluate.position.documents import Asked, Mine, distractors, document_probes
from openbook.evaluate.position.probe import Probe, Row, Subject, depths, document
from openbook.evaluate.position.reader import one_by_one, together
from openbook.evaluate.position.recorded import row_of as recorded_row
from openbook.evaluate.position.shape import Shape, shape
from openbook.evaluate.position.tables import compared_table, curve_table, shape_table
from openbook.generate.context_compress import compressed
from openbook.generate.context_order import best_last, by_relevance, edges_first, fewer
from openbook.heads.examples import Example
from openbook.heads.sets import read_set
from openbook.heads.split import only
from openbook.labs.lost_in_the_middle.advice import advice
from openbook.labs.lost_in_the_middle.experiment import Plan, run
from openbook.labs.lost_in_the_middle.outcome import Outcome
from openbook.labs.lost_in_the_middle.plots import plots
from openbook.labs.lost_in_the_middle.tables import tables as lab_tables
from openbook.report.record import Figure
from openbook.report.tables import Column, Table

NEEDLES, SQUAD = "judge/needle_runs.jsonl.gz", "qa/squad_train.jsonl.gz"
PLOT = ROOT / "docs" / "lost-in-the-middle.svg"
QUESTIONS = 100
APART = 20
"""Of them read one by one at every place, to see that nothing changes."""

DOCUMENTS = 10
WINDOW = 330
"""Tokens of three paragraphs that one window of the reader holds beside a question."""

FEWER, SENTENCES = 3, 8

Part = tuple[dict[str, Table], list[Figure]]


def recorded() -> Part:
    rows = [row for n, r in enumerate(read_rows(NEEDLES)) if (row := recorded_row(r, f"row {n}")) is not None]
    found = shape(rows)
    assert found is not None
    note = "A grade from 1 to 10 counts as right from 7. 95% intervals, Wilson's, of one needle in one filler."
    title = "claude-2.1, one needle, contexts of 1,000 to 200,000 tokens"
    made = {
        "needle by depth": curve_table(f"{title}: by depth", "depth", by_depth(in_tenths(rows)), note),
        "needle by length": curve_table(f"{title}: by length", "tokens", by_range(rows), note),
        "needle shape": shape_table("Recorded needles: does the position matter?", found),
    }
    return made, [*_points("needle, depth", by_depth(in_tenths(rows))), *_contrasts("needle", found)]


def questions(encoder: SentenceEncoder) -> tuple[list[Asked], Mine]:
    """Drawn from pages of the part that is reported on; the paragraphs of these pages by likeness to a question."""
    known = [e for e in only(read_set("squad", data_file(SQUAD).parents[1]), "test") if e.answerable]
    order: list[int] = np.random.default_rng(0).permutation(len(known)).tolist()
    found = [_asked(known[n]) for n in order[:QUESTIONS]]
    texts = sorted({e.passage for e in known})
    vectors = encoder(texts)

    def mine(question: str, k: int) -> list[str]:
        likeness = vectors @ encoder([question])[0]
        return [texts[n] for n in np.argsort(-likeness, kind="stable")[:k].tolist()]

    return found, mine


def _asked(e: Example) -> Asked:
    return Asked(e.id, e.question, tuple(span.of(e.passage) for span in e.spans), e.passage, e.group)


def in_one_window(found: Sequence[Asked], mine: Mine, encoder: SentenceEncoder) -> list[Probe]:
    """The gold paragraph first, second and last of three that fit one window: others cut to whole words."""
    made: list[Probe] = []
    for probe in document_probes(found, [3], depths(3), mine):
        gold = next(one.gold for one in found if one.item == probe.item)
        room = (WINDOW - len(encoder.token_spans(gold))) // 2
        if room < 60:
            continue
        parts = tuple(
            part if part.text == gold else document(_first(part.text, room, encoder), "distractor")
            for part in probe.parts
        )
        made.append(Probe("qa", probe.item, 3, probe.depth, parts, probe.question, probe.references))
    return made


def _first(text: str, tokens: int, encoder: SentenceEncoder) -> str:
    spans = encoder.token_spans(text)
    return text if len(spans) <= tokens else text[: spans[tokens - 1][1]]


def reader() -> Part:
    encoder, pair = open_encoder(), open_pair()
    found, mine = questions(encoder)
    several = list(document_probes(found, [DOCUMENTS], depths(5), mine))
    apart, whole = one_by_one(pair), together(pair)
    few = [p for p in several if p.item in {one.item for one in found[:APART]}]
    answers = {(p.item, p.depth): apart(p.parts, p.question) for p in few}
    items = sorted({item for item, _ in answers})
    moved = sum(len({answers[item, depth] for depth in depths(5)}) > 1 for item in items)
    curves = {
        "one window": list(asked(in_one_window(found, mine, encoder), whole)),
        "several windows": list(asked(several, whole)),
        "one by one": [row_of(p, answers[p.item, p.depth]) for p in few],
    }
    made: dict[str, Table] = {}
    figures = [Figure("reader, one by one: answers that the order changed", moved, n=len(items))]
    titles = {
        "one window": "The reader, three paragraphs in one window",
        "several windows": f"The reader, {DOCUMENTS} paragraphs as one text, in windows that overlap",
        "one by one": f"The reader, {DOCUMENTS} paragraphs one by one",
    }
    for name, rows in curves.items():
        tested = shape(rows)
        assert tested is not None
        made[f"reader {name}"] = curve_table(f"{titles[name]}: by the gold one's place", "depth", by_depth(rows))
        made[f"reader {name} shape"] = shape_table(f"{titles[name]}: does the place matter?", tested)
        figures += [*_points(f"reader, {name}", by_depth(rows)), *_contrasts(f"reader, {name}", tested)]
    ways = compared(contexts(found, mine, encoder))
    note = f"{ways[0].right.n} questions, {DOCUMENTS} paragraphs each, the gold one among them."
    made["reader contexts"] = compared_table("The reader on contexts built otherwise", ways, note)
    return made, figures + _compared("reader", ways)


def contexts(found: Sequence[Asked], mine: Mine, encoder: SentenceEncoder) -> dict[str, list[Row]]:
    """The same paragraphs for each question, in another order, fewer of them, or cut down; read as one text."""
    pair = open_pair()
    whole, apart = together(pair), one_by_one(pair)
    rng = np.random.default_rng(1)
    rows: dict[str, list[Row]] = {}

    def similar(question: str, texts: Sequence[str]) -> Sequence[float]:
        return (encoder(list(texts)) @ encoder([question])[0]).tolist()

    for one in found:
        texts = [one.gold, *distractors(one, DOCUMENTS - 1, mine)]
        if len(texts) < DOCUMENTS:
            continue
        ranked = by_relevance(texts, similar(one.question, texts))
        mixed = [texts[n] for n in rng.permutation(len(texts)).tolist()]
        ways = {
            "in any order": mixed,
            "best first": ranked,
            "best last": best_last(ranked),
            "best at both edges": edges_first(ranked),
            f"the {FEWER} best alone": fewer(ranked, FEWER),
            f"the {SENTENCES} best sentences": [t for t in compressed(one.question, mixed, similar, SENTENCES) if t],
        }
        for way, chosen in ways.items():
            rows.setdefault(way, []).append(_row(one, chosen, whole))
        rows.setdefault("one by one", []).append(_row(one, mixed, apart))
    return rows


def _row(one: Asked, texts: Sequence[str], subject: Subject) -> Row:
    parts = tuple(document(text, f"document {n}") for n, text in enumerate(texts, start=1))
    return row_of(
        Probe("qa", one.item, DOCUMENTS, 0.0, parts, one.question, one.references), subject(parts, one.question)
    )


def decoders() -> Part:
    def told(share: float, what: str) -> None:
        print(f"{share:4.0%} {what}", file=sys.stderr)

    outcome = run(Plan(), on_step=told)
    PLOT.write_text(plots(outcome)[f"pairs-{outcome.trained}"].text, encoding="utf-8")
    lines = tuple((line,) for line in advice(outcome))
    made = {"decoders found": Table("What was found", (Column("by these figures"),), lines)}
    for name, table in lab_tables(outcome).items():
        made.setdefault("decoders orders" if name.startswith("orders") else f"decoders {name}", table)
    return made, _outcome(outcome)


def _outcome(outcome: Outcome) -> list[Figure]:
    found: list[Figure] = []
    for model in outcome.right:
        for pairs in outcome.lengths:
            for part, low, high in (("all places", 0.0, 1.0), ("beginning", 0.0, 0.1), ("middle", 0.25, 0.75),
                                    ("end", 0.9, 1.0)):  # fmt: skip
                spread = outcome.part(model, pairs, low, high)
                at = f"decoder, {model.shown}, {pairs} pairs, {part}"
                found.append(Figure(at, spread.value, "", *spread.interval(), outcome.questions))
        found += _compared(f"decoder, {model.shown}", outcome.compared(model))
    return found


def _points(name: str, points: Sequence[Point]) -> list[Figure]:
    return [
        Figure(f"{name} {p.at:.0%}: right", p.right.value, "", p.right.low, p.right.high, p.right.n) for p in points
    ]


def _contrasts(name: str, found: Shape) -> list[Figure]:
    return [
        Figure(
            f"{name}: {one.name}", one.difference, "",
            one.interval.low if one.interval else None, one.interval.high if one.interval else None,
            one.items, f"p = {one.p:.4f} after Holm",
        )
        for one in found.contrasts
    ]  # fmt: skip


def _compared(name: str, ways: Sequence[Compared]) -> list[Figure]:
    return [
        Figure(
            f"{name}, {one.name}: right", one.right.value, "", one.right.low, one.right.high, one.right.n,
            "" if one.p is None else f"p = {one.p:.4f} after Holm against {ways[0].name}",
        )
        for one in ways
    ]  # fmt: skip


def main() -> None:
    tables: dict[str, Table] = {}
    figures: list[Figure] = []
    for part in (recorded, reader, decoders):
        made, more = part()
        tables |= made
        figures += more
    publish(
        "positions", figures, tables, data=[NEEDLES, SQUAD],
        code=["src/openbook/weights/pair"],
        seeds=range(Plan().seeds), versions={"torch": metadata.version("torch")},
    )  # fmt: skip


if __name__ == "__main__":
    main()
