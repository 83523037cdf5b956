"""The tables and plots of ``diffusion_steps``: what is true of pictures, and their distance, by sampler and steps."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from benchmarks.publish import columns, with_interval
from openbook.diffusion.distance import frechet
from openbook.evaluate.intervals import Interval, wilson
from openbook.evaluate.significance import holm, paired_randomisation
from openbook.report.lines import line_plot
from openbook.report.record import Figure
from openbook.report.series import Series
from openbook.report.svg import Svg
from openbook.report.tables import Column, Table

RESAMPLES, SEED = 200, 73
BEST = ("ddpm", 1000)
LEVEL = 0.05


@dataclass(frozen=True, slots=True)
class Found:
    """true: of each picture. features: (pictures, dim). seconds: for all, on the machine that drew them."""

    true: NDArray[np.bool_]
    features: NDArray[np.float64]
    seconds: float


@dataclass(frozen=True, slots=True)
class Told:
    """What the tables say. reference: pictures that are real, one beside each that is drawn; floor: others of the same.

    share: what ``Found.true`` is the share of; of: which pictures were drawn.
    """

    reference: Found
    floor: Found
    share: str
    of: str


Way = tuple[str, int]
"""A sampler, and its steps."""


@dataclass(frozen=True, slots=True)
class Compared:
    """p: that as many captions are true as with the best, after Holm. more: how much further than it from rendered
    pictures, with 95% of a bootstrap over scenes. within: neither is shown worse.
    """

    true: Interval
    distance: Interval
    difference: float
    p: float
    more: tuple[float, float]

    @property
    def within(self) -> bool:
        return not (self.difference < 0 and self.p <= LEVEL) and self.more[0] <= 0


def compared(found: Mapping[Way, Found], reference: Found) -> dict[Way, Compared]:
    """Every way beside DDPM in 1,000 steps, on the same scenes."""
    rng = np.random.default_rng(SEED)
    picks = [rng.integers(len(reference.true), size=len(reference.true)) for _ in range(RESAMPLES)]
    resampled = {
        way: np.array([frechet(one.features[rows], reference.features[rows]) for rows in picks])
        for way, one in found.items()
    }
    others = [way for way in found if way != BEST]
    tests = [paired_randomisation([*map(float, found[w].true)], [*map(float, found[BEST].true)]) for w in others]
    adjusted = dict(zip(others, holm([test.p_value for test in tests]), strict=True))
    differences = dict(zip(others, (test.difference for test in tests), strict=True))
    measured = {way: frechet(one.features, reference.features) for way, one in found.items()}
    made: dict[Way, Compared] = {}
    for way, one in found.items():
        own, more = (
            values - values.mean() + estimate
            for values, estimate in (
                (resampled[way], measured[way]),
                (resampled[way] - resampled[BEST], measured[way] - measured[BEST]),
            )
        )  # resamples repeat pictures, which sets them all further apart: their spread is taken, not their place
        low, high, least, most = (float(np.quantile(v, q)) for v in (own, more) for q in (0.025, 0.975))
        distance = Interval(measured[way], low, high, 0.95, len(one.true))
        true = wilson(int(one.true.sum()), len(one.true))
        made[way] = Compared(true, distance, differences.get(way, 0.0), adjusted.get(way, 1.0), (least, most))
    return made


def tables(
    found: Mapping[Way, Found], told: Told, calls: Mapping[Way, int]
) -> tuple[dict[str, Table], list[Figure], dict[str, Svg]]:
    reference, floor = told.reference, told.floor
    made = compared(found, reference)
    samplers = list(dict.fromkeys(sampler for sampler, _ in found))
    steps = sorted({n for _, n in found})
    other = frechet(floor.features, reference.features)
    figures = [Figure("real pictures: distance of two sets", other, n=len(floor.true))]
    for (sampler, n), one in made.items():
        name = f"{sampler}, {n} steps"
        note = f"p = {one.p:.4f} after Holm against DDPM in 1,000 steps"
        figures += [
            Figure(f"{name}: {told.share.lower()}", one.true.value, "", one.true.low, one.true.high, one.true.n, note),
            Figure(f"{name}: distance", one.distance.value, "", one.distance.low, one.distance.high, one.distance.n),
        ]

    def by_steps(cell: Mapping[Way, str]) -> tuple[tuple[str, ...], ...]:
        return tuple((f"{n:,}", *(cell.get((sampler, n), "") for sampler in samplers)) for n in steps)

    heads = columns("steps", *samplers)
    marked = "≈: within noise of DDPM in 1,000 steps"
    true = {way: f"{one.true.value:.3f}{' ≈' if one.within else ''}" for way, one in made.items()}
    far = {way: f"{one.distance.value:.3f}{' ≈' if one.within else ''}" for way, one in made.items()}
    fewest: list[tuple[str, ...]] = []
    for sampler in samplers:
        ways = [way for way in made if way[0] == sampler and way != BEST and made[way].within]
        best = min(ways, key=lambda way: calls[way], default=None)
        if best is None:
            fewest.append((sampler, "none", "", "", ""))
            continue
        one = made[best]
        cells = (with_interval(one.true), with_interval(one.distance))
        fewest.append((sampler, str(best[1]), str(calls[best]), *cells))
        figures.append(Figure(f"{sampler}: fewest calls within noise", calls[best], text=str(calls[best])))
    return (
        {
            "fewest": Table(
                "The fewest steps within noise of DDPM in 1,000",
                columns("sampler", "steps", "calls", told.share.lower(), "distance"),
                tuple(fewest),
                f"{told.of}. Within noise: neither is the share shown lower (randomisation paired by picture, Holm "
                f"over {len(made) - 1} tests) nor the distance shown larger (95% "
                "of a bootstrap over pictures, about the estimate). Calls of the denoiser: Heun asks twice a step.",
            ),
            "true": Table(told.share, heads, by_steps(true), f"{told.of}. {marked}."),
            "distance": Table(
                "Fréchet distance", heads, by_steps(far),
                f"To as many real pictures of the same; of another set of these it is {other:.3f}. {marked}.",
            ),
        },
        figures,
        {name: _plot(made, calls, samplers, told.share if name == "true" else "") for name in ("true", "far")},
    )  # fmt: skip


def _plot(
    made: Mapping[Way, Compared],
    calls: Mapping[Way, int],
    samplers: list[str],
    share: str,
) -> Svg:
    lines: list[Series] = []
    for sampler in samplers:
        ways = sorted((way for way in made if way[0] == sampler), key=lambda way: calls[way])
        values = [made[way].true if share else made[way].distance for way in ways]
        lines.append(
            Series(
                sampler,
                [float(calls[way]) for way in ways],
                [v.value for v in values],
                [v.low for v in values],
                [v.high for v in values],
            )
        )
    if share:
        return line_plot(
            f"{share}, by calls of the denoiser", lines,
            x_label="calls of the denoiser", y_label="share", log_x=True, y_range=(0, 1),
        )  # fmt: skip
    return line_plot(
        "How far from real pictures, by calls of the denoiser", lines,
        x_label="calls of the denoiser", y_label="Fréchet distance", log_x=True, log_y=True,
    )  # fmt: skip


def guided(shares: Mapping[tuple[float, str], Interval], steps: int) -> Table:
    """Of the part that settings are chosen on."""
    samplers = list(dict.fromkeys(sampler for _, sampler in shares))
    rows = tuple(
        (f"{guidance:g}", *(with_interval(shares[guidance, sampler]) for sampler in samplers))
        for guidance in dict.fromkeys(guidance for guidance, _ in shares)
    )
    count = next(iter(shares.values())).n
    heads = (Column("guidance"), *(Column(sampler, "right") for sampler in samplers))
    return Table("How much guidance", heads, rows, f"True captions of {count:,} of the validation part, {steps} steps.")
