"""What is reported of answering: by kind of question, and by stage."""

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from benchmarks.answer_seen import Outcome, Seen
from benchmarks.answer_tasks import KINDS
from benchmarks.corpus import PREFIX
from benchmarks.logistic import Floats
from benchmarks.publish import columns, with_interval
from openbook.evaluate.calibration import auroc, calibration_error
from openbook.evaluate.intervals import Interval, bootstrap_mean, wilson_in_groups
from openbook.evaluate.retrieval import ndcg, recall
from openbook.evaluate.significance import paired_randomisation
from openbook.report.record import Figure
from openbook.report.tables import Table

KIND_TABLE = Table(
    "Answering and abstaining",
    columns("questions", "n", "answered", "right of answered", "AUROC"),
    (),
    "Answered: confidence at or above the threshold. Right: the first sentence holds an answer of the right paragraph. "
    "AUROC: answerable against this kind. 95% intervals: Wilson's for whole pages.",
)
STAGE_TABLE = Table(
    "What each stage adds",
    columns("questions, stage", "recall@1", "nDCG@10", "p", "first right", "p", "F1", "ms"),
    (),
    "Answerable questions, answered however sure. First right: the first sentence holds an answer of the right "
    "paragraph. F1: of the marked words, else of the sentence. p: of nDCG, and of first right, being as in the line "
    "before, by paired randomisation of whole paragraphs. ms: median of what the stage takes.",
)


def kinds_table(
    name: str, seen: Sequence[Seen], outcomes: Sequence[Outcome], sure: Floats, threshold: float, figures: list[Figure]
) -> list[tuple[str, ...]]:
    """A line a kind of question; adds their figures."""
    kinds = np.array([one.asked.kind for one in seen])
    pages = np.array([one.asked.page for one in seen])
    right = np.array([float(o.right) for o in outcomes])
    answered = sure >= threshold

    def share_of(found: Floats | NDArray[np.bool_], chosen: NDArray[np.bool_]) -> Interval:
        return wilson_in_groups([bool(o) for o in found[chosen]], list(pages[chosen]))

    usual = kinds != "unanswerable"
    figures.append(
        Figure(f"{name} calibration error", calibration_error(sure[usual], right[usual]), n=int(usual.sum()))
    )
    rows: list[tuple[str, ...]] = []
    for kind in KINDS:
        of_kind = kinds == kind
        n = int(of_kind.sum())
        if not n:
            continue
        share = share_of(answered, of_kind)
        figures.append(Figure(f"{name} {kind} answered", share.value, "", share.low, share.high, n))
        precision, separation = "–", "–"
        if kind == "answerable":
            held = share_of(right, of_kind & answered)
            precision = with_interval(held, 2)
            figures.append(Figure(f"{name} right of answered", held.value, "", held.low, held.high, held.n))
            best = share_of(right, of_kind)
            figures.append(Figure(f"{name} first sentence right", best.value, "", best.low, best.high, n))
        else:
            pair = of_kind | (kinds == "answerable")
            area = auroc(sure[pair], (kinds[pair] == "answerable").astype(np.float64)) or 0.0
            separation = f"{area:.3f}"
            figures.append(Figure(f"{name} AUROC answerable against {kind}", area, n=int(pair.sum())))
        rows.append((f"{name}, {kind}", str(n), with_interval(share, 2), precision, separation))
    return rows


def stages_table(
    name: str, seen: Sequence[Seen], ways: Mapping[str, tuple[Sequence[Outcome], Floats]], figures: list[Figure]
) -> list[tuple[str, ...]]:
    """A line a stage, over answerable questions; adds their figures."""
    chosen = [n for n, one in enumerate(seen) if one.asked.gold is not None]
    pages = [seen[n].asked.page for n in chosen]
    paragraphs = [gold[0] for n in chosen if (gold := seen[n].asked.gold) is not None]
    rows: list[tuple[str, ...]] = []
    before: tuple[list[float], list[float]] | None = None
    for number, (stage, (outcomes, _)) in enumerate(ways.items()):
        of = [outcomes[n] for n in chosen]
        golds = [{PREFIX + gold[0]: 1} for n in chosen if (gold := seen[n].asked.gold) is not None]
        rankings = [list(dict.fromkeys(p.uri for p in o.passages)) for o in of]
        first = [recall(found, gold, 1) for found, gold in zip(rankings, golds, strict=True)]
        gains = [ndcg(found, gold, 10) for found, gold in zip(rankings, golds, strict=True)]
        right = [float(o.right) for o in of]
        f1 = bootstrap_mean([o.f1 for o in of], groups=pages)
        share = wilson_in_groups([o.right for o in of], pages)
        tests = () if before is None else (
            paired_randomisation(gains, before[0], groups=paragraphs),
            paired_randomisation(right, before[1], groups=paragraphs),
        )  # fmt: skip
        p_values = [f"{test.p_value:.4f}" for test in tests] or ["–", "–"]
        took = [one.seconds[0] if number == 0 else one.seconds[1] for one in seen]
        label = f"{name}, {stage}"
        figures += [
            Figure(f"{label}: recall@1", float(np.mean(first)), n=len(of)),
            Figure(f"{label}: nDCG@10", float(np.mean(gains)), n=len(of)),
            Figure(f"{label}: first sentence right", share.value, "", share.low, share.high, len(of)),
            *([Figure(f"{label}: answer F1", f1.value, "", f1.low, f1.high, len(of))] if f1 else []),
            *(
                Figure(f"{label}: p of {what}", test.p_value, n=len(of))
                for what, test in zip(("nDCG@10", "first right"), tests, strict=False)
            ),
        ]
        rows.append(
            (
                label, f"{np.mean(first):.3f}", f"{np.mean(gains):.3f}", p_values[0], with_interval(share, 2),
                p_values[1], with_interval(f1, 2), f"{1000 * float(np.median(took)):.0f}" if number < 2 else "0",
            )
        )  # fmt: skip
        before = gains, right
    return rows
