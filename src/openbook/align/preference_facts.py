"""What a set of preferences is like before anything learns from it: how much length decides, and who agrees."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from openbook.align.preferences import Pair
from openbook.evaluate.agreement import krippendorff_alpha
from openbook.evaluate.intervals import Interval, bootstrap_mean, wilson_in_groups
from openbook.report.plural import plural


@dataclass(frozen=True, slots=True)
class Facts:
    """longer_chosen: the share of pairs of unequal length whose longer reply is chosen, None where all are equal.

    chosen, rejected: mean characters. contradicted: choices that one annotator made both ways.
    """

    pairs: int
    prompts: int
    annotators: int
    chosen: float
    rejected: float
    longer_chosen: Interval | None
    contradicted: int
    agreement: "Agreement | None"

    @property
    def notes(self) -> tuple[tuple[str, str], ...]:
        """What to know before learning from them, as rows of a table."""
        rows: list[tuple[str, str]] = []
        if (longer := self.longer_chosen) is not None:
            rows.append(("the longer is chosen", f"{longer.value:.3f} ({longer.low:.3f} to {longer.high:.3f})"))
        if self.contradicted:
            both = "that an annotator decided both ways"
            rows.append(("contradictions", f"{plural(self.contradicted, 'comparison')} {both}: mend or remove them"))
        if (alike := self.agreement) is not None:
            alpha = "" if alike.alpha is None else f", alpha {alike.alpha:.2f}"
            shared = plural(alike.comparisons, "shared comparison")
            rows.append(("annotators agree", f"{alike.share:.3f} of {shared}{alpha}"))
        return tuple(rows)


@dataclass(frozen=True, slots=True)
class Agreement:
    """Of annotators who compared the same two replies. together: the mean share of two annotators who chose alike, over
    the comparisons, its interval by the bootstrap, None for one. alpha: Krippendorff's, nominal.
    """

    comparisons: int
    share: float
    together: Interval | None
    alpha: float | None


def facts_of(pairs: Sequence[Pair]) -> Facts:
    """pairs: one or more, as ``preferences.checked`` leaves them."""
    unequal = [pair for pair in pairs if len(pair.chosen) != len(pair.rejected)]
    longer = [len(pair.chosen) > len(pair.rejected) for pair in unequal]
    choices = _choices(pairs)
    return Facts(
        len(pairs),
        len({pair.prompt for pair in pairs}),
        len({pair.annotator for pair in pairs}),
        sum(len(pair.chosen) for pair in pairs) / len(pairs),
        sum(len(pair.rejected) for pair in pairs) / len(pairs),
        wilson_in_groups(longer, [pair.prompt for pair in unequal]) if unequal else None,
        sum(len(made) > 1 for by in choices.values() for made in by.values()),
        _agreement([[float(next(iter(made))) for made in by.values() if len(made) == 1] for by in choices.values()]),
    )


def _choices(pairs: Sequence[Pair]) -> dict[tuple[str, str, str], dict[str, set[bool]]]:
    """By prompt and its two replies in order of the alphabet, and by annotator, whether the first was chosen."""
    found: dict[tuple[str, str, str], dict[str, set[bool]]] = defaultdict(lambda: defaultdict(set))
    for pair in pairs:
        first, second = sorted((pair.chosen, pair.rejected))
        found[pair.prompt, first, second][pair.annotator].add(pair.chosen == first)
    return found


def _agreement(choices: Sequence[list[float]]) -> Agreement | None:
    shared = [row for row in choices if len(row) > 1]
    if not shared:
        return None
    alike = [_alike(row) for row in shared]
    return Agreement(len(shared), sum(alike) / len(alike), bootstrap_mean(alike), krippendorff_alpha(shared, "nominal"))


def _alike(row: Sequence[float]) -> float:
    """The share of two raters of this row who chose alike."""
    n, first = len(row), sum(row)
    return (first * (first - 1) + (n - first) * (n - first - 1)) / (n * (n - 1))
