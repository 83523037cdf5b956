"""Recorded judgements measured again: what was published, and what the records say here.

The records are those of Shen et al. (2023): GPT-4's and GPT-3.5's scores of SummEval's summaries, and GPT-3.5's
verdicts on pairs in both orders. ROUGE, BLEU and chrF against the experts on all of SummEval stand beside what Zhong et
al. (2022) print for ROUGE. The judges' biases and their corrections are in ``benchmarks.judge_biases``. Writes
evidence/judges.json. Run: python -m benchmarks.judges
"""

from collections.abc import Mapping, Sequence

from benchmarks.data import read_rows
from benchmarks.judge_biases import biases
from benchmarks.publish import columns, publish, with_interval
from openbook.evaluate.agreement import krippendorff_alpha
from openbook.evaluate.judge_agreement import Agreement, Scored, agreements
from openbook.evaluate.overlap import measured
from openbook.evaluate.position_bias import Compared, swaps
from openbook.report.record import Figure
from openbook.report.tables import Table

SCORES, PAIRS, SUMMARIES = (
    "judge/llm_judge_scores.jsonl.gz", "judge/pairwise_order_swap.jsonl.gz", "judge/summeval.jsonl.gz"
)  # fmt: skip
DIMENSIONS = ("coherence", "consistency", "fluency", "relevance")
GPT4 = {"coherence": 0.448, "consistency": 0.556, "fluency": 0.498, "relevance": 0.427}
SURVIVED = 0.648
PUBLISHED = {
    "rouge1": (0.167, 0.160, 0.115, 0.326),
    "rouge2": (0.184, 0.187, 0.159, 0.290),
    "rougeL": (0.128, 0.115, 0.105, 0.311),
}
"""Spearman's within a document, by dimension, as UniEval's table of SummEval has it."""


def judges() -> tuple[Table, list[Figure]]:
    rows = [
        Scored(f"{r['judge']} {r['method']}", r["dimension"], r["doc_id"], r["system"], r["score"], r["human"])
        for r in read_rows(SCORES)
        if r["score"] is not None
    ]
    found = [one for one in agreements(rows) if one.level == "all"]
    gpt4 = next(one.judge for one in found if one.judge.startswith("gpt-4"))
    figures: list[Figure] = []
    lines: list[tuple[str, ...]] = []
    for judge in dict.fromkeys(one.judge for one in found):
        own = {one.dimension: one for one in found if one.judge == judge}
        figures += [_figure(f"{judge}, {dimension}: Spearman", own[dimension]) for dimension in DIMENSIONS]
        if judge == gpt4:
            lines.append((f"{judge}, published", *(f"{GPT4[d]:.3f}" for d in DIMENSIONS)))
        said = f"{judge}, here" if judge == gpt4 else judge
        lines.append((said, *(with_interval(own[d].interval) for d in DIMENSIONS)))
    note = (
        "Spearman's correlation with the experts' means, all texts together; 95% intervals over documents. The "
        "published figures read a few of GPT-4's replies as other scores than the records do."
    )
    return Table("Recorded judges and the experts", columns("judge", *DIMENSIONS), tuple(lines), note), figures


def verdicts() -> tuple[Table, list[Figure]]:
    rows = [
        Compared("gpt-3.5", r["dimension"], r["choice"], r["choice_swapped"], r["human_choice"])
        for r in read_rows(PAIRS)
        if r["choice"] is not None and r["choice_swapped"] is not None
    ]
    figures: list[Figure] = []
    lines: list[tuple[str, ...]] = []
    for one in swaps(rows):
        for what, share in (("survive the swap", one.survived), ("for the text shown first", one.first)):
            if share is not None:
                figures.append(
                    Figure(f"{one.dimension}: verdicts {what}", share.value, "", share.low, share.high, share.n)
                )
        shares = (one.survived, one.first, one.right, one.right_kept)
        lines.append((one.dimension, *(with_interval(share, 2) for share in shares)))
    note = (
        f"Published for all: {SURVIVED:.1%} survive. First: verdicts for the text shown first, of those that are no "
        "tie. Right: as the experts' means say, in both orders; last, only verdicts that survive. Wilson's 95% "
        "intervals for as many verdicts as whole documents are worth."
    )
    names = columns("verdicts on", "survive", "first", "right", "right, surviving")
    return Table("A judge asked twice", names, tuple(lines), note), figures


def measures() -> tuple[Table, list[Figure]]:
    rows = read_rows(SUMMARIES)
    texts = [r["summary"] for r in rows]
    figures: list[Figure] = []
    lines: list[tuple[str, ...]] = []
    for title, references in (
        ("first reference", [r["references"][:1] for r in rows]),
        ("all references", [r["references"] for r in rows]),
    ):
        for one in measured(texts, references, ("rouge1", "rouge2", "rougeL", "rougeLsum", "bleu", "chrf")):
            own = _within(_by_measure(rows, one.each))
            figures += [_figure(f"{one.name}, {title}, {d}: Spearman", own[d]) for d in DIMENSIONS]
            if title == "first reference" and one.name in PUBLISHED:
                lines.append((f"{one.name}, published", *(f"{value:.3f}" for value in PUBLISHED[one.name])))
            lines.append((f"{one.name}, {title}", *(f"{own[d].spearman or 0:.3f}" for d in DIMENSIONS)))
    people = _within(_by_experts(rows))
    lines.append(("one expert and the others", *(f"{people[d].spearman or 0:.3f}" for d in DIMENSIONS)))
    alphas = [_alpha(rows, dimension) for dimension in DIMENSIONS]
    figures += [Figure(f"experts, {d}: alpha", a or 0.0) for d, a in zip(DIMENSIONS, alphas, strict=True)]
    lines.append(("experts' alpha (ordinal)", *(f"{alpha or 0:.3f}" for alpha in alphas)))
    note = (
        "Spearman's within a document, the mean over documents. Published: Zhong et al. 2022. The last two lines are of"
        " the 12 systems whose single annotations are at hand: each expert against the mean of the other two."
    )
    table = Table("Overlap measures and the experts", columns("measure", *DIMENSIONS), tuple(lines), note)
    return table, figures


def _by_measure(rows: Sequence[Mapping], scores: Sequence[float]) -> list[Scored]:
    """A measure's score of each summary beside the experts' mean."""
    return [
        Scored("m", dimension, row["doc_id"], row["system"], score, row["expert"][dimension])
        for row, score in zip(rows, scores, strict=True)
        for dimension in DIMENSIONS
    ]


def _by_experts(rows: Sequence[Mapping]) -> list[Scored]:
    """Each expert for the judge, the mean of the others for people: the ceiling of what a judge can reach."""
    found: list[Scored] = []
    for row in rows:
        for dimension in DIMENSIONS:
            each = [one[dimension] for one in row["expert_each"] or ()]
            for number, own in enumerate(each):
                others = [value for place, value in enumerate(each) if place != number]
                document = f"{row['doc_id']} {number}"
                found.append(Scored("m", dimension, document, row["system"], own, sum(others) / len(others)))
    return found


def _within(scored: Sequence[Scored]) -> dict[str, Agreement]:
    """By dimension, the agreement in a document."""
    return {one.dimension: one for one in agreements(scored) if one.level == "in a document"}


def _alpha(rows: Sequence[Mapping], dimension: str) -> float | None:
    return krippendorff_alpha([[one[dimension] for one in row["expert_each"]] for row in rows if row["expert_each"]])


def _figure(name: str, one: Agreement) -> Figure:
    low, high = (one.interval.low, one.interval.high) if one.interval else (None, None)
    return Figure(name, one.spearman or 0.0, "", low, high, one.n)


def main() -> None:
    tables: dict[str, Table] = {}
    figures: list[Figure] = []
    for name, of in (("judges", judges), ("verdicts", verdicts), ("measures", measures)):
        tables[name], more = of()
        figures += more
    more_tables, more = biases(*map(read_rows, (SCORES, PAIRS, SUMMARIES)))
    publish("judges", [*figures, *more], tables | more_tables, data=[SCORES, PAIRS, SUMMARIES], code=[])


if __name__ == "__main__":
    main()
