"""Captions written: many ways to say one scene, all of which ``parse.py`` understands.

``caption`` is the plain way, ``two green triangles above a yellow square``. ``phrased`` draws one of the others: told
from either group, with synonyms, by places ("... on the left and ... on the right") or with the relation first.
"""

from collections.abc import Sequence

from numpy.random import Generator

from openbook.diffusion.world.scene import Colour, Group, Kind, Relation, Scene
from openbook.diffusion.world.words import COUNT_WORDS, PLACE_PHRASES, PLURALS, RELATION_PHRASES, SIZE_WORDS


def caption(scene: Scene) -> str:
    """The scene as it is told, in the plainest words."""
    first = group_words(scene.first)
    if scene.second is None:
        return first
    return f"{first} {scene.relation} {group_words(scene.second)}"


def plainly(scene: Scene) -> str:
    """``caption`` from the group that stands left or above, so that each picture is told in one way alone."""
    return caption(scene.canonical)


def phrased(scene: Scene, rng: Generator) -> str:
    """One way of many to say it, in small letters and without a full stop."""
    if scene.relation is None:
        return _opened(scene, rng) + _group(scene.first, rng)
    told = scene if rng.random() < 0.5 else scene.turned
    way = rng.random()
    if way < 0.7 or told.second is None or told.relation is None:
        return _between(told, rng)
    return _placed(told, rng) if way < 0.85 else _relation_first(told, rng)


def group_words(group: Group) -> str:
    """``two small green triangles``"""
    words = [*([group.size] if group.size else []), group.colour, noun(group.kind, group.count)]
    return f"{_counted(group.count, words[0])} {' '.join(words)}"


def noun(kind: Kind, count: int) -> str:
    """``cross`` or ``crosses``"""
    return kind if count == 1 else PLURALS[kind]


def things(count: int, colour: Colour, kind: Kind) -> str:
    """``one red circle``, ``no red circles``: as counts are told."""
    return f"{number(count)} {colour} {noun(kind, count)}"


def number(count: int) -> str:
    """``no``, ``one``, ``two``, ``three``, ``4``"""
    return {0: "no", 1: "one", 2: "two", 3: "three"}.get(count, str(count))


def _counted(count: int, following: str) -> str:
    if count > 1:
        return number(count)
    return "an" if following[0] in "aeiou" else "a"


def _group(group: Group, rng: Generator) -> str:
    words = [group.colour, noun(group.kind, group.count)]
    if group.size:
        words.insert(0, _one([word for word, size in SIZE_WORDS.items() if size == group.size], rng))
    plain = rng.random() < 0.75
    numbers = [word for word, count in COUNT_WORDS.items() if count == group.count and word not in ("a", "an")]
    return " ".join([_counted(group.count, words[0]) if plain else _one(numbers, rng), *words])


def _between(scene: Scene, rng: Generator) -> str:
    """``A above B``, ``A is above B``, ``a picture of A above B``"""
    assert scene.second is not None
    opening = _opened(scene, rng)
    verb = "" if opening or rng.random() < 0.6 else f"{_verb(scene.first)} "  # there is no "a picture of A is above B"
    return f"{opening}{_group(scene.first, rng)} {verb}{_relation(scene.relation, rng)} {_group(scene.second, rng)}"


def _placed(scene: Scene, rng: Generator) -> str:
    """``A at the top and B at the bottom``"""
    assert scene.second is not None
    places = {relation: place for place, relation in PLACE_PHRASES.items()}
    first, second = _group(scene.first, rng), _group(scene.second, rng)
    assert scene.relation is not None
    assert scene.turned.relation is not None
    return f"{first} {places[scene.relation]} and {second} {places[scene.turned.relation]}"


def _relation_first(scene: Scene, rng: Generator) -> str:
    """``above B is A``, ``to the left of B there are A``"""
    assert scene.second is not None
    there = "there " if rng.random() < 0.5 else ""
    relation = _relation(scene.relation, rng)
    return f"{relation} {_group(scene.second, rng)} {there}{_verb(scene.first)} {_group(scene.first, rng)}"


def _opened(scene: Scene, rng: Generator) -> str:
    drawn = rng.random()
    if drawn < 0.7:
        return ""
    return "a picture of " if drawn < 0.85 else f"there {_verb(scene.first)} "


def _verb(group: Group) -> str:
    return "is" if group.count == 1 else "are"


def _relation(relation: Relation | None, rng: Generator) -> str:
    return _one([phrase for phrase, meant in RELATION_PHRASES.items() if meant == relation], rng)


def _one(choices: Sequence[str], rng: Generator) -> str:
    return choices[int(rng.integers(len(choices)))]
