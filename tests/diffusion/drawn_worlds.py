"""Scenes for the tests of the pictures' world."""

from hypothesis import strategies as st

from openbook.diffusion.world.scene import COLOURS, KINDS, MOST, RELATIONS, SIZES, Group, Scene

groups = st.builds(
    Group, st.sampled_from(KINDS), st.sampled_from(COLOURS), st.integers(1, MOST), st.sampled_from((None, *SIZES))
)
alone = st.builds(Scene, groups)


@st.composite
def pairs(draw: st.DrawFn) -> Scene:
    """Two groups; the second takes the next colour where it would be like the first."""
    first, second = draw(groups), draw(groups)
    if (first.kind, first.colour) == (second.kind, second.colour):
        colour = COLOURS[(COLOURS.index(second.colour) + 1) % len(COLOURS)]
        second = Group(second.kind, colour, second.count, second.size)
    return Scene(first, draw(st.sampled_from(RELATIONS)), second)


scenes = st.one_of(alone, pairs())
seeds = st.integers(0, 2**32)
