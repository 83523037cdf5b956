"""Every phrasing of a scene is understood as that scene; what tells no scene is named in one line."""

import re

import numpy as np
import pytest
from drawn_worlds import pairs, scenes, seeds
from hypothesis import given, settings
from hypothesis import strategies as st

from openbook.diffusion.problems import DiffusionProblem
from openbook.diffusion.world.captions import caption, phrased
from openbook.diffusion.world.parse import LONGEST, scene_of
from openbook.diffusion.world.scene import COLOURS, KINDS, Group, Scene
from openbook.diffusion.world.words import KNOWN


@given(scenes, seeds)
@settings(max_examples=300, deadline=None)
def test_every_phrasing_is_read_as_its_scene(scene: Scene, seed: int) -> None:
    assert scene_of(caption(scene)) == scene
    said = phrased(scene, np.random.default_rng([seed, 1]))
    assert scene_of(said).canonical == scene.canonical
    assert len(said) <= LONGEST
    assert set(said.split()) <= KNOWN


@given(pairs())
def test_the_other_way_to_tell_it_is_the_same_scene(scene: Scene) -> None:
    assert scene.turned != scene
    assert scene.turned.turned == scene
    assert scene.turned.canonical == scene.canonical
    assert scene_of(caption(scene.turned)).canonical == scene.canonical


def test_there_are_many_phrasings() -> None:
    rng = np.random.default_rng([3, 1])
    scene = scene_of("two small red circles left of an orange cross")
    assert len({phrased(scene, rng) for _ in range(400)}) > 100


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("a red circle left of a blue square", Scene(Group("circle", "red"), "left of", Group("square", "blue"))),
        (
            "Two green triangles above a yellow square.",
            Scene(Group("triangle", "green", 2), "above", Group("square", "yellow")),
        ),
        ("a small purple square", Scene(Group("square", "purple", 1, "small"))),
        ("three orange circles", Scene(Group("circle", "orange", 3))),
        ("orange circle", Scene(Group("circle", "orange"))),
        (
            "the red circle is above the two blue squares",
            Scene(Group("circle", "red"), "above", Group("square", "blue", 2)),
        ),
        (
            "below 2 big red crosses there is an orange square",
            Scene(Group("square", "orange"), "below", Group("cross", "red", 2, "large")),
        ),
        (
            "a red circle on the left, and a blue square on the right",
            Scene(Group("circle", "red"), "left of", Group("square", "blue")),
        ),
        (
            "a red circle is on the left of one blue square",
            Scene(Group("circle", "red"), "left of", Group("square", "blue")),
        ),
    ],
)
def test_captions_mean_what_they_say(said: str, meant: Scene) -> None:
    assert scene_of(said) == meant


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ("", "empty"),
        ("a red circle " * 20, "200 or fewer"),
        ("a crimson circle", "no word 'crimson'"),
        ("a red dog", "no word 'dog'"),
        ("four red circles", "'four' is not a number of shapes"),
        ("17 red circles", "'17' is not a number of shapes"),
        ("two red circle", "'two' and 'circle' do not agree"),
        ("a red circles", "'a' and 'circles' do not agree"),
        ("red circles", "say how many"),
        ("a red", "a shape comes after 'a red'"),
        ("a circle", "a colour comes after 'a'"),
        ("a red circle a blue square", "how the shapes lie comes after 'a red circle'"),
        ("a red circle is", "how the shapes lie comes after 'a red circle is'"),
        ("a red circle left of", "a colour comes after"),
        ("a red circle on the left and a blue square at the top", "on the right"),
        ("a red circle left of a blue square above a green cross", "'above a green cross' does"),
        ("a red circle above a red circle", "change one's colour or kind"),
        ("a\x1b[31m red circle", "no word"),
    ],
)
def test_what_tells_no_scene_is_named_in_one_line(said: str, told: str) -> None:
    with pytest.raises(DiffusionProblem, match=re.escape(told)) as raised:
        scene_of(said)
    assert "\n" not in str(raised.value)
    assert str(raised.value).isprintable()


@pytest.mark.parametrize(("wrong", "right"), [("sqare", "square"), ("purpel", "purple"), ("beneeth", "beneath")])
def test_the_closest_word_is_named_first_and_the_others_follow(wrong: str, right: str) -> None:
    with pytest.raises(DiffusionProblem) as raised:
        scene_of(f"a red circle {wrong}")
    _, _, words = str(raised.value).partition("closest first: ")
    listed = words.split(", ")
    assert listed[0] == right
    assert set(listed) >= {*COLOURS, *KINDS, "above", "below", "left of", "right of", "small", "large", "two", "three"}


@given(st.text(max_size=2 * LONGEST) | st.lists(st.sampled_from(sorted(KNOWN)), max_size=12).map(" ".join))
@settings(max_examples=300)
def test_any_text_is_a_scene_or_one_line(text: str) -> None:
    try:
        found = caption(scene_of(text))
    except DiffusionProblem as problem:
        found = str(problem)
    else:
        assert caption(scene_of(found)) == found
    assert found.isprintable()


@pytest.mark.parametrize("count", [0, 4])
def test_a_group_is_bounded(count: int) -> None:
    with pytest.raises(DiffusionProblem, match="1 to 3"):
        Group("circle", "red", count)


def test_a_relation_needs_two_groups() -> None:
    with pytest.raises(DiffusionProblem, match="two groups"):
        Scene(Group("circle", "red"), "above")
