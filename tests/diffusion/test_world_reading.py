"""The checker finds a true caption true, on worn pictures too, and any one thing changed makes it false and is told."""

from collections.abc import Sequence

import numpy as np
import pytest
from drawn_worlds import scenes, seeds
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks.diffusion_world import CHANGES, WEARS, Wear, changed, worn
from openbook.diffusion.problems import DiffusionProblem
from openbook.diffusion.world.layout import SIDE, Placed, laid_out
from openbook.diffusion.world.oklab import nearest_colour, oklab
from openbook.diffusion.world.read import seen_in
from openbook.diffusion.world.render import RGB, Picture, coverage, drawn, rendered
from openbook.diffusion.world.scene import COLOURS, KINDS, Colour, Scene
from openbook.diffusion.world.segment import connected
from openbook.diffusion.world.truth import judged, verdict


def picture_of(*shapes: Placed) -> Picture:
    return rendered(shapes, np.random.default_rng([11, 1]))


@given(scenes, seeds, st.sampled_from(WEARS[:2]))
@settings(max_examples=80, deadline=None)
def test_a_true_caption_is_true_and_one_with_a_thing_changed_is_false(scene: Scene, seed: int, wear: Wear) -> None:
    rng = np.random.default_rng([seed, 1])
    seen = seen_in(worn(drawn(scene, rng), wear, rng))
    assert verdict(seen, scene).reasons == ()
    assert verdict(seen, scene.turned).true
    for change in CHANGES:
        false = changed(scene, change, rng)
        assert false is None or not verdict(seen, false).true


@given(scenes, seeds)
@settings(max_examples=40, deadline=None)
def test_shapes_are_found_where_they_were_put(scene: Scene, seed: int) -> None:
    rng = np.random.default_rng([seed, 1])
    shapes = laid_out(scene, rng)
    seen = list(seen_in(rendered(shapes, rng)))
    assert len(seen) == len(shapes)
    for shape in shapes:
        below = shape.extent / 6 if shape.kind == "triangle" else 0
        near = min(seen, key=lambda one: abs(one.x - shape.x) + abs(one.y - shape.y - below))
        assert (near.kind, near.colour) == (shape.kind, shape.colour)
        assert (near.x, near.y) == pytest.approx((shape.x, shape.y + below), abs=0.3)
        assert near.extent == pytest.approx(shape.extent, abs=0.5)


RED, BLUE = Placed("circle", "red", 8.0, 16.0, 9.0), Placed("square", "blue", 23.0, 15.0, 9.0)


@pytest.mark.parametrize(
    ("shapes", "said", "told"),
    [
        ([RED, BLUE], "a red circle left of a blue square", ()),
        ([RED, BLUE], "a large blue square right of a red circle", ()),
        (
            [RED, BLUE],
            "a red circle right of a blue square",
            ("the red circle is not right of the blue square, but left of it",),
        ),
        (
            [RED, BLUE],
            "a red circle above a blue square",
            ("the red circle is not above the blue square, but left of it",),
        ),
        ([RED, BLUE], "a red circle", ("one blue square found, none asked",)),
        ([RED], "a small red circle", ("one red circle is large, not small",)),
        (
            [RED, BLUE],
            "two red circles left of a blue square",
            ("one red circle found, two asked",),
        ),
        (
            [RED, BLUE],
            "a red circle left of a blue triangle",
            ("no blue triangles found, one asked", "one blue square found, none asked"),
        ),
        ([], "three green crosses", ("no green crosses found, three asked",)),
    ],
)
def test_what_is_wrong_is_told(shapes: Sequence[Placed], said: str, told: tuple[str, ...]) -> None:
    assert judged(picture_of(*shapes), said).reasons == told


def test_of_a_diagonal_the_longer_way_counts() -> None:
    red, blue = Placed("circle", "red", 8.0, 8.0, 6.0), Placed("square", "blue", 22.0, 22.1, 6.0)
    found = judged(picture_of(red, blue), "a red circle left of a blue square")
    assert found.reasons == ("the red circle is not left of the blue square, but above it",)
    among = Placed("circle", "red", 23.0, 8.0, 6.0)
    found = judged(picture_of(red, blue, among), "two red circles left of a blue square")
    assert not found.true


@pytest.mark.parametrize("colour", COLOURS)
def test_touching_shapes_of_two_colours_are_two(colour: Colour) -> None:
    other: Colour = "blue" if colour in ("red", "orange", "yellow") else "yellow"
    seen = seen_in(picture_of(Placed("square", colour, 10.0, 16.0, 8.0), Placed("square", other, 18.0, 16.0, 8.0)))
    assert {(one.kind, one.colour) for one in seen} == {("square", colour), ("square", other)}


def test_what_is_none_of_the_kinds_is_unclear() -> None:
    """A ring, a bar, and two discs that touch: drawn as shapes over shapes in the paper's place."""
    picture = picture_of(Placed("circle", "red", 16.0, 16.0, 12.0))
    paper = picture[:, 0, 0]
    ring = picture.copy()
    ring[:, 13:19, 13:19] = paper[:, None, None]
    bar = picture_of(*(Placed("square", "red", x, 16.0, 8.0) for x in (8.0, 15.0, 22.0)))
    touching = picture_of(*(Placed("circle", "red", x, 16.0, 8.0) for x in (12.0, 19.0)))
    for odd in (ring, bar, touching):
        (one,) = seen_in(odd)
        assert one.kind is None
        assert judged(odd, "a red circle").reasons == (
            "no red circles found, one asked",
            "one red thing of unclear kind found",
        )


@pytest.mark.parametrize("rgb", [(0.45, 0.25, 0.1), (0.05, 0.35, 0.12), (0.1, 0.1, 0.1)])
def test_a_circle_in_none_of_the_colours_is_of_unclear_colour(rgb: tuple[float, float, float]) -> None:
    """Brown, a dark green, black."""
    share = coverage(Placed("circle", "blue", 16.0, 16.0, 12.0), slice(0, SIDE), slice(0, SIDE))
    picture = 2 * (0.93 + share * (np.reshape(rgb, (3, 1, 1)) - 0.93)) - 1
    (one,) = seen_in(picture)
    assert (one.kind, one.colour) == ("circle", None)
    assert judged(picture, "a blue circle").reasons == (
        "no blue circles found, one asked",
        "one circle of unclear colour found",
    )


def test_blank_paper_shows_nothing_and_noise_nothing_asked_for() -> None:
    rng = np.random.default_rng([13, 1])
    assert seen_in(picture_of()) == ()
    assert not judged(rng.uniform(-1, 1, (3, SIDE, SIDE)), "a red circle").true


@pytest.mark.parametrize("rgb", [*RGB.values(), (0.0, 0.0, 0.0)])
def test_a_ground_that_is_not_light_is_no_paper(rgb: tuple[float, float, float]) -> None:
    ground = np.broadcast_to(np.reshape(rgb, (3, 1, 1)) * 2.0 - 1, (3, SIDE, SIDE))
    for picture in (ground, np.where(np.arange(SIDE) < 12, 0.9, ground)):
        assert [one.kind for one in seen_in(picture)] == [None]


@pytest.mark.parametrize("bad", [np.zeros((3, 31, 32)), np.zeros((32, 32, 3)), np.full((3, 32, 32), np.nan)])
def test_what_is_no_picture_of_the_world_is_refused(bad: np.ndarray) -> None:
    with pytest.raises(DiffusionProblem, match="finite"):
        seen_in(bad)


def test_oklab_is_ottossons() -> None:
    """White, and red as he gives it."""
    np.testing.assert_allclose(oklab(np.array([1.0, 1.0, 1.0])), [1, 0, 0], atol=1e-6)
    np.testing.assert_allclose(oklab(np.array([1.0, 0.0, 0.0])), [0.627955, 0.224863, 0.125846], atol=1e-5)
    assert [nearest_colour(np.array(RGB[colour])) for colour in COLOURS] == list(COLOURS)
    assert nearest_colour(np.array([0.5, 0.5, 0.5])) is None


@given(st.integers(0, 2**32), st.floats(0.2, 0.8))
@settings(max_examples=40, deadline=None)
def test_components_are_as_scipy_labels_them(seed: int, share: float) -> None:
    ndimage = pytest.importorskip("scipy.ndimage")
    covered = np.random.default_rng([seed, 1]).random((13, 9)) < share
    np.testing.assert_array_equal(connected(covered), ndimage.label(covered)[0])


def test_every_kind_is_told_from_every_other_at_every_extent() -> None:
    rng = np.random.default_rng([17, 1])
    for kind in KINDS:
        for extent in np.linspace(5.4, 12, 12):
            x, y = rng.uniform(8, 24, 2)
            (one,) = seen_in(rendered([Placed(kind, "green", float(x), float(y), float(extent))], rng))
            assert one.kind == kind
