"""Which pictures train, and which combinations of attributes and a relation no training ever shows.

A combination is what stands where: colour and kind, relation, colour and kind; which of the two ways tells it, how many
there are and how large makes no difference. A digest puts it into a part, so that the parts are the same everywhere. A
group that stands alone has no combination and may train.
"""

from hashlib import sha256
from itertools import permutations, product
from typing import Literal, TypeAlias

from numpy.random import Generator

from openbook.diffusion.problems import DiffusionProblem
from openbook.diffusion.world.scene import COLOURS, KINDS, MOST, RELATIONS, SIZES, Group, Scene

Part: TypeAlias = Literal["training", "validation", "test"]

_TEST, _VALIDATION = 24, 30  # of a hundred: below 24 is for the test, from there to 30 for choosing settings
_ALONE, _SIZED = 0.25, 0.5


def combination(scene: Scene) -> str | None:
    """``red circle left of blue square``, told the canonical way; None for a group alone."""
    told = scene.canonical
    if told.second is None:
        return None
    return f"{told.first.colour} {told.first.kind} {told.relation} {told.second.colour} {told.second.kind}"


def part_of(scene: Scene) -> Part:
    """The part that the scene's combination belongs to."""
    told = combination(scene)
    if told is None:
        return "training"
    place = int.from_bytes(sha256(told.encode()).digest()[:8], "big") % 100
    return "test" if place < _TEST else "validation" if place < _VALIDATION else "training"


def combinations() -> tuple[Scene, ...]:
    """A scene of each combination, one shape a group."""
    attributes = [Group(kind, colour) for colour, kind in product(COLOURS, KINDS)]
    return tuple(
        Scene(first, relation, second)
        for relation in ("left of", "above")
        for first, second in permutations(attributes, 2)
    )


def drawn_scene(part: Part, rng: Generator) -> Scene:
    """A scene of this part at random; a quarter of the training's are groups alone."""
    for _ in range(10_000):
        if part == "training" and rng.random() < _ALONE:
            return Scene(_group(rng))
        first, second = _group(rng), _group(rng)
        if (first.kind, first.colour) == (second.kind, second.colour):
            continue
        scene = Scene(first, RELATIONS[int(rng.integers(len(RELATIONS)))], second)
        if part_of(scene) == part:
            return scene
    raise DiffusionProblem(f"no scene of the part {part!r} was drawn: it is training, validation or test")


def _group(rng: Generator) -> Group:
    size = SIZES[int(rng.integers(len(SIZES)))] if rng.random() < _SIZED else None
    kind, colour = KINDS[int(rng.integers(len(KINDS)))], COLOURS[int(rng.integers(len(COLOURS)))]
    return Group(kind, colour, int(rng.integers(1, MOST + 1)), size)
