"""What is never trained on: at least a fifth, the same everywhere, and no word or pair of words is lost by it."""

from collections import Counter
from itertools import product

import numpy as np
import pytest
from drawn_worlds import alone, pairs
from hypothesis import given

from openbook.diffusion.problems import DiffusionProblem
from openbook.diffusion.world.scene import COLOURS, KINDS, RELATIONS, Group, Scene
from openbook.diffusion.world.splits import combination, combinations, drawn_scene, part_of


def test_at_least_a_fifth_is_for_the_test_and_some_for_choosing() -> None:
    parts = Counter(part_of(scene) for scene in combinations())
    assert sum(parts.values()) == len({combination(scene) for scene in combinations()}) == 24 * 23 * 2
    assert parts["test"] >= 0.2 * sum(parts.values())
    assert 0.03 <= parts["validation"] / sum(parts.values()) <= 0.1


@pytest.mark.parametrize("part", ["training", "validation", "test"])
def test_every_word_is_in_every_part_with_every_relation_on_either_side(part: str) -> None:
    """Of the pairs of attribute and relation, those of training must all be there; of the others each word alone."""
    told = [way for scene in combinations() if part_of(scene) == part for way in (scene, scene.turned)]
    sides = {
        (side, attribute, scene.relation)
        for scene in told
        for side, group in enumerate(scene.groups)
        for attribute in (group.kind, group.colour)
    }
    assert sides == set(product((0, 1), (*KINDS, *COLOURS), RELATIONS))


def test_every_colour_of_every_kind_trains_with_every_relation_on_either_side() -> None:
    told = [way for scene in combinations() if part_of(scene) == "training" for way in (scene, scene.turned)]
    seen = {
        (side, group.colour, group.kind, scene.relation) for scene in told for side, group in enumerate(scene.groups)
    }
    assert seen == set(product((0, 1), COLOURS, KINDS, RELATIONS))


@given(pairs())
def test_neither_the_telling_nor_counts_nor_sizes_change_the_part(scene: Scene) -> None:
    assert part_of(scene.turned) == part_of(scene)
    assert scene.second is not None
    bare = Scene(
        Group(scene.first.kind, scene.first.colour), scene.relation, Group(scene.second.kind, scene.second.colour)
    )
    assert part_of(bare) == part_of(scene)


@given(alone)
def test_a_group_alone_trains(scene: Scene) -> None:
    assert combination(scene) is None
    assert part_of(scene) == "training"


def test_the_parts_do_not_change() -> None:
    """Golden: a model trained elsewhere was kept from the same combinations."""
    found = {combination(scene): part_of(scene) for scene in combinations()}
    assert found["red circle left of blue square"] == "training"
    assert found["green triangle above yellow square"] == "test"
    assert found["red circle left of red cross"] == "validation"


def test_scenes_are_drawn_of_their_part_alone() -> None:
    rng = np.random.default_rng([19, 1])
    for part in ("training", "validation", "test"):
        drawn = [drawn_scene(part, rng) for _ in range(150)]
        assert {part_of(scene) for scene in drawn} == {part}
        assert (None in {scene.relation for scene in drawn}) == (part == "training")
    with pytest.raises(DiffusionProblem, match="training, validation or test"):
        drawn_scene("other", rng)
