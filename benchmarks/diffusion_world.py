"""Does the checker of the pictures' world err? Captions true by construction, and the same with one thing changed.

Every picture is rendered from a scene, and judged by its pixels alone on a caption that is true, phrased one of many
ways, and on captions in each of which one attribute is changed so that it is false. Pictures as rendered, and the same
softened and with noise, as a model may draw. Writes evidence/diffusion_world.json and
docs/diffusion-world.svg.
Run: python -m benchmarks.diffusion_world
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import product

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from benchmarks.data import ROOT
from benchmarks.publish import columns, publish
from openbook.diffusion.world.captions import phrased
from openbook.diffusion.world.layout import SIDE
from openbook.diffusion.world.parse import scene_of
from openbook.diffusion.world.read import seen_in
from openbook.diffusion.world.render import Picture, drawn
from openbook.diffusion.world.scene import COLOURS, KINDS, MOST, RELATIONS, SIZES, Group, Scene
from openbook.diffusion.world.sheet import sheet
from openbook.diffusion.world.splits import Part, drawn_scene
from openbook.diffusion.world.truth import verdict
from openbook.evaluate.intervals import wilson
from openbook.report.record import Figure
from openbook.report.svg import Svg
from openbook.report.tables import Table

SHEET = ROOT / "docs" / "diffusion-world.svg"
SEED, TAG, SHOWN_TAG = 47, 902, 903  # the checker's thresholds were chosen on other seeds
CHANGES = ("kind", "colour", "count", "size", "relation")
PARTS: tuple[Part, ...] = ("training", "test")


@dataclass(frozen=True, slots=True)
class Wear:
    """blur: the standard deviation of a Gaussian in pixels. noise: that of white noise, in a range from -1 to 1.

    pictures: how many are judged.
    """

    name: str
    blur: float
    noise: float
    pictures: int


WEARS = (Wear("as rendered", 0.0, 0.0, 12_000), Wear("slightly worn", 0.5, 0.05, 3_000), Wear("worn", 0.7, 0.1, 1_000))


def worn(picture: Picture, wear: Wear, rng: Generator) -> NDArray[np.float64]:
    """The picture softened, its border repeated, and with noise."""
    found = picture.astype(np.float64)
    if wear.blur:
        reach = 4
        weights = np.exp(-(np.arange(-reach, reach + 1) ** 2) / (2 * wear.blur**2))
        spread = np.zeros((SIDE, SIDE))
        for offset, weight in zip(range(-reach, reach + 1), weights / weights.sum(), strict=True):
            spread[np.arange(SIDE), np.clip(np.arange(SIDE) + offset, 0, SIDE - 1)] += weight
        found = spread @ found @ spread.T
    return np.clip(found + wear.noise * rng.standard_normal(found.shape), -1, 1)


def changed(scene: Scene, change: str, rng: Generator) -> Scene | None:
    """The scene with one thing changed, false of every picture of it; None where it has no such thing."""
    if change == "relation":
        if scene.relation is None or scene.second is None:
            return None
        others = [relation for relation in RELATIONS if relation != scene.relation]
        return Scene(scene.first, others[int(rng.integers(len(others)))], scene.second)
    place = int(rng.integers(len(scene.groups)))
    group, other = scene.groups[place], scene.groups[place - 1] if scene.second else None
    choices = [
        new for new in variants(group, change) if other is None or (new.kind, new.colour) != (other.kind, other.colour)
    ]
    if not choices:
        return None
    new = choices[int(rng.integers(len(choices)))]
    return Scene(new, scene.relation, scene.second) if place == 0 else Scene(scene.first, scene.relation, new)


def variants(group: Group, change: str) -> list[Group]:
    """The groups that differ from this one in that alone."""
    values = {"kind": KINDS, "colour": COLOURS, "count": range(1, MOST + 1), "size": SIZES if group.size else ()}[
        change
    ]
    held = getattr(group, change)
    return [replace(group, **{change: value}) for value in values if value != held]


Tally = dict[str, list[int]]


def measured(pictures: int, wear: Wear) -> Tally:
    """For true captions and for each change: how many were judged wrongly, of how many."""
    tally: Tally = {name: [0, 0] for name in ("true", *CHANGES)}
    rng = np.random.default_rng([SEED, WEARS.index(wear) + 1, TAG])
    for number in range(pictures):
        scene = drawn_scene(PARTS[number % len(PARTS)], rng)
        seen = seen_in(worn(drawn(scene, rng), wear, rng))
        add(tally["true"], not verdict(seen, scene_of(phrased(scene, rng))).true)
        for change in CHANGES:
            false = changed(scene, change, rng)
            if false is not None:
                add(tally[change], verdict(seen, false).true)
    return tally


def add(counts: list[int], wrong: bool) -> None:
    counts[0] += wrong
    counts[1] += 1


def rate(wrong: int, of: int) -> str:
    """``3 of 20,000: 0.015% (0.005–0.044)``"""
    found = wilson(wrong, of)
    return f"{wrong} of {of:,}: {found.value:.3%} ({100 * found.low:.3f}–{100 * found.high:.3f})"


def table(tallies: Sequence[Tally]) -> Table:
    rows = [("true, judged false", *(rate(*tally["true"]) for tally in tallies))]
    rows += [(f"{change} changed, judged true", *(rate(*tally[change]) for tally in tallies)) for change in CHANGES]
    return Table(
        title="Captions that the checker judged wrongly",
        columns=columns("caption", *(wear.name for wear in WEARS)),
        rows=rows,
        note="Share in percent with Wilson's 95% interval. Slightly worn: Gaussian blur of 0.5 pixels and white noise "
        "of 0.05 in a range of -1 to 1; worn: 0.7 and 0.1. Half the scenes are of combinations never trained on.",
    )


def shown() -> Svg:
    """Pictures of combinations never trained on; worn ones beside a false caption and what the checker says of it."""
    rng = np.random.default_rng([SEED, 1, SHOWN_TAG])
    pictures: list[Picture] = []
    captions: list[str] = []
    notes: list[str] = []
    for place in range(18):
        scene = drawn_scene("test", rng)
        wear = WEARS[0] if place < 12 else WEARS[1 + place % 2]
        picture = worn(drawn(scene, rng), wear, rng)
        told = scene if place < 12 else changed(scene, CHANGES[place % len(CHANGES)], rng) or scene
        found = verdict(seen_in(picture), told)
        pictures.append(picture.astype(np.float32))
        captions.append(phrased(told, rng))
        notes.append("true" if found.true else "; ".join(found.reasons))
    return sheet("Captions and what the checker finds", pictures, captions, notes=notes)


def main() -> None:
    tallies = [measured(wear.pictures, wear) for wear in WEARS]
    figures: list[Figure] = []
    for (wear, tally), what in product(zip(WEARS, tallies, strict=True), ("true", "changed")):
        counts = [tally["true"]] if what == "true" else [tally[change] for change in CHANGES]
        wrong, of = (sum(column) for column in zip(*counts, strict=True))
        found = wilson(wrong, of)
        figures.append(
            Figure(f"{what} captions judged wrongly, {wear.name}", found.value, "", found.low, found.high, of)
        )
    publish("diffusion_world", figures, {"checker": table(tallies)}, data=(), code=(), seeds=(SEED,))
    SHEET.write_text(shown().text, encoding="utf-8")


if __name__ == "__main__":
    main()
