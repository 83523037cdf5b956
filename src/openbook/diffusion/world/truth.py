"""Is a caption true of a picture? Each thing that is wrong is told in words.

A caption is true of a picture that shows what it asks for and no other shape. "left of" asks that every shape of the
first group stands further left than each of the second, and that the groups lie further apart that way than up or down.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from openbook.diffusion.world.captions import noun, number, things
from openbook.diffusion.world.parse import scene_of
from openbook.diffusion.world.read import Seen, seen_in
from openbook.diffusion.world.scene import RELATIONS, Colour, Group, Kind, Relation, Scene


@dataclass(frozen=True, slots=True)
class Verdict:
    """reasons: what is not as the caption says, a line each; none where it is true."""

    reasons: tuple[str, ...]

    @property
    def true(self) -> bool:
        return not self.reasons


def judged(picture: NDArray[np.floating], caption: str) -> Verdict:
    """Whether the caption is true of the picture. Raises DiffusionProblem for either that cannot be read."""
    return verdict(seen_in(picture), scene_of(caption))


def verdict(seen: Sequence[Seen], scene: Scene) -> Verdict:
    """The same of what was seen in a picture."""
    groups = [[one for one in seen if (one.kind, one.colour) == (g.kind, g.colour)] for g in scene.groups]
    reasons = [*_counts(scene, groups), *_others(seen, scene)]
    for group, found in zip(scene.groups, groups, strict=True):
        reasons += _sizes(group, found)
    if scene.relation is not None and all(groups):
        reasons += _relation(scene, scene.relation, groups[0], groups[1])
    return Verdict(tuple(reasons))


def _counts(scene: Scene, groups: Sequence[Sequence[Seen]]) -> list[str]:
    return [
        f"{things(len(found), group.colour, group.kind)} found, {number(group.count)} asked"
        for group, found in zip(scene.groups, groups, strict=True)
        if len(found) != group.count
    ]


def _others(seen: Sequence[Seen], scene: Scene) -> list[str]:
    """Shapes that nobody asked for, and what is no shape."""
    asked = {(group.kind, group.colour) for group in scene.groups}
    others: Counter[tuple[Kind | None, Colour | None]] = Counter(
        (one.kind, one.colour) for one in seen if (one.kind, one.colour) not in asked
    )
    told: list[str] = []
    for (kind, colour), count in others.items():
        if kind is not None and colour is not None:
            told.append(f"{things(count, colour, kind)} found, none asked")
        elif kind is not None:
            told.append(f"{number(count)} {noun(kind, count)} of unclear colour found")
        else:
            thing = "thing" if count == 1 else "things"
            told.append(f"{number(count)} {colour + ' ' if colour else ''}{thing} of unclear kind found")
    return told


def _sizes(group: Group, found: Sequence[Seen]) -> list[str]:
    wrong = [one for one in found if group.size is not None and one.size != group.size]
    if not wrong:
        return []
    verb = "is" if len(wrong) == 1 else "are"
    return [f"{things(len(wrong), group.colour, group.kind)} {verb} {wrong[0].size}, not {group.size}"]


def _relation(scene: Scene, relation: Relation, first: Sequence[Seen], second: Sequence[Seen]) -> list[str]:
    if _holds(relation, first, second):
        return []
    assert scene.second is not None
    names = [f"{g.colour} {noun(g.kind, len(f))}" for g, f in zip(scene.groups, (first, second), strict=True)]
    verb = "is" if len(first) == 1 else "are"
    held = [f"{other} {'it' if len(second) == 1 else 'them'}" for other in RELATIONS if _holds(other, first, second)]
    return [f"the {names[0]} {verb} not {relation} the {names[1]}, but {held[0] if held else 'no way clearly'}"]


def _holds(relation: Relation, first: Sequence[Seen], second: Sequence[Seen]) -> bool:
    places = [np.array([(one.x, one.y) for one in group]) for group in (first, second)]
    if relation in ("right of", "below"):
        places.reverse()
    if relation in ("above", "below"):
        places = [found[:, ::-1] for found in places]
    ahead, behind = places
    away = behind.mean(0) - ahead.mean(0)
    return bool(ahead[:, 0].max() < behind[:, 0].min() and away[0] > abs(away[1]))
