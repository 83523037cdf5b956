"""The tables of benchmarks/verifiable_rewards.py: what is right, what the replies are like, where the plateau is."""

from collections.abc import Sequence

import numpy as np

from benchmarks.publish import columns, with_interval
from benchmarks.verifiable_stages import RISE
from benchmarks.verifiable_trial import KEPT, MORE, PLATEAU, REPLIES, REWARDED, TEST, WAYS, WORKED, Answered, Trial
from openbook.evaluate.intervals import Interval, wilson_in_groups
from openbook.evaluate.significance import Comparison, holm, paired_randomisation
from openbook.report.record import Figure
from openbook.report.tables import Table

LIKELIEST, DRAWN = "likeliest", "drawn"


def of(trials: Sequence[Trial], kind: str, way: str) -> list[Answered]:
    return [(one.likeliest if kind == LIKELIEST else one.drawn)[way] for one in trials]


def share(found: Sequence[Answered]) -> Interval:
    """Of right replies over all seeds, whose problems are independent draws; a problem's replies are a group."""
    rows = [row for one in found for row in one.right]
    return wilson_in_groups([hit for row in rows for hit in row], [n for n, row in enumerate(rows) for _ in row])


def gained(trials: Sequence[Trial], kind: str, way: str) -> Comparison:
    """GRPO's share of right replies to each problem against another way's."""
    mine, others = (
        [float(np.mean(row)) for one in of(trials, kind, each) for row in one.right] for each in (REWARDED, way)
    )
    return paired_randomisation(mine, others)


def right_table(trials: Sequence[Trial]) -> tuple[Table, list[Figure]]:
    controls = [(way, kind) for way in WAYS if way != REWARDED for kind in (LIKELIEST, DRAWN)]
    tests = {(way, kind): gained(trials, kind, way) for way, kind in controls}
    adjusted = dict(zip(tests, holm([test.p_value for test in tests.values()]), strict=True))
    figures: list[Figure] = []
    rows: list[tuple[str, ...]] = []
    for way in WAYS:
        cells = [way]
        for kind in (LIKELIEST, DRAWN):
            found = share(of(trials, kind, way))
            figures.append(Figure(f"{way}: {kind} right", found.value, "", found.low, found.high, found.n))
            test = tests.get((way, kind))
            against = "–"
            if test is not None:
                p = f"p = {adjusted[way, kind]:.4f} after Holm"
                figures.append(Figure(f"GRPO less {way}, {kind}", test.difference, "", n=test.n, note=p))
                against = f"{test.difference:+.3f} (p {adjusted[way, kind]:.4f})"
            seeds = " ".join(f"{np.mean(one.right):.3f}" for one in of(trials, kind, way))
            cells += [with_interval(found), seeds, against]
        rows.append(tuple(cells))
    minutes = {way: max(one.stages[way]["seconds"] for one in trials) / 60 for way in WAYS}
    figures += [Figure(f"{way}: CPU minutes at most", spent, "min") for way, spent in minutes.items()]
    names = ("trained by", "likeliest", "each seed", "GRPO gains", f"{REPLIES} drawn", "each seed ", "GRPO gains ")
    note = (
        f"Share of right replies to {TEST} problems a seed that no training saw: the likeliest, and {REPLIES} drawn at "
        f"temperature 1. Minutes of one core at most: the base {minutes[PLATEAU]:.1f}, GRPO from it "
        f"{minutes[REWARDED]:.1f}, more supervised training {minutes[MORE]:.1f}, worked ones alone "
        f"{minutes[WORKED]:.1f}. p: randomisation paired by problem, after Holm over {len(tests)} tests."
    )
    return Table("Right answers", columns(*names), tuple(rows), note), figures


def ways_table(trials: Sequence[Trial]) -> tuple[Table, list[Figure]]:
    """Of drawn replies: how many show steps, what these and the others are worth, and what any of several reaches."""
    rows: list[tuple[str, ...]] = []
    figures: list[Figure] = []
    for way in WAYS:
        found = of(trials, DRAWN, way)
        right, shown, tokens = (
            np.concatenate([np.array(getattr(one, name)) for one in found]) for name in ("right", "shown", "tokens")
        )
        with_steps, without = (f"{right[part].mean():.3f}" if part.any() else "–" for part in (shown, ~shown))
        likeliest = np.concatenate([np.array(one.shown) for one in of(trials, LIKELIEST, way)])
        any_of = float(right.any(axis=1).mean())
        rows.append((
            way, f"{likeliest.mean():.3f}", f"{shown.mean():.3f}", with_steps, without, f"{tokens.mean():.1f}",
            f"{any_of:.3f}",
        ))  # fmt: skip
        figures.append(Figure(f"{way}: drawn replies that show steps", float(shown.mean()), "", n=shown.size))
        figures.append(Figure(f"{way}: tokens of a drawn reply", float(tokens.mean()), "tokens", n=tokens.size))
        figures.append(Figure(f"{way}: any of {REPLIES} right", any_of, "", n=len(right)))
    names = (
        "trained by", "likeliest with steps", "drawn with steps", "right with", "right without", "tokens",
        f"any of {REPLIES} right",
    )  # fmt: skip
    note = (
        "Share of replies that show steps; of the drawn, how many are right with and without them, their length, and "
        f"the share of problems to which any of {REPLIES} drawn replies is right."
    )
    return Table("What the replies are like", columns(*names), tuple(rows), note), figures


def plateau_table(trials: Sequence[Trial]) -> Table:
    found = [{one["steps"]: one["accuracy"] for one in trial.tried} for trial in trials]
    lengths = sorted({steps for one in found for steps in one})
    return Table(
        "The plateau of supervised training",
        columns("steps", *(f"seed {trial.seed}" for trial in trials)),
        tuple((f"{n:,}", *(f"{one[n]:.3f}" if n in one else "–" for one in found)) for n in lengths),
        f"Right of the likeliest replies to {KEPT} problems kept apart. Each length is a training of its own with a "
        f"whole schedule; doubled until a doubling brings less than {RISE}. What that doubled is the base.",
    )
