"""The outcome as tables, each fitting 80 columns."""

from collections.abc import Sequence

import numpy as np

from openbook.evaluate.calibration import auroc
from openbook.evaluate.intervals import Interval
from openbook.evaluate.significance import holm, paired_randomisation
from openbook.labs.hallucination.ask import DRAWS, MEMORY, STRANGER, TEXTS
from openbook.labs.hallucination.cells import columns, group_name, interval_text, models, of_group, p_value
from openbook.labs.hallucination.measures import asked_about, share
from openbook.labs.hallucination.outcome import Drawn, Flags, Floats, Outcome, Replies
from openbook.labs.hallucination.tables_signals import consistent_table, promised_table, signals_table
from openbook.labs.hallucination.world import GROUPS
from openbook.report.tables import Table


def tables(outcome: Outcome) -> dict[str, Table]:
    """By a short name."""
    return {
        "appearances": _appearances(outcome),
        "temperature": _temperature(outcome),
        "signals": signals_table(outcome),
        "consistent": consistent_table(outcome),
        "promised": promised_table(outcome),
        "grounding": _grounding(outcome),
        "support": _support(outcome),
    }


def _appearances(outcome: Outcome) -> Table:
    rows = [
        (group_name(group), *(interval_text(of_group(outcome, group, what)) for what in ("right", "wrong", "unknown")))
        for group in GROUPS
    ]
    n = sum(int((one.group == GROUPS[0]).sum()) for one in outcome.observed)
    return Table(
        "Asked from memory, by how often the training text tells the fact",
        columns("times told", "right", "made up", "not known"),
        tuple(rows),
        f"About {n} facts a row, {models(outcome)}, temperature 0. Made up: another value, in a fluent sentence. The "
        "rest is no answer to the question. False: told with one wrong value. Guessing is right in 0.03.",
    )


def _temperature(outcome: Outcome) -> Table:
    """Compared with temperature 0, question by question."""
    names = list(outcome.observed[0].sweep)
    base = _over(outcome, [one.sweep[names[0]].right for one in outcome.observed])
    tested = {
        name: paired_randomisation(_over(outcome, [one.sweep[name].right for one in outcome.observed]), base)
        for name in names[1:]
    }
    vote = paired_randomisation(_over(outcome, [one.voted.astype(np.float64) for one in outcome.observed]), base)
    adjusted = holm([*(found.p_value for found in tested.values()), vote.p_value])
    told = dict(zip([*tested, "vote"], adjusted, strict=True))
    rows = [
        (
            name,
            *(interval_text(_share_of(outcome, name, what)) for what in ("right", "wrong")),
            f"{_mean_of(outcome, name, 'broken'):.2f}",
            f"{_mean_of(outcome, name, 'meanings'):.2f}",
            p_value(told.get(name)),
        )
        for name in names
    ]
    voted = share([one.voted[asked_about(one, mistold=False)] for one in outcome.observed])
    rows.append((f"vote of {outcome.samples}, T 1", interval_text(voted), "", "", "", p_value(told["vote"])))
    return Table(
        "Temperature, top-p and the vote",
        columns("decoding", "right", "made up", "broken", f"meanings of {DRAWS}", "p"),
        tuple(rows),
        f"Facts told truly or not at all, from memory. {DRAWS} answers each. top-p at temperature 1. p: right as often "
        "as at temperature 0? Paired randomisation, Holm over all rows.",
    )


def _grounding(outcome: Outcome) -> Table:
    rows: list[tuple[str, ...]] = []
    memory = [one.greedy for one in outcome.observed]
    rows.append((MEMORY, *_reply_cells(memory), "–"))
    for kind in TEXTS:
        found = [one.grounded[kind] for one in outcome.observed]
        copied = share([one.copied for one in found])
        rows.append((kind, *_reply_cells([one.replies for one in found]), interval_text(copied)))
    return Table(
        "The same questions with a text at hand",
        columns("text", "right", "made up", "not known", "as it says"),
        tuple(rows),
        f"All facts, those told wrongly too, {models(outcome)}, temperature 0. A text has two sentences, the other "
        "of another field. Someone else: tells the field asked for of another person.",
    )


def _support(outcome: Outcome) -> Table:
    rows: list[tuple[str, ...]] = []
    for kind, title in ((MEMORY, "from memory, true sentence"), (STRANGER, "from one on someone else")):
        found = [one.support[kind] for one in outcome.observed]
        true = np.concatenate([one.true for one in found])
        score = np.concatenate([one.score for one in found])
        area = auroc(score, true) if true.size else None
        rows.append(
            (
                title,
                f"{true.size}",
                interval_text(share([one.backed[one.true] for one in found])),
                interval_text(share([one.backed[~one.true] for one in found])),
                "–" if area is None else f"{area:.3f}",
            )
        )
    pairs = [one.paraphrase for one in outcome.observed]
    rows.append(
        (
            "two samples",
            f"{sum(one.same.size for one in pairs)}",
            interval_text(share([one.judged[one.same] for one in pairs])),
            interval_text(share([one.judged[~one.same] for one in pairs])),
            "–",
        )
    )
    return Table(
        "The shipped support model on this text",
        columns("statement and passage", "pairs", "true kept", "false kept", "AUROC"),
        tuple(rows),
        "An answer against the sentence that tells the fact, or against the text it was copied from; last, whether two "
        "answers that differ in words entail each other. Kept: at the shipped threshold.",
    )


def _reply_cells(seeds: Sequence[Replies]) -> list[str]:
    return [interval_text(share([getattr(one, what) for one in seeds])) for what in ("right", "wrong", "unknown")]


def _share_of(outcome: Outcome, name: str, what: str) -> Interval | None:
    return share([_kept(one.sweep[name], what)[asked_about(one, mistold=False)] for one in outcome.observed])


def _mean_of(outcome: Outcome, name: str, what: str) -> float:
    return float(np.mean(_over(outcome, [_kept(one.sweep[name], what) for one in outcome.observed])))


def _kept(drawn: Drawn, what: str) -> Floats:
    return getattr(drawn, what)


def _over(outcome: Outcome, columns: Sequence[Floats | Flags]) -> Floats:
    """All seeds' questions about facts that are not told wrongly."""
    kept = [c[asked_about(one, mistold=False)] for one, c in zip(outcome.observed, columns, strict=True)]
    return np.concatenate(kept).astype(np.float64)
