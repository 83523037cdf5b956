"""The signals as tables: how well they tell, what they miss, and what can be promised with them."""

import numpy as np

from openbook.evaluate.abstention import aurc
from openbook.evaluate.calibration import calibration_error
from openbook.evaluate.promised import mean_of, on_unseen
from openbook.labs.hallucination.cells import columns, group_name, interval_text, p_value
from openbook.labs.hallucination.measures import against_best, asked_about, pooled, separates, share
from openbook.labs.hallucination.outcome import Outcome
from openbook.labs.hallucination.signals import LEAST, LIKELIHOOD, SHARES, SINGLE
from openbook.labs.hallucination.world import GROUPS
from openbook.report.tables import Column, Table

RISKS = (0.01, 0.05, 0.10)
SPLITS = 20
NEAR_ZERO = 0.1
"""Nats: below it, all samples say the same."""

FEWEST = 10
"""Answers of which a share is shown."""


def signals_table(outcome: Outcome) -> Table:
    """AUROC with intervals, compared with the best; calibration, and what a question costs."""
    observed = outcome.observed
    names = list(observed[0].confidence)
    plain = {name: separates(observed, name, mistold=False) for name in names}
    both = {name: separates(observed, name, mistold=True) for name in names}
    values = {name: found.value for name, found in plain.items() if found is not None}
    tested = against_best(observed, values, mistold=False) if len(values) > 1 else {}
    answer = float(np.mean(np.concatenate([one.words for one in observed])))
    beside = float(np.mean(np.concatenate([one.sampled_words for one in observed])))
    rows = [
        (
            name,
            interval_text(plain[name], 3),
            p_value(tested[name][1]) if name in tested else "best",
            f"{aurc(*pooled(observed, name, mistold=False)):.3f}",
            _calibration(outcome, name),
            "–" if (found := both[name]) is None else f"{found.value:.3f}",
            f"{answer if name in SINGLE else answer + beside:.0f}",
        )
        for name in sorted(names, key=lambda name: -values.get(name, 0.0))
    ]
    return Table(
        "Which signal tells right answers from made-up ones",
        columns("signal", "AUROC", "p", "AURC", "ECE", "with false", "words"),
        tuple(rows),
        f"Answers at temperature 0; {outcome.samples} samples at temperature 1. p: as good as the best? Paired "
        "bootstrap over worlds and questions, Holm. AURC: area under risk and coverage, less is better. With false: "
        "AUROC when facts told wrongly are asked too. Words: that the model writes for one question.",
    )


def consistent_table(outcome: Outcome) -> Table:
    """What looking at samples misses, by how often a fact was told."""
    kinds = [(group_name(group), [one.group == group for one in outcome.observed]) for group in GROUPS]
    kinds.append(("all but false", [asked_about(one, mistold=False) for one in outcome.observed]))
    rows: list[tuple[str, ...]] = []
    for name, questions in kinds:
        pairs = list(zip(outcome.observed, questions, strict=True))
        entropies = [one.entropy[one.greedy.wrong & asked] for one, asked in pairs]
        count = sum(map(len, entropies))
        cells = [
            interval_text(share([values < NEAR_ZERO for values in entropies])),
            interval_text(share([one.as_sure(asked) for one, asked in pairs])),
        ]
        rows.append((name, f"{count}", *(cells if count >= FEWEST else ("–", "–"))))
    return Table(
        "Wrong answers that the samples agree on",
        columns("times told", "made up", "entropy near 0", "as sure as a right one"),
        tuple(rows),
        f"Semantic entropy by counts of {outcome.samples} samples. Near 0: below {NEAR_ZERO} nats. As sure: no larger "
        f"than that of the median right answer. No share of fewer than {FEWEST}.",
    )


def promised_table(outcome: Outcome) -> Table:
    """Wrong answers promised and seen, and what is still answered, for each signal."""
    rows: list[tuple[str, ...]] = []
    for name in outcome.observed[0].confidence:
        cells: list[str] = []
        for risk in RISKS:
            kept = mean_of(on_unseen(*pooled(outcome.observed, name, mistold=False), risk, splits=SPLITS))
            false = mean_of(on_unseen(*pooled(outcome.observed, name, mistold=True), risk, splits=SPLITS))
            cells += [f"{100 * kept.wrong:.1f}", f"{kept.coverage:.2f}", f"{false.coverage:.2f}"]
        rows.append((name, *cells))
    heads = [head for risk in RISKS for head in (f"{risk:.0%}", "kept", "false")]
    names = tuple(Column(head, "right") for head in heads)
    return Table(
        "A promise about unseen questions, and what it costs",
        (Column("signal"), *names),
        tuple(rows),
        f"Promised: wrong answers given, % of all questions. Below it, those seen on unseen halves, mean of {SPLITS} "
        "random splits; these share questions, so that a mean may lie a little above. Kept: the share of questions "
        "still answered; false: that share when facts told wrongly are asked too. Conformal risk control.",
    )


def _calibration(outcome: Outcome, name: str) -> str:
    if name not in SHARES:
        return "–"
    scores, right = pooled(outcome.observed, name, mistold=False)
    return f"{calibration_error(np.exp(scores) if name in (LIKELIHOOD, LEAST) else scores, right):.3f}"
