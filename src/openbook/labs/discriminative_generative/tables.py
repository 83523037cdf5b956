"""The outcome as tables: accuracy, the pairs' differences, confidence, unfamiliar texts, changed shares, cost."""

from collections.abc import Sequence

from openbook.labs.crossed import Spread
from openbook.labs.discriminative_generative.crossover import Advantage
from openbook.labs.discriminative_generative.outcome import BINS, Outcome, mean
from openbook.report.tables import Column, Table


def tables(outcome: Outcome) -> dict[str, Table]:
    """By a short name: accuracy, difference, confidence, unfamiliar, prior, cost."""
    found = {
        "accuracy": _accuracy(outcome),
        "difference": _difference(outcome),
        "confidence": _confidence(outcome),
        "unfamiliar": _unfamiliar(outcome),
        "prior": _prior(outcome),
        "cost": _cost(outcome),
    }
    return {name: table for name, table in found.items() if table.rows}


def _accuracy(outcome: Outcome) -> Table:
    rows = [
        (f"{size:,}", *(_interval(outcome.measured[m.name][size].accuracy) for m in outcome.methods))
        for size in outcome.sizes
    ]
    told = f"{outcome.tested:,} test texts, {outcome.seeds} training sample{'s' * (outcome.seeds > 1)} of each size"
    return Table(
        f"Accuracy on {outcome.name}",
        _columns("labels", *(m.name for m in outcome.methods)),
        tuple(rows),
        f"{told}. 95% crossed bootstrap over both. The commonest class alone is right in {outcome.commonest:.2f}.",
    )


def _difference(outcome: Outcome) -> Table:
    compared = [outcome.advantages(*pair) for pair in outcome.pairs]
    rows = [(f"{size:,}", *(_signed(found[i]) for found in compared)) for i, size in enumerate(outcome.sizes)]
    return Table(
        f"Discriminative less generative on {outcome.name}",
        _columns("labels", *(f"{one} less {other}" for one, other in outcome.pairs)),
        tuple(rows),
        "Difference in accuracy, 95% crossed bootstrap. * excludes 0 at all sizes together (95%, Bonferroni).",
    )


def _confidence(outcome: Outcome) -> Table:
    rows = [
        (f"{size:,}", *(_range(outcome.measured[m.name][size].calibration_errors) for m in outcome.methods))
        for size in outcome.sizes
    ]
    return Table(
        f"Expected calibration error on {outcome.name}",
        _columns("labels", *(m.name for m in outcome.methods)),
        tuple(rows),
        f"{BINS} bins of equal count. Mean over the training samples, and their least and most.",
    )


def _unfamiliar(outcome: Outcome) -> Table:
    found = list(outcome.beyond.unfamiliar.values())
    kinds = list(found[0]) if found else []
    rows = [
        (score, *(_range(values[kind], 2) for kind in kinds)) for score, values in outcome.beyond.unfamiliar.items()
    ]
    return Table(
        f"Unfamiliar texts noticed on {outcome.name}",
        _columns("score", *kinds),
        tuple(rows),
        f"AUROC, test texts against these, {outcome.sizes[-1]:,} labels: 1 tells all apart, 0.5 none, below 0.5 takes "
        "them for more familiar. Mean over the training samples, and their least and most.",
    )


def _prior(outcome: Outcome) -> Table:
    rows = [
        (name, f"{mean([b for b, _ in pairs]):.3f}", f"{mean([a for _, a in pairs]):.3f}")
        for name, pairs in outcome.beyond.prior.items()
    ]
    return Table(
        f"One class at 80% on {outcome.name}",
        _columns("", "prior as trained", "new prior put in"),
        tuple(rows),
        f"Accuracy with {outcome.sizes[-1]:,} labels, the mean over the class favoured. Nothing is trained again.",
    )


def _cost(outcome: Outcome) -> Table:
    rows = [
        (m.name, *(f"{mean(outcome.measured[m.name][size].seconds):.1f}" for size in outcome.sizes))
        for m in outcome.methods
    ]
    return Table(
        f"Seconds to fit on {outcome.name}",
        _columns("labels", *(f"{size:,}" for size in outcome.sizes)),
        tuple(rows),
        "Processor time, all settings that were tried included; mean over the training samples.",
    )


def _columns(first: str, *others: str) -> tuple[Column, ...]:
    return (Column(first), *(Column(name, "right") for name in others))


def _interval(spread: Spread) -> str:
    low, high = spread.interval()
    return f"{spread.value:.2f} ({low:.2f}–{high:.2f})".replace("(0.", "(.").replace("–0.", "–.")


def _signed(found: Advantage) -> str:
    star = "*" if found.better != "neither" else " "
    return f"{found.value:+.3f} ({found.low:+.3f} to {found.high:+.3f}) {star}".rstrip()


def _range(values: Sequence[float], digits: int = 3) -> str:
    low, high = (f"{bound:.{digits}f}".removeprefix("0") for bound in (min(values), max(values)))
    shown = f"{mean(values):.{digits}f}"
    return shown if len(values) == 1 else f"{shown} ({low}–{high})"
