"""Shapes stand inside the frame and apart, in the relation that was asked; pictures are what was laid out."""

from itertools import combinations

import numpy as np
import pytest
from drawn_worlds import pairs, scenes, seeds
from hypothesis import given, settings

from openbook.diffusion.world.form import FILL
from openbook.diffusion.world.layout import BORDER, GAP, LARGE, SIDE, SMALL, Placed, laid_out
from openbook.diffusion.world.render import ARM, RGB, coverage, drawn, rendered
from openbook.diffusion.world.scene import KINDS, Kind, Scene

WHOLE = slice(0, SIDE)


@given(scenes, seeds)
@settings(max_examples=300, deadline=None)
def test_shapes_are_as_asked_inside_the_frame_and_apart(scene: Scene, seed: int) -> None:
    shapes = laid_out(scene, np.random.default_rng([seed, 1]))
    wanted = [(group.kind, group.colour, group.size) for group in scene.groups for _ in range(group.count)]
    assert [(shape.kind, shape.colour) for shape in shapes] == [(kind, colour) for kind, colour, _ in wanted]
    for shape, (_, _, size) in zip(shapes, wanted, strict=True):
        low, high = {None: (SMALL[0], LARGE[1]), "small": SMALL, "large": LARGE}[size]
        assert low <= shape.extent <= high
        for middle in (shape.x, shape.y):
            assert middle - shape.extent / 2 >= BORDER - 1e-9
            assert middle + shape.extent / 2 <= SIDE - BORDER + 1e-9
    for one, other in combinations(shapes, 2):
        reach = (one.extent + other.extent) / 2
        assert max(abs(one.x - other.x), abs(one.y - other.y)) >= reach + GAP - 1e-9


@given(pairs(), seeds)
@settings(max_examples=300, deadline=None)
def test_the_relation_holds_of_every_two_shapes_and_no_other_could_be_meant(scene: Scene, seed: int) -> None:
    shapes = laid_out(scene, np.random.default_rng([seed, 1]))
    first, second = shapes[: scene.first.count], shapes[scene.first.count :]
    if scene.relation in ("right of", "below"):
        first, second = second, first
    across = scene.relation in ("left of", "right of")
    ends = [(one.x if across else one.y) + one.extent / 2 for one in first]
    starts = [(one.x if across else one.y) - one.extent / 2 for one in second]
    assert max(ends) + GAP <= min(starts) + 1e-9
    away = np.mean([(one.x, one.y) for one in second], 0) - np.mean([(one.x, one.y) for one in first], 0)
    along, aside = away if across else away[::-1]
    assert along >= abs(aside) + 3 - 1e-9


@pytest.mark.parametrize("kind", KINDS)
def test_what_a_shape_covers_is_its_area(kind: Kind) -> None:
    rng = np.random.default_rng([5, 1])
    for _ in range(50):
        x, y = rng.uniform(8, 24, 2)
        extent = float(rng.uniform(SMALL[0], LARGE[1]))
        share = coverage(Placed(kind, "red", float(x), float(y), extent), WHOLE, WHOLE)
        assert share.min() >= 0
        assert share.max() <= 1
        assert share.sum() == pytest.approx(FILL[kind] * extent**2, rel=0.015)
        rows, columns = np.nonzero(share)
        assert (abs(rows + 0.5 - y) <= extent / 2 + 0.5).all()
        assert (abs(columns + 0.5 - x) <= extent / 2 + 0.5).all()


def test_a_square_that_fills_pixels_covers_them_wholly_and_no_other() -> None:
    share = coverage(Placed("square", "red", 10.0, 12.0, 6.0), WHOLE, WHOLE)
    expected = np.zeros((SIDE, SIDE))
    expected[9:15, 7:13] = 1
    np.testing.assert_array_equal(share, expected)


def test_a_cross_has_four_arms_and_a_triangle_points_upwards() -> None:
    cross = coverage(Placed("cross", "red", 16.0, 16.0, 12.0), WHOLE, WHOLE)
    np.testing.assert_allclose(cross, cross[::-1], atol=1e-12)
    np.testing.assert_allclose(cross, cross[:, ::-1], atol=1e-12)
    np.testing.assert_allclose(cross, cross.T, atol=1e-12)
    assert cross[10, 10] == 0
    assert cross[10, 15] == cross[15, 10] == 1
    triangle = coverage(Placed("triangle", "red", 16.0, 16.0, 12.0), WHOLE, WHOLE)
    assert (np.diff(triangle.sum(1)[10:22]) > 0).all()


@pytest.mark.parametrize("kind", KINDS)
def test_coverage_is_what_counting_points_gives(kind: Kind) -> None:
    """By another rule: 40 x 40 points in every pixel, each inside or not."""
    x0, y0, extent, points = 16.3, 15.2, 9.7, 40
    places = (np.arange(SIDE * points) + 0.5) / points
    x, y = np.meshgrid((places - x0) / extent, (places - y0) / extent)
    box = (abs(x) <= 0.5) & (abs(y) <= 0.5)
    inside = {
        "circle": np.hypot(x, y) <= 0.5,
        "square": box,
        "triangle": box & (2 * abs(x) <= y + 0.5),
        "cross": box & ((abs(x) <= ARM / 2) | (abs(y) <= ARM / 2)),
    }[kind]
    counted = inside.reshape(SIDE, points, SIDE, points).mean((1, 3))
    np.testing.assert_allclose(coverage(Placed(kind, "red", x0, y0, extent), WHOLE, WHOLE), counted, atol=0.05)


@given(scenes, seeds)
@settings(max_examples=40, deadline=None)
def test_a_picture_is_in_range_and_the_same_for_a_seed(scene: Scene, seed: int) -> None:
    picture, again = (drawn(scene, np.random.default_rng([seed, 1])) for _ in range(2))
    assert picture.shape == (3, SIDE, SIDE)
    assert picture.dtype == np.float32
    assert abs(picture).max() <= 1
    np.testing.assert_array_equal(picture, again)


def test_a_shape_has_its_colour_and_the_paper_is_light() -> None:
    for colour, rgb in RGB.items():
        picture = rendered([Placed("square", colour, 16.0, 16.0, 10.0)], np.random.default_rng([7, 1]))
        seen = (picture + 1) / 2
        np.testing.assert_allclose(
            seen[:, 12:20, 12:20], np.broadcast_to(np.reshape(rgb, (3, 1, 1)), (3, 8, 8)), atol=0.031
        )
        assert seen[:, :9].min() > 0.8
