"""Which one to use when: sentences that follow from the figures, and from nothing else."""

from itertools import groupby

from openbook.labs.discriminative_generative.outcome import Outcome, mean

TELLS = 0.8
"""The AUROC from which a score is said to notice unfamiliar texts."""


def advice(outcome: Outcome) -> list[str]:
    """A paragraph each on accuracy, the crossover, confidence, unfamiliar texts, changed shares and writing."""
    said = [*_accuracy(outcome), *(outcome.verdict(*pair).sentence for pair in outcome.pairs), _confidence(outcome)]
    return [line for line in (*said, *_unfamiliar(outcome), _prior(outcome), _writing(outcome)) if line]


def _accuracy(outcome: Outcome) -> list[str]:
    """Runs of sizes with the same leaders, one sentence each."""
    leaders = {size: outcome.leaders(size) for size in outcome.sizes}
    lines: list[str] = []
    for group, found in groupby(outcome.sizes, key=lambda size: (leaders[size][0], frozenset(leaders[size][1:]))):
        sizes = list(found)
        best = group[0]
        level = leaders[sizes[0]][1:]
        reached = ", ".join(f"{outcome.measured[best][size].right.mean():.3f} at {size:,}" for size in sizes)
        also = f"; not shown worse: {', '.join(level)}" if level else ", ahead of all others"
        lines.append(f"Most accurate with {_range(sizes)} labels: {best} ({reached}){also}.")
    return lines


def _confidence(outcome: Outcome) -> str:
    most = outcome.sizes[-1]
    errors = {m.name: mean(outcome.measured[m.name][most].calibration_errors) for m in outcome.methods}
    best, worst = min(errors, key=errors.__getitem__), max(errors, key=errors.__getitem__)
    told = f"With {most:,} labels the confidence of {best} is off by {errors[best]:.3f} on average, the least"
    return f"{told}; that of {worst} by {errors[worst]:.3f}, the most (expected calibration error)."


def _unfamiliar(outcome: Outcome) -> list[str]:
    found = outcome.beyond.unfamiliar
    lines: list[str] = []
    kinds_seen = list(next(iter(found.values()))) if found else []
    for kind in kinds_seen:
        by_score = {score: mean(kinds[kind]) for score, kinds in found.items()}
        best = max(by_score, key=by_score.__getitem__)
        if by_score[best] >= TELLS:
            told = f"{kind.capitalize()} are noticed best by {best} (AUROC {by_score[best]:.2f})"
        else:
            told = f"{kind.capitalize()} are not reliably noticed by any score; best is {best} ({by_score[best]:.2f})"
        evidence = by_score.get("log P(x) a token")
        others = {s: v for s, v in by_score.items() if s != "log P(x) a token"}
        rival = max(others, key=others.__getitem__)
        if evidence is not None and best == "log P(x) a token":
            told += f", against {others[rival]:.2f} for {rival}"
        elif evidence is not None:
            told += f", against {evidence:.2f} for log P(x) a token"
        lines.append(told + ".")
    return lines


def _prior(outcome: Outcome) -> str:
    changes = {name: (mean([b for b, _ in p]), mean([a for _, a in p])) for name, p in outcome.beyond.prior.items()}
    if not changes:
        return ""
    listed = "; ".join(f"{name} {before:.3f} to {after:.3f}" for name, (before, after) in changes.items())
    told = "When one class comes to make up 80%, putting the new shares in, without training, changes accuracy so"
    return f"{told}: {listed}. The discriminative ones allow it too, so it decides nothing between the two kinds."


def _writing(outcome: Outcome) -> str:
    if not outcome.beyond.recognised:
        return ""
    chance = 1 / len(outcome.classes)
    share = mean(outcome.beyond.recognised)
    told = f"Only the class-conditional LM writes texts: logistic regression names the class asked for in {share:.0%}"
    return f"{told} of them (chance {chance:.0%})."


def _range(sizes: list[int]) -> str:
    return f"{sizes[0]:,}" if len(sizes) == 1 else f"{sizes[0]:,} to {sizes[-1]:,}"
